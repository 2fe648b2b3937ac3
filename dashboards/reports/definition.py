"""What a report asks, as it is stored: JSON that one pure function reads and checks.

{"object": "orders", "columns": ["date", "account"], "filters": [{"column": "date", "op": "period",
 "value": "last_30_days"}], "groups": [{"column": "manager"}], "cross": {"column": "date", "grain": "month"},
 "sums": [{"function": "sum", "column": "amount"}], "sort": "-sum:0", "limit": 0, "chart": "bar"}
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.reporting import Column, Kind, ReportObject
from dashboards.reports.errors import InvalidReport
from dashboards.reports.values import OPERATORS, value_problem

GRAINS = ("day", "week", "month", "quarter", "year")
CHARTS = ("", "bar", "stacked", "line")
GROUPS_IN_ADDRESS = 3
"""Two groups of rows and one of columns: `g0`, `g1`, `g2`."""
MOST_COLUMNS, MOST_FILTERS, MOST_GROUPS, MOST_SUMS, MOST_LIMIT = 30, 20, 2, 8, 1000
FUNCTION_LABELS = {
    "count": gettext_lazy("Number"),
    "sum": gettext_lazy("Sum"),
    "avg": gettext_lazy("Average"),
    "min": gettext_lazy("Lowest"),
    "max": gettext_lazy("Highest"),
    "distinct": gettext_lazy("How many different"),
    "share": gettext_lazy("Share of yes"),
    "ratio": gettext_lazy("Quotient"),
    "part": gettext_lazy("Share of the total"),
    "running": gettext_lazy("Share of the total, added up"),
}
WORDS = {"object", "columns", "filters", "groups", "cross", "sums", "sort", "limit", "chart"}


@dataclass(frozen=True)
class Filter:
    column: str
    op: str
    value: Any = None


@dataclass(frozen=True)
class Group:
    """By the values of a column; dates by their day, week, month, quarter or year."""

    column: str
    grain: str = ""


@dataclass(frozen=True)
class Measure:
    """A number of each group: how many rows (`count`), or a sum of a column."""

    function: str
    column: str = ""


@dataclass(frozen=True)
class Definition:
    """A report without groups and sums is a list of rows, any other a table; `sort` is a column, `group` or `sum:1`,
    descending with a minus."""

    object: str
    columns: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    groups: tuple[Group, ...] = ()
    cross: Group | None = None
    measures: tuple[Measure, ...] = ()
    sort: str = ""
    limit: int = 0
    chart: str = ""

    @property
    def is_table(self) -> bool:
        return bool(self.groups or self.cross or self.measures)

    def as_rows(self) -> Definition:
        """The list of the rows behind the numbers."""
        return replace(self, groups=(), cross=None, measures=(), sort="", limit=0, chart="")

    def as_json(self) -> dict[str, Any]:
        """As it is stored; `read` gives the same definition back."""
        found: dict[str, Any] = {"object": self.object}
        if self.columns:
            found["columns"] = list(self.columns)
        if self.filters:
            found["filters"] = [
                {"column": one.column, "op": one.op, **({} if one.value is None else {"value": one.value})}
                for one in self.filters
            ]
        if self.groups:
            found["groups"] = [_group_json(one) for one in self.groups]
        if self.cross:
            found["cross"] = _group_json(self.cross)
        if self.measures:
            found["sums"] = [
                {"function": one.function, **({"column": one.column} if one.column else {})} for one in self.measures
            ]
        for name in ("sort", "limit", "chart"):
            if getattr(self, name):
                found[name] = getattr(self, name)
        return found


def _group_json(group: Group) -> dict[str, str]:
    return {"column": group.column, **({"grain": group.grain} if group.grain else {})}


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong; `missing`: the report names a field (or an object) that there is not any more."""

    place: str
    text: str
    missing: bool = False


