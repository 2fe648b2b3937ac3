"""The table behind an ECharts option: what a chart shows, in rows, for the page, for print and for CSV."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

Value = str | float | None
# What the letters of a date format are called in ECharts.
PARTS = {"Y": "{yyyy}", "n": "{M}", "m": "{MM}", "j": "{d}", "d": "{dd}", "M": "{MMM}"}


def time_axis() -> dict[str, Any]:
    """An axis of days, written as the reader's language writes them."""
    letters = formats.get_format("DATE_FORMAT")
    return {"type": "time", "kam": {"date": "".join(PARTS.get(letter, letter) for letter in letters)}}


@dataclass(frozen=True)
class Column:
    """A column of numbers: its heading and how they are written (count, percent or money, in `currency`)."""

    label: str
    kind: str = "count"
    currency: str = ""


@dataclass(frozen=True)
class Table:
    """`heads` are the headings of what names a row, `columns` those of its numbers."""

    heads: list[str]
    columns: list[Column]
    rows: list[tuple[list[str], list[Value]]]
    dated: bool = False
    """What names a row is a day, as ISO writes it: so it stands in files, on the page as the reader writes it."""

    def raw(self) -> dict[str, Any]:
        """Headings and cells as they are, for a file."""
        labels = [f"{one.label} ({one.currency})" if one.currency else one.label for one in self.columns]
        return {"head": [*self.heads, *labels], "rows": [[*names, *values] for names, values in self.rows]}

    @property
    def cells(self) -> list[tuple[list[str], list[tuple[Value, Column]]]]:
        """Each row with the column of each of its values."""
        shown = [([_day(name) for name in names] if self.dated else names, values) for names, values in self.rows]
        return [(names, list(zip(values, self.columns, strict=True))) for names, values in shown]


def has_data(option: dict[str, Any] | None) -> bool:
    """Whether there is anything to draw."""
    return any(one.get("data") or one.get("links") for one in _series(option or {}))


def table_of(option: dict[str, Any]) -> Table:
    """Flows become from, to and number; series with categories or points a row for each place on the x axis."""
    series = _series(option)
    if series and series[0]["type"] == "sankey":
        return _flows(option, series)
    axis = _first(option.get("xAxis", {}))
    if axis.get("type") == "value" and _first(option.get("yAxis", {})).get("type") == "category":
        axis = _first(option["yAxis"])  # bars that lie
    places = [str(place) for place in axis.get("data", [])]
    found = [_by_place(one.get("data", []), places) for one in series]
    if not places:  # points: every x of any series, in order
        ordered = sorted({x for values in found for x in values}, key=lambda x: (isinstance(x, str), x))
    else:
        ordered = list(places)
    heads = [str(option.get("kam", {}).get("head") or axis.get("name") or _axis_name(axis))]
    rows = [([_text(x)], [values.get(x) for values in found]) for x in ordered]
    return Table(heads, [_column(option, one) for one in series], rows, dated=axis.get("type") == "time")


def _flows(option: dict[str, Any], series: list[dict[str, Any]]) -> Table:
    links = [link for one in series for link in one.get("links", [])]
    rows: list[tuple[list[str], list[Value]]] = [([link["source"], link["target"]], [link["value"]]) for link in links]
    heads = [pgettext("start of a move", "From"), pgettext("end of a move", "To")]
    return Table(heads, [_column(option, {**series[0], "name": _("Number")})], rows)


def _by_place(data: Iterable[Any], places: list[str]) -> dict[Any, Value]:
    """The value of a series at each x; of items with a style (`{"value": 3, …}`) the value."""
    items = [item["value"] if isinstance(item, dict) else item for item in data]
    if places:
        return dict(zip(places, items, strict=False))
    return {item[0]: item[1] for item in items}


def _column(option: dict[str, Any], one: dict[str, Any]) -> Column:
    kam = {**option.get("kam", {}), **one.get("kam", {})}
    money = kam.get("number") == "money"
    return Column(
        str(one.get("name") or _("Number")), kam.get("number", "count"), kam.get("currency", "") if money else ""
    )


def _axis_name(axis: dict[str, Any]) -> str:
    return _("Day") if axis.get("type") == "time" else ""


def _series(option: dict[str, Any]) -> list[dict[str, Any]]:
    return list(option.get("series", []))


def _first(axis: Any) -> dict[str, Any]:
    return dict(axis[0] if isinstance(axis, list) else axis)


def _day(iso: str) -> str:
    return str(formats.date_format(dt.date.fromisoformat(iso), "DATE_FORMAT"))


def _text(place: Any) -> str:
    return f"{place:g}" if isinstance(place, float) else str(place)
