"""Revenue by month and product line, as a chart and as a table: pure functions."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.conf import settings
from django.utils import formats
from django.utils.translation import gettext as _

MONTHS = 12
SERIES = 7  # product lines with a colour of their own; the rest is one


class Fact(NamedTuple):
    """One fact as the chart needs it; `reporting` is None where no exchange rate is known."""

    month: dt.date
    line: str
    currency: str
    net: Decimal
    reporting: Decimal | None


@dataclass(frozen=True)
class MonthlyRevenueChart:
    """Twelve months of revenue. `option` is for ECharts; `rows` are (month, amounts by `lines`, total, year before)."""

    option: dict[str, Any]
    currency: str
    lines: list[str]
    rows: list[tuple[dt.date, list[Decimal], Decimal, Decimal]]
    totals: list[Decimal]
    total: Decimal
    total_before: Decimal
    is_complete: bool

    @property
    def trend(self) -> Decimal | None:
        """Change against the year before as a share; None where there was nothing."""
        return self.total / self.total_before - 1 if self.total_before > 0 else None


def months_until(last: dt.date, count: int = MONTHS) -> list[dt.date]:
    """The first days of `count` months, the last one being that of `last`."""
    index = last.year * 12 + last.month - 1
    return [dt.date(n // 12, n % 12 + 1, 1) for n in range(index - count + 1, index + 1)]


def chart_of(facts: Iterable[Fact], last: dt.date) -> MonthlyRevenueChart:
    """The twelve months that end with the month of `last`, stacked by product line, with the year before as a line.

    Amounts are in the currency of the facts where they all have the same, else in the reporting currency; what has no
    rate is then left out and `is_complete` says so.
    """
    facts = list(facts)
    currencies = {fact.currency for fact in facts}
    single = currencies.pop() if len(currencies) == 1 else None
    months = months_until(last)
    amounts: dict[tuple[str, dt.date], Decimal] = defaultdict(Decimal)
    before: dict[dt.date, Decimal] = defaultdict(Decimal)
    for fact in facts:
        amount = (fact.net if single else fact.reporting) or Decimal(0)
        if fact.month >= months[0]:
            amounts[fact.line, fact.month] += amount
        else:
            before[fact.month.replace(year=fact.month.year + 1)] += amount
    lines, series = _ranked(amounts, months)
    rows = [
        (month, [values[n] for values in series], sum([values[n] for values in series], Decimal(0)), before[month])
        for n, month in enumerate(months)
    ]
    currency = single or settings.REPORTING_CURRENCY
    return MonthlyRevenueChart(
        option=_option(months, lines, series, [row[3] for row in rows], currency),
        currency=currency,
        lines=lines,
        rows=rows,
        totals=[sum(values, Decimal(0)) for values in series],
        total=sum((row[2] for row in rows), Decimal(0)),
        total_before=sum((row[3] for row in rows), Decimal(0)),
        is_complete=bool(single) or all(fact.reporting is not None for fact in facts),
    )


def _ranked(
    amounts: dict[tuple[str, dt.date], Decimal], months: Sequence[dt.date]
) -> tuple[list[str], list[list[Decimal]]]:
    """Product lines by size with their amounts by month; the smallest ones together."""
    sizes: dict[str, Decimal] = defaultdict(Decimal)
    for (line, _month), amount in amounts.items():
        sizes[line] += abs(amount)
    ranked = sorted(sizes, key=lambda line: (-sizes[line], line))
    own = ranked if len(ranked) <= SERIES + 1 else ranked[:SERIES]
    series = [[amounts.get((line, month), Decimal(0)) for month in months] for line in own]
    rest = ranked[len(own) :]
    if rest:
        own = [*own, _("Other lines")]
        series.append([sum((amounts.get((line, month), Decimal(0)) for line in rest), Decimal(0)) for month in months])
    return own, series


def _option(
    months: Sequence[dt.date],
    lines: Sequence[str],
    series: Sequence[Sequence[Decimal]],
    before: Sequence[Decimal],
    currency: str,
) -> dict[str, Any]:
    bars = [
        {"name": name, "type": "bar", "stack": "revenue", "barMaxWidth": 36, "data": [float(value) for value in values]}
        for name, values in zip(lines, series, strict=True)
    ]
    year_before = {
        "name": _("Year before"),
        "type": "line",
        "data": [float(value) for value in before],
        "lineStyle": {"type": "dashed", "color": "muted"},
        "itemStyle": {"color": "muted"},
    }
    return {
        "kam": {"number": "money", "currency": currency},
        "xAxis": {"type": "category", "data": [formats.date_format(month, "YEAR_MONTH_FORMAT") for month in months]},
        "yAxis": {"type": "value"},
        "series": [*bars, year_before] if any(before) else bars,
    }
