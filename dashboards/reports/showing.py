"""A report in the reader's words: the same for the page, the PDF and the heads of files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import formats
from django.utils.text import capfirst
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from core import numbers
from core.agenda import link
from core.reporting import Column, Kind, ReportObject
from dashboards.reports.compiling import Computed, computed
from dashboards.reports.definition import FUNCTION_LABELS, Definition, Measure
from dashboards.reports.tables import Row, Table

SHARES = ("share", "part", "running")


@dataclass(frozen=True)
class Shown:
    """A value as text; `title` has all its digits, `url` leads to its rows or its page."""

    text: str
    title: str = ""
    url: str = ""
    negative: bool = False


@dataclass
class Line:
    keys: list[str]
    cells: list[Shown]
    level: int = 0
    is_sum: bool = False


@dataclass
class Grid:
    """A table for a page: its heads, its lines, the total. `spans`: the cross heads, each over all sums."""

    groups: list[str] = field(default_factory=list)
    spans: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    total: Line | None = None

    @property
    def across(self) -> int:
        """How many sums are under each cross head."""
        return len(self.heads) // len(self.spans) if self.spans else 1


def grid(
    table: Table, definition: Definition, one: ReportObject, address: Callable[[dict[str, str]], str] | None = None
) -> Grid:
    """The table in words; with `address` each number that counts rows leads to them."""
    measures = [computed(measure, one) for measure in definition.measures]
    heads = [measure_label(measure.measure, one) for measure in measures]
    made = Grid(groups=[label_of(one, group.column) for group in definition.groups])
    if definition.cross:
        made.spans = [*(key.text for key in table.crosses), pgettext("sum of a row", "All")]
    made.heads = heads * max(1, len(made.spans))
    made.lines = [_line(row, table, definition, measures, address) for row in table.rows]
    if table.total is not None:
        made.total = _line(table.total, table, definition, measures, address)
    return made


def _line(
    row: Row,
    table: Table,
    definition: Definition,
    measures: list[Computed],
    address: Callable[[dict[str, str]], str] | None,
) -> Line:
    cells = []
    own = {f"g{number}": key.param for number, key in enumerate(row.keys)}
    for place, values in enumerate(row.cells):
        cross = {f"g{len(definition.groups)}": table.crosses[place].param} if place < len(table.crosses) else {}
        for measure, value in zip(measures, values, strict=True):
            shown = measured(measure, value)
            if address and value not in (None, 0) and measure.measure.function != "running":
                shown = Shown(shown.text, shown.title, address({**own, **cross}), shown.negative)
            cells.append(shown)
    return Line([key.text for key in row.keys], cells, row.level, row.is_sum)


def label_of(one: ReportObject, key: str) -> str:
    column = one.column(key)
    return capfirst(str(column.label)) if column else key


def measure_label(measure: Measure, one: ReportObject) -> str:
    """“Revenue”, “Revenue, average”; what is counted is the object itself."""
    if measure.function == "count":
        return str(one.label)
    label = label_of(one, measure.column)
    if measure.function in ("sum", "ratio") or (measure.function == "avg" and measure.column == "nps"):
        return label
    if measure.function == "share":
        return _("%(field)s, share") % {"field": label}
    what = str(FUNCTION_LABELS[measure.function])
    return _("%(field)s, %(what)s") % {"field": label, "what": what[:1].lower() + what[1:]}


def is_per_cent(measure: Computed) -> bool:
    return measure.measure.function in (*SHARES, "ratio")


def is_money(measure: Computed) -> bool:
    return measure.column is not None and measure.column.kind == Kind.MONEY and not is_per_cent(measure)


def measured(measure: Computed, value: Any) -> Shown:
    """A number of a measure in words."""
    if value is None:
        return Shown("–")
    if is_per_cent(measure):
        sign = bool(measure.column and measure.column.change)
        return Shown(numbers.percent(Decimal(str(value)), 1, sign=sign), negative=value < 0)
    if is_money(measure):
        return money(value)
    if isinstance(value, dt.date):
        return Shown(formats.date_format(value, "DATE_FORMAT"))
    return Shown(plain(value), negative=value < 0)


def money(value: Any) -> Shown:
    amount, currency = Decimal(value), settings.REPORTING_CURRENCY
    short = numbers.short_money(amount, currency, get_language() or "en")
    return Shown(short, numbers.full_money(amount, currency), negative=amount < 0)


def plain(value: Any) -> str:
    """A whole number as it is, any other with one decimal."""
    number = Decimal(str(value))
    return numbers.plain(number, 0 if number == number.to_integral_value() else 1)


def cell(column: Column, value: Any) -> Shown:
    """A value of a list of rows."""
    if column.kind == Kind.RELATION:
        key, text = value
        return Shown(text or "–", url=link(column.url, key) if column.url and key else "")
    if value is None or value == "":
        return Shown("–")
    if column.kind == Kind.MONEY:
        return money(value)
    if column.kind == Kind.NUMBER:
        return Shown(plain(value), negative=value < 0)
    if column.kind == Kind.DATE:
        return Shown(day(value))
    return Shown(words(column, value))


def day(value: Any) -> str:
    return str(formats.date_format(value, "DATE_FORMAT"))


def words(column: Column, value: Any) -> str:
    """A choice, yes or no, or a text."""
    if column.kind == Kind.YESNO:
        return _("Yes") if value else _("No")
    if column.kind == Kind.CHOICE:
        return next((str(label) for code, label in column.choices if code == value), str(value))
    return str(value)


def is_number(column: Column) -> bool:
    return column.kind in (Kind.NUMBER, Kind.MONEY)
