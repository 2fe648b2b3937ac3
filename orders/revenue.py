"""The revenue of an account by month and product line, for its chart and table."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

MONTHS = 13
LINES_SHOWN = 6


class Fact(NamedTuple):
    """One product line's net revenue in one month."""

    month: dt.date
    line: str
    amount: Decimal


@dataclass(frozen=True)
class RevenueHistory:
    """Net revenue of the last months up to the current one (which is not over yet), in one currency.

    `lines` has an amount per month for each product line, the largest first, small ones together under `rest`;
    `totals` and `last_year` are the sums per month, now and a year before. `complete` is False where an exchange rate
    is missing for some of it.
    """

    currency: str
    complete: bool
    months: list[dt.date]
    lines: list[tuple[str, list[Decimal]]]
    totals: list[Decimal]
    last_year: list[Decimal]

    @property
    def has_revenue(self) -> bool:
        return any(self.totals) or any(self.last_year)


def months_until(today: dt.date, count: int = MONTHS) -> list[dt.date]:
    """The first days of the last `count` months, the month of `today` last."""
    last = today.year * 12 + today.month - 1
    return [dt.date(number // 12, number % 12 + 1, 1) for number in range(last - count + 1, last + 1)]


def year_before(month: dt.date) -> dt.date:
    return month.replace(year=month.year - 1)


def history(
    facts: Iterable[Fact], months: Sequence[dt.date], *, currency: str, complete: bool, rest: str
) -> RevenueHistory:
    """Sort the facts of these months, and of the same months a year before, into a RevenueHistory."""
    by_line: dict[str, dict[dt.date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    sums: dict[dt.date, Decimal] = defaultdict(Decimal)
    for fact in facts:
        by_line[fact.line][fact.month] += fact.amount
        sums[fact.month] += fact.amount
    rows = {line: [amounts[month] for month in months] for line, amounts in by_line.items()}
    ranked = sorted((line for line in rows if any(rows[line])), key=lambda line: (-sum(rows[line]), line))
    shown = ranked if len(ranked) <= LINES_SHOWN + 1 else ranked[:LINES_SHOWN]
    lines = [(line, rows[line]) for line in shown]
    if left := ranked[len(shown) :]:
        lines.append((rest, [sum((rows[line][i] for line in left), Decimal(0)) for i in range(len(months))]))
    return RevenueHistory(
        currency=currency,
        complete=complete,
        months=list(months),
        lines=lines,
        totals=[sums[month] for month in months],
        last_year=[sums[year_before(month)] for month in months],
    )
