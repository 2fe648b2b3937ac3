"""Doors for the schedule, and for what is to be done right after a click."""

from __future__ import annotations

import logging

from celery import shared_task
from django.utils import timezone

from audit.services import audit_context
from health.errors import HealthRunOlder
from health.services import alert_watch, backtests, jobs, training

logger = logging.getLogger(__name__)


@shared_task
def train_if_due() -> None:
    """Every night: learn the churn model anew where it is time to. A second call on the same day changes nothing."""
    now = timezone.now()
    with audit_context("job"):
        training.train_if_due(timezone.localdate(now), now)


@shared_task
def train_model(pk: int) -> None:
    """Learn the model that somebody asked for, if that is still to do."""
    with audit_context("job"):
        training.run_training(pk, timezone.now())


@shared_task
def run_backtest(pk: int) -> None:
    """Answer a backtest, if that is still to do. Any number of messages for one do no harm."""
    with audit_context("job"):
        backtests.run_backtest(pk, timezone.now)


@shared_task
def sweep_questions() -> None:
    """Every minute: ring again for trainings and backtests that wait, or whose worker died."""
    now = timezone.now()
    for pk in training.due_trainings(now):
        train_model.delay(pk)
    for pk in backtests.due_backtests(now):
        run_backtest.delay(pk)


@shared_task
def run_health() -> None:
    """Every night: score all accounts, raise alerts, watch playbooks. A second call on the same day changes nothing,
    one that was killed goes on; a clock that was set back does nothing but say so."""
    now = timezone.now()
    with audit_context("job"):
        try:
            jobs.run_health(timezone.localdate(now), now)
        except HealthRunOlder as refusal:
            logger.error("The nightly scoring was refused: %s", refusal)


@shared_task
def resume_health() -> None:
    """Every 15 minutes: go on with a night that was begun and not ended, as when its worker died."""
    now = timezone.now()
    if jobs.is_unfinished(timezone.localdate(now)):
        with audit_context("job"):
            jobs.run_health(timezone.localdate(now), now)


@shared_task
def watch_alerts() -> None:
    """Wake, hand over and escalate alerts: deadlines are hours, so this does not wait for the night."""
    with audit_context("job"):
        alert_watch.watch_alerts(timezone.now())
