"""The values of groups in the reader's words; the names of related rows are fetched together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Model
from django.utils import formats
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.reporting import Column, Kind, related_model
from dashboards.reports.compiling import Compiled
from dashboards.reports.definition import Group
from dashboards.reports.filtering import NOTHING
from dashboards.reports.tables import Key

LAST = (2,)


def keys(compiled: Compiled, group: Group, values: Iterable[Any]) -> dict[Any, Key]:
    """Each value of a group with its words and its place."""
    column = compiled.column(group.column)
    wanted = set(values)
    names = names_of(compiled, column, wanted) if column.kind == Kind.RELATION else {}
    return {value: _key(column, group, value, names) for value in wanted}


def names_of(compiled: Compiled, column: Column, ids: set[Any]) -> dict[Any, str]:
    """The names of related rows in the reader's language; of rows that the report has found already."""
    known = [pk for pk in ids if pk is not None]
    if not known:
        return {}
    model = relation(compiled, column)
    fields = [column.name, *([column.english] if column.english else [])]
    rows = model._base_manager.filter(pk__in=known).values_list("pk", *fields)
    english = compiled.asked.english and column.english
    return {pk: (names[-1] or names[0]) if english else names[0] for pk, *names in rows}


def relation(compiled: Compiled, column: Column) -> type[Model]:
    """The model of the related rows; an account among accounts is the row itself."""
    model = compiled.one.model()
    return model if column.path == "id" else related_model(model, column.path)


def cell_words(compiled: Compiled, cell: Mapping[int, str]) -> list[tuple[str, str]]:
    """The groups that an address names: the label of the field, and the value in words."""
    found = []
    for number, param in cell.items():
        if number >= len(compiled.groups):
            continue
        group = compiled.groups[number]
        column = compiled.column(group.column)
        value = _value(column, param)
        found.append((capfirst(str(column.label)), keys(compiled, group, [value])[value].text))
    return found


def _value(column: Column, param: str) -> Any:
    """The value of a group that an address has; `in_group` has refused what cannot be one."""
    if param == NOTHING:
        return None
    if column.kind == Kind.RELATION:
        return int(param)
    if column.kind == Kind.DATE:
        return dt.date.fromisoformat(param)
    if column.kind == Kind.YESNO:
        return param == "1"
    return next((code for code, _label in column.choices if str(code) == param), param)


def nothing() -> str:
    """A group of rows that have no value."""
    return pgettext("group of a report", "(none)")


def _key(column: Column, group: Group, value: Any, names: dict[Any, str]) -> Key:
    if value is None or value == "":
        return Key(value, nothing(), LAST)
    if column.kind == Kind.RELATION:
        text = names.get(value, str(value))
        return Key(value, text, (0, text))
    if column.kind == Kind.DATE:
        return Key(value, date_words(value, group.grain), (0, value.isoformat()))
    if column.kind == Kind.YESNO:
        return Key(value, _("Yes") if value else _("No"), (0, 0 if value else 1))
    if column.kind == Kind.CHOICE:
        return _choice(column, value)
    return Key(value, str(value), (0, str(value)))


def _choice(column: Column, value: Any) -> Key:
    """In the order in which the choices are declared."""
    for place, (code, label) in enumerate(column.choices):
        if code == value:
            return Key(value, str(label), (0, place))
    return Key(value, str(value), (1, str(value)))


def date_words(value: dt.date, grain: str) -> str:
    """A day, or the week, month, quarter or year that begins on it."""
    if grain == "year":
        return str(value.year)
    if grain == "quarter":
        return f"{value.year} Q{(value.month + 2) // 3}"
    if grain == "month":
        return f"{value:%Y-%m}"
    if grain == "week":
        year, week, _day = value.isocalendar()
        return pgettext("ISO week", "%(year)s W%(week)02d") % {"year": year, "week": week}
    return str(formats.date_format(value, "DATE_FORMAT"))
