"""What was expected by the plans against what came in: by month, added up, per currency and in the reporting one."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Case, F, QuerySet, Sum, When
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext as _

from contracts.choices import ReceiptKind
from contracts.rates import DatedRates
from core.money import round_amount

ZERO = Decimal(0)
BEFORE, AFTER = 12, 12
"""So many months are shown up to this one, and after it."""


class Amount(NamedTuple):
    """A sum of one month and currency; no month: instalments without a due date."""

    month: dt.date | None
    currency: str
    amount: Decimal


@dataclass
class Month:
    """One month; `total_…` is what was added up since the beginning."""

    first: dt.date
    expected: Decimal
    received: Decimal
    total_expected: Decimal
    total_received: Decimal

    @property
    def gap(self) -> Decimal:
        """What should have come by the end of the month and had not."""
        return self.total_expected - self.total_received


@dataclass
class Curve:
    """The months that are shown. `undated` is expected some day; `unpriced` are currencies with amounts left out."""

    currency: str
    months: list[Month] = field(default_factory=list)
    undated: Decimal = ZERO
    unpriced: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not self.undated and not any(row.total_expected or row.total_received for row in self.months)


def expected(instalments: QuerySet[Any]) -> list[Amount]:
    """What the current plans expect, by month and currency; one statement."""
    return _summed(instalments.filter(is_current=True), "due_date", "contract__currency", F("amount"))


def received(receipts: QuerySet[Any]) -> list[Amount]:
    """What came in less what went back, by month and currency; voided receipts do not count. One statement."""
    amount = Case(When(kind=ReceiptKind.REFUND, then=-F("amount")), default=F("amount"))
    return _summed(receipts.filter(voided_at__isnull=True), "date", "currency", amount)


def currencies(*amounts: Iterable[Amount]) -> list[str]:
    """The currencies that occur."""
    return sorted({row.currency for rows in amounts for row in rows})


def curve_in(
    currency: str,
    planned: Iterable[Amount],
    came: Iterable[Amount],
    today: dt.date,
) -> Curve:
    """The curve of one currency, without conversion."""
    mine = [[row for row in rows if row.currency == currency] for rows in (planned, came)]
    return _curve(Curve(currency), mine[0], mine[1], today)


def curve_reporting(planned: Iterable[Amount], came: Iterable[Amount], rates: DatedRates, today: dt.date) -> Curve:
    """The curve of all currencies in the reporting one: each month's sum by the rate at the end of that month (of what
    has no date or is to come, by the newest rate). What has no rate is left out, and its currency named."""
    curve = Curve(rates.reporting)
    left_out: set[str] = set()

    def converted(rows: Iterable[Amount]) -> list[Amount]:
        found = []
        for row in rows:
            day = last_day(row.month) if row.month else today
            amount = rates.convert(row.amount, row.currency, day)
            if amount is None:
                left_out.add(row.currency)
            else:
                found.append(Amount(row.month, rates.reporting, amount))
        return found

    mine = [converted(rows) for rows in (planned, came)]
    curve.unpriced = sorted(left_out)
    return _curve(curve, mine[0], mine[1], today)


def last_day(first: dt.date) -> dt.date:
    """The last day of a month, given its first."""
    return add_months(first, 1) - dt.timedelta(days=1)


def add_months(first: dt.date, months: int) -> dt.date:
    """The first day of the month so many months later (or earlier)."""
    number = first.year * 12 + first.month - 1 + months
    return dt.date(number // 12, number % 12 + 1, 1)


def option(curve: Curve, today: dt.date) -> dict[str, Any]:
    """The ECharts option: bars by month, lines for what was added up; what came in ends with this month."""
    this = today.replace(day=1)
    known = [row.first <= this for row in curve.months]

    def data(name: str, *, only_known: bool = False) -> list[float | None]:
        values = [float(getattr(row, name)) for row in curve.months]
        return [value if is_known or not only_known else None for value, is_known in zip(values, known, strict=True)]

    return {
        "kam": {"number": "money", "currency": curve.currency},
        "tooltip": {"trigger": "axis"},
        "legend": {"top": 0, "type": "scroll"},
        "grid": {"left": 8, "right": 8, "top": 36, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "category", "data": [f"{row.first:%Y-%m}" for row in curve.months]},
        "yAxis": {"type": "value"},
        "series": [
            {"name": _("Expected, added up"), "type": "line", "data": data("total_expected"),
             "lineStyle": {"type": "dashed", "color": "muted"}, "itemStyle": {"color": "muted"}},
            {"name": _("Received, added up"), "type": "line", "data": data("total_received", only_known=True),
             "lineStyle": {"width": 2, "color": "accent"}, "itemStyle": {"color": "accent"}},
            {"name": _("Expected in the month"), "type": "bar", "data": data("expected"),
             "itemStyle": {"color": "muted", "opacity": 0.45}},
            {"name": _("Received in the month"), "type": "bar", "data": data("received", only_known=True),
             "itemStyle": {"color": "accent", "opacity": 0.6}},
        ],
    }  # fmt: skip


def _summed(rows: QuerySet[Any], day: str, currency: str, amount: Any) -> list[Amount]:
    found = rows.order_by().annotate(month=TruncMonth(day)).values("month", currency).annotate(total=Sum(amount))
    # SQLite adds in floating point: back to the minor unit, in which every amount is.
    return [
        Amount(month, code, round_amount(total, code))
        for month, code, total in found.values_list("month", currency, "total")
    ]


def _curve(curve: Curve, planned: Sequence[Amount], came: Sequence[Amount], today: dt.date) -> Curve:
    due, paid = _by_month(planned), _by_month(came)
    curve.undated = due.pop(None, ZERO)
    first = add_months(today.replace(day=1), 1 - BEFORE)
    total_due = sum((amount for month, amount in due.items() if month and month < first), ZERO)
    total_paid = sum((amount for month, amount in paid.items() if month and month < first), ZERO)
    for step in range(BEFORE + AFTER):
        month = add_months(first, step)
        total_due += due.get(month, ZERO)
        total_paid += paid.get(month, ZERO)
        curve.months.append(Month(month, due.get(month, ZERO), paid.get(month, ZERO), total_due, total_paid))
    return curve


def _by_month(amounts: Iterable[Amount]) -> dict[dt.date | None, Decimal]:
    found: dict[dt.date | None, Decimal] = defaultdict(lambda: ZERO)
    for row in amounts:
        found[row.month] += row.amount
    return found
