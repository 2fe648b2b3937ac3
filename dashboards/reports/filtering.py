"""Filters and the rows of a group as conditions for the database."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q

from core.reporting import Asked, Column, Kind
from dashboards.reports.definition import Filter, Group
from dashboards.reports.errors import InvalidReport
from dashboards.reports.periods import DAY, grain_end, grain_start, resolve
from dashboards.reports.values import LARGEST_KEY, ME, date, number

NOTHING = "~"
"""In an address: the group of the rows that have no value."""


def alias_of(column: Column) -> str:
    """Where the column stands in a query: at its path, or at what was annotated."""
    return f"c_{column.key}" if column.value else column.path


def condition(one: Filter, column: Column, asked: Asked) -> Q:
    """The rows that pass the filter."""
    if one.op in ("empty", "not_empty"):
        return empty(column) if one.op == "empty" else ~empty(column)
    if column.kind == Kind.DATE:
        return _of_dates(one, column, asked)
    if one.op in ("in", "not_in"):
        return _of_list(one, column, asked)
    at = alias_of(column)
    if one.op == "between":
        low, high = (number(end) for end in one.value)
        return _range(at, low, high)
    lookups = {"contains": "__icontains", "starts": "__istartswith"}
    value = number(one.value) if column.kind in (Kind.NUMBER, Kind.MONEY) else one.value
    return Q(**{f"{at}{lookups.get(one.op, '')}": value})


def empty(column: Column) -> Q:
    """The rows without a value."""
    at = alias_of(column)
    nothing = Q(**{f"{at}__isnull": True})
    return nothing | Q(**{at: ""}) if is_text(column) else nothing


def is_text(column: Column) -> bool:
    """Whether nothing is written as an empty text."""
    if column.kind == Kind.CHOICE:
        return not any(isinstance(code, int) for code, _label in column.choices)
    return column.kind == Kind.TEXT


def days(column: Column, first: dt.date | None, last: dt.date | None, asked: Asked) -> Q:
    """From the first to the last day, both included; of moments the days of the viewer's zone."""
    at = alias_of(column)
    if not column.moment:
        return _range(at, first, last)
    found = Q()
    if first:
        found &= Q(**{f"{at}__gte": dt.datetime.combine(first, dt.time(), asked.zone)})
    if last:
        found &= Q(**{f"{at}__lt": dt.datetime.combine(last + DAY, dt.time(), asked.zone)})
    return found


def _of_dates(one: Filter, column: Column, asked: Asked) -> Q:
    if one.op == "period":
        return days(column, *resolve(one.value, asked.today), asked)
    if one.op == "between":
        first, last = (date(end) for end in one.value)
        return days(column, first, last, asked)
    before = days(column, None, asked.today - (one.value + 1) * DAY, asked)
    return before | empty(column) if one.op == "not_since" else before


def _of_list(one: Filter, column: Column, asked: Asked) -> Q:
    wanted = [_known(column, value, asked) for value in one.value if value != ""]
    found = Q(**{f"{alias_of(column)}__in": wanted})
    if "" in one.value:
        found |= empty(column)
    if one.op == "in":
        return found
    return ~found if "" in one.value else ~found | empty(column)


def _known(column: Column, value: Any, asked: Asked) -> Any:
    """A chosen value as the column has it: codes that are numbers as numbers, `me` as the viewer."""
    if column.kind == Kind.CHOICE:
        return {str(code): code for code, _label in column.choices}[str(value)]
    return asked.viewer.pk if value == ME else value


def _range(at: str, low: Any, high: Any) -> Q:
    found = Q()
    if low is not None:
        found &= Q(**{f"{at}__gte": low})
    if high is not None:
        found &= Q(**{f"{at}__lte": high})
    return found


def in_group(group: Group, column: Column, value: str, asked: Asked) -> Q:
    """The rows of one group, as an address names it. Raises InvalidReport for what can be no group."""
    if value == NOTHING:
        return empty(column)
    at = alias_of(column)
    if column.kind == Kind.DATE:
        start = date(value)
        if start is None or grain_start(start, group.grain) != start:
            raise InvalidReport(problems=value[:60])
        return days(column, start, grain_end(start, group.grain), asked)
    if column.kind == Kind.YESNO and value in ("1", "0"):
        return Q(**{at: value == "1"})
    if column.kind == Kind.RELATION and value.isdecimal() and int(value) <= LARGEST_KEY:
        return Q(**{at: int(value)})
    known = {str(code): code for code, _label in column.choices}
    if column.kind == Kind.CHOICE and value in known:
        return Q(**{at: known[value]})
    if column.kind == Kind.TEXT and "\x00" not in value:
        return Q(**{at: value})
    raise InvalidReport(problems=value[:60])
