"""Profiles and scores, the churn model, alerts, playbooks."""

from health.models.alerts import Alert, AlertComment, AlertRule, HealthPolicy
from health.models.churn import Backtest, ChurnModel
from health.models.playbooks import Playbook, PlaybookCase, PlaybookRun, PlaybookStep, PlaybookTask
from health.models.scores import AccountHealth, HealthPoint, HealthProfile, HealthRun

__all__ = [
    "AccountHealth",
    "Alert",
    "AlertComment",
    "AlertRule",
    "Backtest",
    "ChurnModel",
    "HealthPoint",
    "HealthPolicy",
    "HealthProfile",
    "HealthRun",
    "Playbook",
    "PlaybookCase",
    "PlaybookRun",
    "PlaybookStep",
    "PlaybookTask",
]
