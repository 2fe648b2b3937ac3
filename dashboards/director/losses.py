"""What became of alerts, and why customers were lost."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Account
from dashboards.director.moves import Days
from health.choices import AlertOutcome, AlertStatus, LostCause

Counted = list[tuple[str, str, int]]


def opened(alerts: QuerySet[Any], accounts: QuerySet[Account] | None, days: Days) -> QuerySet[Any]:
    """The alerts that opened in the period and are resolved, of these accounts (None: all)."""
    rows = alerts.filter(opened_on__gte=days.first, opened_on__lte=days.last, status=AlertStatus.RESOLVED).order_by()
    return rows if accounts is None else rows.filter(account__in=accounts.order_by().values("pk"))


def outcomes(alerts: QuerySet[Any]) -> Counted:
    """Each outcome in words with its number."""
    return _counted(alerts.values_list("outcome").annotate(Count("pk")), AlertOutcome)


def causes(alerts: QuerySet[Any]) -> Counted:
    """Of the lost ones each cause with its number, the most frequent first."""
    lost = alerts.filter(outcome=AlertOutcome.LOST)
    return sorted(_counted(lost.values_list("lost_cause").annotate(Count("pk")), LostCause), key=lambda row: -row[2])


def precision(alerts: QuerySet[Any]) -> Decimal | None:
    """The share that was right: saved and lost over saved, lost and false alarms."""
    found = {key: number for key, _label, number in outcomes(alerts)}
    right = found.get(AlertOutcome.SAVED, 0) + found.get(AlertOutcome.LOST, 0)
    judged = right + found.get(AlertOutcome.FALSE_ALARM, 0)
    return Decimal(right) / judged if judged else None


def option(rows: Sequence[tuple[str, int, str]]) -> dict[str, Any] | None:
    """Bars of the causes, the most frequent on top."""
    shown = list(rows)[::-1]
    if not shown:
        return None
    return {
        "kam": {"head": _("Cause")},
        "xAxis": {"type": "value", "minInterval": 1},
        "yAxis": {"type": "category", "data": [label for label, _number, _url in shown]},
        "series": [{"name": _("Alerts"), "type": "bar", "data": [number for _label, number, _url in shown]}],
    }


def _counted(rows: Any, choices: Any) -> Counted:
    found = dict(rows)
    return [(key, str(choices(key).label), found[key]) for key in choices.values if found.get(key)]
