"""The closed lists of health, alerts and playbooks, in the field's words."""

from django.db import models
from django.utils.translation import pgettext_lazy

from accounts.choices import HealthBand

Band = HealthBand
"""What a score means; the bounds between the bands are the profile's. Lists of accounts show it too."""


class SignalGroup(models.TextChoices):
    """What the signals are about; a profile weighs the groups, and the signals within one."""

    BUYING = "buying", pgettext_lazy("signals", "Buying")
    CONTACT = "contact", pgettext_lazy("signals", "Contact")
    SATISFACTION = "satisfaction", pgettext_lazy("signals", "Satisfaction")
    CONTRACTS = "contracts", pgettext_lazy("signals", "Contracts and payment")
    RELATIONSHIP = "relationship", pgettext_lazy("signals", "Relationship")


class Direction(models.TextChoices):
    """On which side of its bound a signal's value is bad."""

    HIGH_IS_BAD = "high", pgettext_lazy("signals", "High is bad")
    LOW_IS_BAD = "low", pgettext_lazy("signals", "Low is bad")


class RunStage(models.TextChoices):
    """How far a nightly run is: what is before this stage is done and stored."""

    SCORING = "scoring", pgettext_lazy("of a health run", "Scoring")
    ALERTING = "alerting", pgettext_lazy("of a health run", "Alerting")
    DONE = "done", pgettext_lazy("of a health run", "Done")


class Reason(models.TextChoices):
    """Why there is an alert: one open alert per account and reason."""

    CHURN_RISK = "churn_risk", pgettext_lazy("alert", "Likely to leave")
    ORDER_GAP = "order_gap", pgettext_lazy("alert", "Orders stopped")
    REVENUE_DECLINE = "revenue_decline", pgettext_lazy("alert", "Revenue falls")
    BUSINESS_CHURN = "business_churn", pgettext_lazy("alert", "Product lines dropped")
    UNHAPPY = "unhappy", pgettext_lazy("alert", "Unhappy")
    NEGLECTED = "neglected", pgettext_lazy("alert", "No contact within the cadence")
    CONTACT_LEFT = "contact_left", pgettext_lazy("alert", "Key contact left")
    RENEWAL_AT_RISK = "renewal_at_risk", pgettext_lazy("alert", "Renewal at risk")
    OVERDUE_PAYMENT = "overdue_payment", pgettext_lazy("alert", "Payment overdue")
    STAGE_INTERRUPTED = "stage_interrupted", pgettext_lazy("alert", "Relationship interrupted")
    OTHER = "other", pgettext_lazy("alert", "Other reason")


class Severity(models.IntegerChoices):
    """From probability × value (`health.ranking`)."""

    LOW = 1, pgettext_lazy("severity", "Low")
    MEDIUM = 2, pgettext_lazy("severity", "Medium")
    HIGH = 3, pgettext_lazy("severity", "High")
    CRITICAL = 4, pgettext_lazy("severity", "Critical")


class AlertStatus(models.TextChoices):
    """`held`: it fired, but the owner has as many open alerts as the policy lets through; it is counted and shown."""

    HELD = "held", pgettext_lazy("of an alert", "Held back")
    OPEN = "open", pgettext_lazy("of an alert", "Open")
    ACKNOWLEDGED = "acknowledged", pgettext_lazy("of an alert", "Acknowledged")
    SNOOZED = "snoozed", pgettext_lazy("of an alert", "Snoozed")
    RESOLVED = "resolved", pgettext_lazy("of an alert", "Resolved")


class AlertOutcome(models.TextChoices):
    """`withdrawn` is the system's: the account was terminated, or the rule is gone, before anybody could act."""

    SAVED = "saved", pgettext_lazy("outcome of an alert", "Saved")
    LOST = "lost", pgettext_lazy("outcome of an alert", "Lost")
    FALSE_ALARM = "false_alarm", pgettext_lazy("outcome of an alert", "False alarm")
    WITHDRAWN = "withdrawn", pgettext_lazy("outcome of an alert", "Withdrawn")


class LostCause(models.TextChoices):
    """Why a customer was lost."""

    COMPETITOR = "competitor", pgettext_lazy("cause of a loss", "Competitor")
    PRICE = "price", pgettext_lazy("cause of a loss", "Price")
    QUALITY = "quality", pgettext_lazy("cause of a loss", "Quality")
    DELIVERY = "delivery", pgettext_lazy("cause of a loss", "Delivery")
    SERVICE = "service", pgettext_lazy("cause of a loss", "Service")
    CONTACT_LEFT = "contact_left", pgettext_lazy("cause of a loss", "Our contact left")
    NO_NEED = "no_need", pgettext_lazy("cause of a loss", "No need any more")
    INSOLVENCY = "insolvency", pgettext_lazy("cause of a loss", "Insolvency")
    OTHER = "other", pgettext_lazy("cause of a loss", "Other")


class StepRole(models.TextChoices):
    """Who does a step of a playbook; where the account has no such person, the account manager."""

    MANAGER = "manager", pgettext_lazy("role in a playbook", "Account manager")
    DEPUTY = "deputy", pgettext_lazy("role in a playbook", "Deputy")
    SPONSOR = "executive_sponsor", pgettext_lazy("role in a playbook", "Executive sponsor")
    LIAISON = "liaison", pgettext_lazy("role in a playbook", "Department liaison")
    SPECIALIST = "specialist", pgettext_lazy("role in a playbook", "Specialist")
    SUPERVISOR = "supervisor", pgettext_lazy("role in a playbook", "Supervisor")


class PlaybookRunStatus(models.TextChoices):
    RUNNING = "running", pgettext_lazy("of a playbook at an account", "Running")
    DONE = "done", pgettext_lazy("of a playbook at an account", "Done")
    STOPPED = "stopped", pgettext_lazy("of a playbook at an account", "Stopped")


class StepStatus(models.TextChoices):
    OPEN = "open", pgettext_lazy("of a step", "Open")
    DONE = "done", pgettext_lazy("of a step", "Done")
    SKIPPED = "skipped", pgettext_lazy("of a step", "Skipped")


class ModelKind(models.TextChoices):
    """`rule`: the plain rule, where the company's past is too short or the trained model does not beat it."""

    TRAINED = "trained", pgettext_lazy("of a churn model", "Trained")
    RULE = "rule", pgettext_lazy("of a churn model", "Plain rule")


class JobStatus(models.TextChoices):
    """Of a backtest: the row is the queue."""

    QUEUED = "queued", pgettext_lazy("of a backtest", "Waiting")
    RUNNING = "running", pgettext_lazy("of a backtest", "Running")
    DONE = "done", pgettext_lazy("of a backtest", "Done")
    FAILED = "failed", pgettext_lazy("of a backtest", "Failed")


class Every(models.TextChoices):
    """How far the snapshots of a backtest lie apart."""

    WEEK = "week", pgettext_lazy("snapshots", "Week")
    MONTH = "month", pgettext_lazy("snapshots", "Month")


ACTIVE_ALERTS = (AlertStatus.OPEN, AlertStatus.ACKNOWLEDGED)
"""Alerts that want somebody to act now."""
UNRESOLVED = (AlertStatus.HELD, AlertStatus.OPEN, AlertStatus.ACKNOWLEDGED, AlertStatus.SNOOZED)
"""At most one of these per account and reason."""
