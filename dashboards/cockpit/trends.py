"""The course of the cockpit's tiles over the months that are over. At the end of each:

- *accounts at risk* and *value at risk*: the points of the last Monday of the month, when all accounts are scored;
- *overdue visits*: planned for a day up to the end and closed after it, or still planned;
- *open alerts*: opened by the end and resolved after it, or not at all; without those that are held back;
- *overdue receivables*: what the plans of a contract expected up to the end, less what had come in by then, in the
  reporting currency at the rate of the end; never less than nothing for a contract.

An account counts with the tier, manager and region that it has today. All of it follows from rows that are kept, so
that a recount gives the same.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncMonth

from accounts.choices import HealthBand
from contracts.choices import ReceiptKind
from contracts.models import Contract, Instalment, Receipt
from contracts.rates import DatedRates, dated_rates
from contracts.terms import ONE_DAY, add_months
from dashboards.director.months import scored_on, summed
from health.choices import AlertStatus
from health.models import Alert, HealthPoint
from interactions.choices import VisitStatus
from interactions.models import Visit
from orders.revenue import months_until

KEPT_MONTHS = 12
PARTS = ("manager_id", "tier", "region")
KEY = ("month", *PARTS)
CENT = Decimal("0.01")
Key = tuple[dt.date, int, str, str]


@dataclass
class Trend:
    """The sums of a month."""

    at_risk: int = 0
    value_at_risk_amount: Decimal = Decimal(0)
    overdue_visits: int = 0
    open_alerts: int = 0
    overdue_amount: Decimal = Decimal(0)


SUMS = tuple(field.name for field in fields(Trend))


def counted(today: dt.date) -> dict[Key, Trend]:
    """The cells of the last months: two statements for each month and six more."""
    months = months_until(today, KEPT_MONTHS + 1)[:-1]
    ends = {month: add_months(month, 1) - ONE_DAY for month in months}
    found: dict[Key, Trend] = defaultdict(Trend)
    _add_health(found, months, today)
    for month, end in ends.items():
        _add(found, month, _visits(end), "overdue_visits")
        _add(found, month, _alerts(end), "open_alerts")
    _add_receivables(found, ends)
    return {key: trend for key, trend in found.items() if any(astuple(trend))}


def _add_health(found: dict[Key, Trend], months: Sequence[dt.date], today: dt.date) -> None:
    days = [day for month in months if (day := scored_on(month, today)) >= month]
    points = HealthPoint.objects.filter(date__in=days).order_by().annotate(month=TruncMonth("date"))
    at_risk = Count("pk", filter=Q(band=HealthBand.AT_RISK))
    rows = summed(points.values_list("month", *_of("account")), at_risk, Sum("value_at_risk_amount"))
    for month, manager, tier, region, count, amount in rows:
        trend = found[month, manager or 0, tier, region]
        trend.at_risk += count
        trend.value_at_risk_amount += Decimal(amount or 0).quantize(CENT)


def _visits(end: dt.date) -> Any:
    late = Q(status=VisitStatus.PLANNED) | Q(closed_at__gte=_after(end))
    return Visit.objects.filter(late, planned_date__lte=end)


def _alerts(end: dt.date) -> Any:
    unresolved = Q(resolved_at__isnull=True) | Q(resolved_at__gte=_after(end))
    return Alert.objects.filter(unresolved, opened_on__lte=end).exclude(status=AlertStatus.HELD)


def _after(end: dt.date) -> dt.datetime:
    """When the day is over at the company's seat."""
    return dt.datetime.combine(end + ONE_DAY, dt.time(), tzinfo=ZoneInfo(settings.TIME_ZONE))


def _add(found: dict[Key, Trend], month: dt.date, rows: Any, name: str) -> None:
    for manager, tier, region, count in rows.order_by().values_list(*_of("account")).annotate(Count("pk")):
        trend = found[month, manager or 0, tier, region]
        setattr(trend, name, getattr(trend, name) + count)


def _add_receivables(found: dict[Key, Trend], ends: Mapping[dt.date, dt.date]) -> None:
    steps = _steps(list(ends.values()))
    rates = dated_rates()
    parts = Contract.objects.order_by().values_list("pk", "currency", *_of("account"))
    sums: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    for pk, currency, manager, tier, region in parts.iterator(chunk_size=10_000):
        owed = Decimal(0)
        for month, step in zip(ends, steps.get(pk, ()), strict=False):
            owed += step
            if owed > 0:
                sums[month, manager or 0, tier, region, currency] += owed
    for (month, manager, tier, region, currency), amount in sums.items():
        found[month, manager, tier, region].overdue_amount += _priced(rates, amount, currency, ends[month])


def _steps(ends: list[dt.date]) -> dict[int, list[Decimal]]:
    """Contract -> by how much more was due than had come, in each of the months; what was before is in the first."""
    steps: dict[int, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * len(ends))
    due = Instalment.objects.filter(is_current=True, due_date__lte=ends[-1]).order_by()
    came = Receipt.objects.filter(voided_at__isnull=True, date__lte=ends[-1]).order_by()
    for pk, day, amount in due.values_list("contract", "due_date", "amount").iterator(chunk_size=10_000):
        steps[pk][_place(ends, day)] += amount
    for pk, day, kind, amount in came.values_list("contract", "date", "kind", "amount").iterator(chunk_size=10_000):
        steps[pk][_place(ends, day)] -= amount if kind != ReceiptKind.REFUND else -amount
    return steps


def _place(ends: list[dt.date], day: dt.date) -> int:
    return bisect_left(ends, day)


def _priced(rates: DatedRates, amount: Decimal, currency: str, day: dt.date) -> Decimal:
    return (rates.convert(amount, currency, day) or Decimal(0)).quantize(CENT)


def _of(path: str) -> list[str]:
    return [f"{path}__{name}" for name in PARTS]