@dataclass
class _Reader:
    raw: Mapping[str, Any]
    one: ReportObject
    problems: list[Problem] = field(default_factory=list)

    def say(self, place: str, text: str, *, missing: bool = False) -> None:
        self.problems.append(Problem(place, text, missing))

    def items(self, name: str, most: int) -> list[Any]:
        """A list of the definition; too many, or no list, is a problem."""
        found = self.raw.get(name) or []
        if not isinstance(found, list):
            self.say(name, _("“%(name)s” is not a list.") % {"name": name})
            return []
        if len(found) > most:
            self.say(name, _("“%(name)s” has more than %(most)s entries.") % {"name": name, "most": most})
        return found[:most]

    def column(self, place: str, key: Any) -> Column | None:
        found = self.one.column(key) if isinstance(key, str) else None
        if found is None:
            text = _("There is no field “%(field)s” in “%(object)s”.")
            self.say(place, text % {"field": str(key)[:60], "object": self.one.label}, missing=True)
        return found

    def columns(self) -> tuple[str, ...]:
        found = []
        for number, key in enumerate(self.items("columns", MOST_COLUMNS)):
            column = self.column(f"columns.{number}", key)
            if column is not None and column.ratio:
                self.say(f"columns.{number}", _("“%(field)s” is for groups only.") % {"field": column.label})
            elif column is not None and key not in found:
                found.append(key)
        return tuple(found)

    def filters(self) -> tuple[Filter, ...]:
        found = []
        for number, raw in enumerate(self.items("filters", MOST_FILTERS)):
            place = f"filters.{number}"
            if not isinstance(raw, dict):
                self.say(place, _("A filter needs a field, an operator and a value."))
                continue
            column = self.column(place, raw.get("column"))
            if column is None:
                continue
            op, value = raw.get("op"), raw.get("value")
            if column.ratio or not isinstance(op, str) or op not in OPERATORS[column.kind]:
                text = _("“%(field)s” cannot be filtered by “%(op)s”.") % {"field": column.label, "op": str(op)[:30]}
                self.say(place, text)
            elif problem := value_problem(column, op, value):
                self.say(place, _("%(field)s: %(problem)s") % {"field": column.label, "problem": problem})
            else:
                found.append(Filter(column.key, op, value))
        return tuple(found)

    def group(self, place: str, raw: Any) -> Group | None:
        if not isinstance(raw, dict):
            self.say(place, _("A group needs a field."))
            return None
        column = self.column(place, raw.get("column"))
        if column is None:
            return None
        grain = raw.get("grain") or ""
        if not column.groupable or (grain and (column.kind != Kind.DATE or grain not in GRAINS)):
            self.say(place, _("“%(field)s” cannot be grouped like that.") % {"field": column.label})
            return None
        return Group(column.key, grain or ("month" if column.kind == Kind.DATE else ""))

    def groups(self) -> tuple[Group, ...]:
        read = (self.group(f"groups.{n}", raw) for n, raw in enumerate(self.items("groups", MOST_GROUPS)))
        return tuple(group for group in read if group is not None)

    def measures(self) -> tuple[Measure, ...]:
        found = []
        for number, raw in enumerate(self.items("sums", MOST_SUMS)):
            place = f"sums.{number}"
            if not isinstance(raw, dict):
                self.say(place, _("A sum needs a function."))
                continue
            if raw.get("function") == "count":
                found.append(Measure("count"))
                continue
            column = self.column(place, raw.get("column"))
            if column is None:
                continue
            if raw.get("function") not in column.functions:
                self.say(place, _("“%(field)s” has no such sum.") % {"field": column.label})
                continue
            found.append(Measure(raw["function"], column.key))
        return tuple(found)

    def word(self, name: str, allowed: Iterable[str]) -> str:
        found = self.raw.get(name) or ""
        if not isinstance(found, str) or found not in allowed:
            self.say(name, _("“%(value)s” is no “%(name)s”.") % {"value": str(found)[:60], "name": name})
            return ""
        return found

    def limit(self) -> int:
        found = self.raw.get("limit") or 0
        if type(found) is not int or not 0 <= found <= MOST_LIMIT:
            self.say("limit", _("The limit is a number up to %(most)s.") % {"most": MOST_LIMIT})
            return 0
        return found


def read(raw: Any, objects: Mapping[str, ReportObject]) -> tuple[Definition | None, list[Problem]]:
    """The definition without what is wrong, and what is wrong; no definition where its object is unknown."""
    if not isinstance(raw, dict):
        return None, [Problem("", _("A report is a JSON object."))]
    key = raw.get("object")
    one = objects.get(key) if isinstance(key, str) else None
    if one is None:
        text = _("There is no object “%(object)s” to report on.") % {"object": str(key)[:60]}
        return None, [Problem("object", text, missing=True)]
    reader = _Reader(raw, one)
    for name in sorted(str(name) for name in set(raw) - WORDS):
        reader.say(name[:60], _("“%(name)s” is no part of a report.") % {"name": name[:60]})
    columns, filters, groups = reader.columns(), reader.filters(), reader.groups()
    cross = reader.group("cross", raw["cross"]) if raw.get("cross") else None
    measures = reader.measures()
    if (groups or cross) and not measures:
        measures = (Measure("count"),)
    made = Definition(one.key, columns, filters, groups, cross, measures)
    sort = _sort(reader, made)
    made = replace(made, sort=sort, limit=reader.limit(), chart=reader.word("chart", CHARTS))
    return made, reader.problems


def _sort(reader: _Reader, made: Definition) -> str:
    text = reader.raw.get("sort") or ""
    if not isinstance(text, str):
        return reader.word("sort", ())
    name = text.removeprefix("-")
    if made.is_table:
        allowed = {"group", *(f"sum:{number}" for number in range(len(made.measures)))}
    else:
        allowed = set(made.columns or reader.one.shown)
    if not name or name in allowed:
        return text if name else ""
    gone = any(problem.missing for problem in reader.problems)
    if not gone:
        reader.say("sort", _("The report cannot be sorted by “%(name)s”.") % {"name": name[:60]})
    return ""


def check(raw: Any, objects: Mapping[str, ReportObject]) -> Definition:
    """The definition. Raises InvalidReport that says everything that is wrong."""
    definition, problems = read(raw, objects)
    if problems or definition is None:
        raise InvalidReport(problems=" ".join(problem.text for problem in problems))
    return definition
