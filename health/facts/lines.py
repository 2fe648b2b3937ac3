"""Which product lines an account used to buy and does not any more, from the monthly facts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Count, Max, Min, Sum

from orders.models import MonthlyRevenue, OrderLine, ProductLine

LOOK_BACK_DAYS = 730
# Bought in so many months it was a habit.
REGULAR_MONTHS = 3
# Silent for twice its own interval, but not before a quarter is over; after half a year whatever the interval.
INTERVALS = 2
SILENT_DAYS, CERTAIN_DAYS = 90, 180
MONTH = 30.44
LINE = "product_line"


@dataclass(frozen=True, slots=True)
class DroppedLine:
    """A product line that is bought no more: the last day, its interval before, its share of the revenue."""

    code: str
    name: str
    name_en: str
    last: dt.date
    interval: int
    share: float


@dataclass(frozen=True, slots=True)
class LineFacts:
    """The dropped lines, the greatest first, and their share of the revenue of two years (None: no rate, no sales)."""

    share: float | None
    dropped: list[DroppedLine] = field(default_factory=list)


class _Habit(NamedTuple):
    """How an account bought a product line: in how many months, from when until when, for how much."""

    months: int
    first: dt.date
    last: dt.date
    amount: float
    is_priced: bool

    def with_other(self, other: _Habit) -> _Habit:
        """Together with what was bought in another currency."""
        return _Habit(
            max(self.months, other.months),
            min(self.first, other.first),
            max(self.last, other.last),
            self.amount + other.amount,
            self.is_priced and other.is_priced,
        )


def gather(ids: Sequence[int], as_of: dt.date) -> dict[int, LineFacts]:
    """Three statements. Silence ends with the account's own last order: who buys nothing at all has not dropped lines
    but has gone, which other signals say."""
    month = as_of.replace(day=1)
    sold = MonthlyRevenue.objects.filter(
        account__in=ids, month__gte=as_of - dt.timedelta(days=LOOK_BACK_DAYS), month__lt=month
    ).order_by()
    bought = _bought(sold)
    recent = _bought_since(ids, month, as_of)
    names = {row.pk: (row.code, row.name, row.name_en) for row in ProductLine.objects.all()}
    found = {}
    for account, lines in bought.items():
        regular = {line: habit for line, habit in lines.items() if habit.months >= REGULAR_MONTHS}
        if not regular:
            continue
        new = recent.get(account, {})
        last = max([*new.values(), *(habit.last for habit in lines.values())])
        total = _total(lines.values())
        dropped = [_dropped(names[line], habit, total, last) for line, habit in regular.items() if line not in new]
        found[account] = _facts([line for line in dropped if line is not None], total)
    return found


def _facts(lines: list[DroppedLine], total: float | None) -> LineFacts:
    if not total:
        return LineFacts(None)
    lines.sort(key=lambda line: (-line.share, line.code))
    return LineFacts(min(sum(line.share for line in lines), 1.0), lines)


def _bought(sold: Any) -> dict[int, dict[int, _Habit]]:
    """Account -> product line -> how it was bought. By currency, which does without counting distinct months: a line
    that is bought in two currencies has the months of the one that is mostly paid in."""
    rows = sold.filter(last_order_date__isnull=False).values_list("account", LINE, "currency")
    columns = (Count("pk"), Min("month"), Max("last_order_date"), Sum("reporting_amount"), Count("reporting_amount"))
    named = dict(zip(("months", "first", "last", "amount", "priced"), columns, strict=True))
    found: dict[int, dict[int, _Habit]] = {}
    for account, line, _currency, months, first, last, amount, priced in rows.annotate(**named).iterator(10_000):
        habit = _Habit(months, first, last, float(amount or 0), priced == months)
        lines = found.setdefault(account, {})
        before = lines.get(line)
        lines[line] = before.with_other(habit) if before else habit
    return found


def _total(habits: Iterable[_Habit]) -> float | None:
    """All that was bought in the reporting currency; None without a rate for some of it, or where it is nothing."""
    known = list(habits)
    total = sum(habit.amount for habit in known)
    return total if total > 0 and all(habit.is_priced for habit in known) else None


def _bought_since(ids: Sequence[int], start: dt.date, as_of: dt.date) -> dict[int, dict[int, dt.date]]:
    """Account -> product line -> the last day in the month that is not over: the monthly facts may know more of it
    than was known on the day."""
    rows = (
        OrderLine.objects.filter(
            order__account__in=ids, order__order_date__gte=start, order__order_date__lt=as_of, amount__gt=0
        )
        .order_by()
        .values_list("order__account", "product__line")
        .annotate(Max("order__order_date"))
    )
    found: dict[int, dict[int, dt.date]] = {}
    for account, line, day in rows.iterator(chunk_size=10_000):
        found.setdefault(account, {})[line] = day
    return found


def _dropped(names: tuple[str, str, str], habit: _Habit, total: float | None, last: dt.date) -> DroppedLine | None:
    """The line, unless it is only waiting for its time. Its interval is that of the months in which it was bought."""
    span = (habit.last.year - habit.first.year) * 12 + habit.last.month - habit.first.month
    interval = max(span / (habit.months - 1), 1) * MONTH
    silent = (last - habit.last).days
    if not total or silent < SILENT_DAYS or silent < min(INTERVALS * interval, CERTAIN_DAYS):
        return None
    return DroppedLine(*names, habit.last, round(interval), round(max(habit.amount, 0.0) / total, 4))
