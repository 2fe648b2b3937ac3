"""A definition as queries: which rows, by what they are grouped, and which sums each group needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Avg,
    CharField,
    Count,
    DateField,
    F,
    FloatField,
    Max,
    Min,
    Q,
    QuerySet,
    Sum,
    Value,
)
from django.db.models.functions import (
    Cast,
    Coalesce,
    NullIf,
    TruncDate,
    TruncMonth,
    TruncQuarter,
    TruncWeek,
    TruncYear,
)

from core.reporting import Asked, Column, Kind, ReportObject
from dashboards.reports.definition import Definition, Group, Measure
from dashboards.reports.filtering import alias_of, condition, in_group, is_text

TRUNC = {"week": TruncWeek, "month": TruncMonth, "quarter": TruncQuarter, "year": TruncYear}
Merge = Callable[[Any, Any], Any]


def add(one: Any, other: Any) -> Any:
    """The sum of two parts; nothing is not zero."""
    if one is None or other is None:
        return other if one is None else one
    return one + other


def lower(one: Any, other: Any) -> Any:
    return min((value for value in (one, other) if value is not None), default=None)


def higher(one: Any, other: Any) -> Any:
    return max((value for value in (one, other) if value is not None), default=None)


@dataclass(frozen=True)
class Part:
    """A sum that the database computes, and how the sums of two groups become that of both; without that it is asked
    again for each level."""

    expression: Any
    merge: Merge | None


@dataclass(frozen=True)
class Computed:
    """A measure: its parts, the number that follows from them, and by what the database orders it."""

    measure: Measure
    column: Column | None
    parts: tuple[Part, ...]
    finish: Callable[..., Any]
    order: Any


def computed(measure: Measure, one: ReportObject) -> Computed:
    """How a measure is computed."""
    column = one.column(measure.column)
    if measure.function == "count" or column is None:
        return Computed(measure, None, (Part(Count("pk"), add),), _itself, Count("pk"))
    at = alias_of(column)
    if measure.function in ("sum", "part", "running"):
        return Computed(measure, column, (Part(Sum(at), add),), _itself, Sum(at))
    if measure.function in ("min", "max"):
        aggregate, merge = (Min, lower) if measure.function == "min" else (Max, higher)
        return Computed(measure, column, (Part(aggregate(at), merge),), _itself, aggregate(at))
    if measure.function == "distinct":
        found = Count(at, distinct=True)
        return Computed(measure, column, (Part(found, None),), _itself, found)
    if measure.function == "avg":
        return Computed(measure, column, (Part(Sum(at), add), Part(Count(at), add)), quotient, Avg(at))
    if measure.function == "share":
        return _share(measure, column, at)
    return _ratio(measure, column, one)


def _itself(value: Any) -> Any:
    return value


def quotient(part: Any, whole: Any) -> Any:
    """One by the other; nothing by zero, and nothing of what is below zero."""
    if part is None or not whole or whole < 0:
        return None
    return part / whole


def _change(now: Any, before: Any) -> Any:
    found = quotient(now if now is not None else 0, before)
    return None if found is None else found - 1


def _share(measure: Measure, column: Column, at: str) -> Computed:
    yes, known = Count("pk", filter=Q(**{at: True})), Count("pk", filter=Q(**{f"{at}__isnull": False}))
    order = Cast(yes, FloatField()) / NullIf(Cast(known, FloatField()), Value(0.0))
    return Computed(measure, column, (Part(yes, add), Part(known, add)), quotient, order)


def _ratio(measure: Measure, column: Column, one: ReportObject) -> Computed:
    upper, under = (one.column(key) for key in column.ratio or ())
    if upper is None or under is None:
        raise KeyError(column.ratio)
    first, second = Sum(alias_of(upper)), Sum(alias_of(under))
    whole = Cast(second, FloatField())
    order = Cast(first, FloatField()) / NullIf(whole, Value(0.0))
    finish = _change if column.change else quotient
    return Computed(measure, column, (Part(first, add), Part(second, add)), finish, order)


@dataclass
class Compiled:
    """A definition for one viewer and day."""

    definition: Definition
    one: ReportObject
    asked: Asked

    def column(self, key: str) -> Column:
        found = self.one.column(key)
        if found is None:
            raise KeyError(key)
        return found

    @property
    def groups(self) -> list[Group]:
        """The groups of the rows, then that of the columns."""
        return [*self.definition.groups, *([self.definition.cross] if self.definition.cross else [])]

    @property
    def measures(self) -> list[Computed]:
        return [computed(measure, self.one) for measure in self.definition.measures]

    def rows(self, cell: Mapping[int, str] | None = None) -> QuerySet[Any]:
        """The rows that pass the filters; of one cell of the table where one is named: group number and value."""
        found = self.one.rows(self.asked)
        needed = {column.key: column for column in self._computed_columns()}
        aliases = {alias_of(column): column.expression(self.asked) for column in needed.values()}
        found = found.annotate(**aliases) if aliases else found
        for one in self.definition.filters:
            found = found.filter(condition(one, self.column(one.column), self.asked))
        groups = self.groups
        for number, value in (cell or {}).items():
            if number < len(groups):
                group = groups[number]
                found = found.filter(in_group(group, self.column(group.column), value, self.asked))
        return found

    def _computed_columns(self) -> list[Column]:
        """Columns that are expressions and that the report uses."""
        used = {*self.definition.columns, *self.one.shown} if not self.definition.is_table else set()
        used |= {one.column for one in self.definition.filters} | {group.column for group in self.groups}
        for measure in self.definition.measures:
            column = self.one.column(measure.column)
            used |= {measure.column, *(column.ratio or ())} if column else set()
        return [column for column in self.one.columns if column.key in used and column.value]

    def grouped(self, rows: QuerySet[Any], numbers: Sequence[int]) -> QuerySet[Any]:
        """Rows by some of the groups, as g0, g1 …, with the parts of every measure as m0_0, m0_1 …, n0 …"""
        keys = {f"g{number}": self.group_expression(self.groups[number]) for number in numbers}
        return rows.order_by().values(**keys).annotate(**self.aggregates())

    def aggregates(self) -> dict[str, Any]:
        """The parts of all measures; `n0` counts the amounts of a measure that have no rate."""
        found: dict[str, Any] = {}
        for number, one in enumerate(self.measures):
            found |= {f"m{number}_{place}": part.expression for place, part in enumerate(one.parts)}
            if one.column and one.column.raw:
                lacking = Q(**{f"{one.column.raw}__isnull": False, f"{alias_of(one.column)}__isnull": True})
                found[f"n{number}"] = Count("pk", filter=lacking)
        return found

    def group_expression(self, group: Group) -> Any:
        """The value by which rows are grouped; a date is the first day of its week, month …"""
        column = self.column(group.column)
        at = F(alias_of(column))
        if column.kind != Kind.DATE:
            return Coalesce(at, Value(""), output_field=CharField()) if is_text(column) else at
        zone: dict[str, Any] = {"tzinfo": self.asked.zone} if column.moment else {}
        if group.grain in TRUNC:
            return TRUNC[group.grain](at, output_field=DateField(), **zone)
        return TruncDate(at, **zone) if column.moment else at
