"""What health can be reported on: alerts, and the history of scores; and of accounts what they are worth and risk."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.choices import Tier
from accounts.report_columns import account_columns, manager_columns
from core.reporting import Asked, Column, Kind, ReportObject, extend, in_reporting_currency, register, yes_if
from health.choices import ACTIVE_ALERTS, AlertOutcome, AlertStatus, Band, LostCause, Reason, Severity
from health.models import Alert, HealthPoint


def _late(asked: Asked) -> Q:
    return Q(status__in=ACTIVE_ALERTS, due_at__lt=asked.now)


def _judged(asked: Asked) -> Q:
    return Q(outcome__in=(AlertOutcome.SAVED, AlertOutcome.LOST))


_alerts = ReportObject(
    key="alerts",
    label=_("Alerts"),
    model=lambda: Alert,
    rows=lambda asked: Alert.objects.visible_to(asked.viewer).exclude(status=AlertStatus.HELD).order_by(),
    shown=("opened", "account", "reason", "severity", "alert_status", "outcome", "owner"),
    url="health:alert_detail",
    columns=(
        Column("opened", _("Opened on"), Kind.DATE, "opened_on"),
        Column("due", _("Due"), Kind.DATE, "due_at", moment=True),
        Column("resolved", _("Resolved on"), Kind.DATE, "resolved_at", moment=True),
        Column("reason", _("Reason"), Kind.CHOICE, "reason", choices=Reason.choices),
        Column("severity", _("Severity"), Kind.CHOICE, "severity", choices=Severity.choices),
        Column("alert_status", _("State"), Kind.CHOICE, "status", choices=AlertStatus.choices),
        Column(
            "unresolved",
            _("Unresolved"),
            Kind.YESNO,
            value=yes_if(lambda asked: ~Q(status=AlertStatus.RESOLVED)),
        ),
        Column("late", _("Overdue"), Kind.YESNO, value=yes_if(_late)),
        Column("outcome", _("Outcome"), Kind.CHOICE, "outcome", choices=AlertOutcome.choices),
        Column(
            "saved",
            _("Saved among saved and lost"),
            Kind.YESNO,
            value=yes_if(lambda asked: Q(outcome=AlertOutcome.SAVED), _judged),
        ),
        Column("lost_cause", _("Cause of the loss"), Kind.CHOICE, "lost_cause", choices=LostCause.choices),
        Column(
            "value_at_risk",
            _("Value at risk"),
            Kind.MONEY,
            value=in_reporting_currency("value_at_risk_amount", "currency"),
            raw="value_at_risk_amount",
        ),
        *manager_columns("owner", "owner", _("Owner")),
        *account_columns(),
    ),
)

_points = ReportObject(
    key="health_history",
    label=_("History of health scores"),
    model=lambda: HealthPoint,
    rows=lambda asked: HealthPoint.objects.visible_to(asked.viewer).order_by(),
    shown=("date", "account", "score", "band", "value_at_risk"),
    url="accounts:account_detail",
    url_path="account_id",
    columns=(
        Column("date", _("Date"), Kind.DATE, "date"),
        Column("score", _("Health score"), Kind.NUMBER, "score", sums=("avg", "min", "max")),
        Column("band", _("Band of the time"), Kind.CHOICE, "band", choices=Band.choices),
        Column("then_tier", _("Tier of the time"), Kind.CHOICE, "tier", choices=Tier.choices),
        Column("value_at_risk", _("Value at risk"), Kind.MONEY, "value_at_risk_amount", sums=("avg", "min", "max")),
        *account_columns(),
    ),
)

register(_alerts, _points)
extend(
    "accounts",
    [
        Column(
            "value_at_risk",
            _("Value at risk"),
            Kind.MONEY,
            value=in_reporting_currency("health__value_at_risk_amount", "health__currency"),
            raw="health__value_at_risk_amount",
        ),
        Column(
            "lifetime_value",
            _("Customer lifetime value"),
            Kind.MONEY,
            value=in_reporting_currency("health__lifetime_value_amount", "health__currency"),
            raw="health__lifetime_value_amount",
        ),
    ],
)
