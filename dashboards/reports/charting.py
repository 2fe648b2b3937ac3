"""The ECharts option of a table: its outer groups along the axis, the cross groups or the sums as series."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.conf import settings

from core.reporting import ReportObject
from dashboards.reports.compiling import Computed, computed
from dashboards.reports.definition import Definition
from dashboards.reports.showing import is_money, is_per_cent, measure_label
from dashboards.reports.tables import Row, Table

MOST_GROUPS, MOST_SERIES = 30, 12


def option(table: Table, definition: Definition, one: ReportObject) -> dict[str, Any] | None:
    """None where no chart is asked for, or there is nothing to draw."""
    rows = [row for row in table.rows if row.level == 0][:MOST_GROUPS]
    measures = [computed(measure, one) for measure in definition.measures]
    if not definition.chart or not rows or not measures:
        return None
    number = _drawn(definition, measures)
    first = measures[number]
    series = _crossed(table, rows, number) if definition.cross else _compared(rows, measures, number, one)
    line = definition.chart == "line"
    shape: dict[str, Any] = {"type": "line", "showSymbol": True} if line else {"type": "bar", "barMaxWidth": 36}
    if definition.chart == "stacked":
        shape["stack"] = "all"
    kind = "money" if is_money(first) else "percent" if is_per_cent(first) else "count"
    return {
        "kam": {"number": kind, **({"currency": settings.REPORTING_CURRENCY} if kind == "money" else {})},
        "legend": {"top": 0, "type": "scroll"},
        "grid": {"left": 8, "right": 12, "top": 36, "bottom": 4, "containLabel": True},
        "xAxis": {"type": "category", "data": [row.keys[0].text for row in rows]},
        "yAxis": {"type": "value"},
        "series": [{"name": name, "data": data, **shape} for name, data in series[:MOST_SERIES]],
    }


def _drawn(definition: Definition, measures: list[Computed]) -> int:
    """Which sum is drawn: the one that orders the table, else the first."""
    name, _sep, number = definition.sort.removeprefix("-").partition(":")
    return int(number) if name == "sum" and int(number) < len(measures) else 0


def _crossed(table: Table, rows: list[Row], number: int) -> list[tuple[str, list[Any]]]:
    """The sum of each cross group."""
    return [(key.text, [_plain(row.cells[place][number]) for row in rows]) for place, key in enumerate(table.crosses)]


def _compared(rows: list[Row], measures: list[Computed], drawn: int, one: ReportObject) -> list[tuple[str, list[Any]]]:
    """The sum that is drawn, and those that are of the same kind."""

    def kind(measure: Computed) -> tuple[Any, ...]:
        return is_money(measure), is_per_cent(measure), measure.measure.function

    alike = [number for number, measure in enumerate(measures) if kind(measure) == kind(measures[drawn])]
    ordered = [drawn, *(number for number in alike if number != drawn)]
    return [
        (measure_label(measures[number].measure, one), [_plain(row.cells[-1][number]) for row in rows])
        for number in ordered
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if hasattr(value, "isoformat") else value
