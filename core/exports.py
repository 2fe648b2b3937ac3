"""Lists that can be exported: every app registers its own in `<app>/exports.py`, which is found by itself.

An export has exactly the rows that the page of the list shows to the same person with the same filters, in its order.
Which rows these are is looked up once, as keys; then they are read batch by batch, each with the same few statements.
"""

from __future__ import annotations

import datetime as dt
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from django.db import models
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.text import capfirst

from core.forms import scope_form
from core.paging import Sort
from core.sheets import Column, Kind

if TYPE_CHECKING:
    from users.models import User

BATCH = 2000
Words = str | Promise


@dataclass(frozen=True)
class Asked:
    """Who asks for which rows of a list, and when. To a FilterSet it is what a page's request is."""

    user: User
    query: QueryDict
    now: dt.datetime
    today: dt.date

    @property
    def GET(self) -> QueryDict:  # noqa: N802  the name of a request's
        return self.query


@dataclass(frozen=True)
class Found:
    """The rows that are asked for: `rows` are seen by who asks, filtered, in no order; `filterset` is None where the
    list has no filters."""

    rows: models.QuerySet[Any]
    sort: Sort
    filterset: Any = None


def filtered(
    filterset: Any, asked: Asked, sorts: Mapping[str, Sort] | Sort, default: str | Callable[[Any], str] = "",
    rows: Callable[[Any], models.QuerySet[Any]] = lambda filterset: filterset.qs,
) -> Found:  # fmt: skip
    """What a page shows that narrows its list by this FilterSet (made with `asked.query`): the choices are limited to
    what the user sees, the order is one of `sorts`, or the only one."""
    scope_form(filterset.form, asked.user)
    filterset.form.is_valid()
    if isinstance(sorts, Sort):
        return Found(rows(filterset).order_by(), sorts, filterset)
    start = default if isinstance(default, str) else default(filterset)
    _key, sort = Sort.chosen(asked.query.get("sort", ""), dict(sorts), start)
    return Found(rows(filterset).order_by(), sort, filterset)


@dataclass(frozen=True)
class Cell:
    """A column: its heading, what stands in it (a path from the row as `account.code`, or a function of the row), what
    that is, and how wide."""

    heading: Words
    value: str | Callable[[Any], Any]
    kind: Kind = Kind.TEXT
    width: int = 0

    def of(self, row: Any) -> Any:
        """What stands in the column for this row; nothing where something on the path is missing."""
        if not isinstance(self.value, str):
            return self.value(row)
        for name in _names(self.value):
            row = getattr(row, name, None)
            if row is None:
                return None
        return row


@cache
def _names(path: str) -> tuple[str, ...]:
    return tuple(path.split("."))


def cells_of(model: type[models.Model], *parts: str | Cell) -> list[Cell]:
    """Cells by the names of fields, as `status` and `account.code`: the heading, the kind and the words of choices are
    those of the field; what is a Cell already stays as it is."""
    return [part if isinstance(part, Cell) else _cell_of(model, part) for part in parts]


def _cell_of(model: type[models.Model], path: str) -> Cell:
    *parents, last = path.split(".")
    at: Any = model._meta
    for name in parents:
        at = at.get_field(name).related_model._meta
    field = at.get_field(last)
    if field.choices:
        labels = {value: str(label) for value, label in field.flatchoices}
        raw = Cell("", path)
        return Cell(field.verbose_name, lambda row: labels.get(value := raw.of(row), value))
    return Cell(field.verbose_name, path, _kind_of(field))


def _kind_of(field: Any) -> Kind:
    if isinstance(field, models.DecimalField):
        return Kind.MONEY if field.name.endswith("amount") or field.name == "unit_price" else Kind.NUMBER
    kinds = (
        (models.DateTimeField, Kind.TIME), (models.DateField, Kind.DATE), (models.IntegerField, Kind.WHOLE),
        (models.FloatField, Kind.NUMBER),
    )  # fmt: skip
    return next((kind for types, kind in kinds if isinstance(field, types)), Kind.TEXT)


@dataclass(frozen=True)
class ListExport:
    """A list that can be exported.

    `pages` are the views that show it, each with the parameters of the list that the page has elsewhere than in its
    query: from a part of the address (`{"account": "account_pk"}`), the page's context (`"@chosen"`) or always the same
    (`"=decide"`). `find` gives the rows; `load` adds what the columns need to a set of rows; `prepare` does what a page
    does with the rows it shows. `may` says who has the list at all. `personal` is true of lists of people outside the
    house; `instead` names another list that the page shows where it says so; `also` are lists that belong to it and
    have no page of their own.
    """

    name: str
    title: Words
    model: type[models.Model]
    pages: Mapping[str, Mapping[str, str]]
    find: Callable[[Asked], Found]
    cells: Callable[[Asked], Sequence[Cell]]
    load: Callable[[models.QuerySet[Any], Asked], models.QuerySet[Any]] = lambda rows, asked: rows
    prepare: Callable[[list[Any], Asked], None] | None = None
    may: Callable[[User], bool] = lambda user: user.is_active
    personal: bool = False
    instead: tuple[str, Callable[[Asked], bool]] | None = None
    also: Sequence[str] = field(default=())
    needed: Sequence[str] = field(default=())
    """Parameters without which the list is none: of which campaign, of which run."""

    def columns(self, asked: Asked) -> list[Column]:
        """The headings, in the active language."""
        return [Column(capfirst(str(cell.heading)), cell.kind, cell.width) for cell in self.cells(asked)]

    def keys(self, asked: Asked) -> array[int]:
        """The keys of all rows that are asked for, in the order of the list; nulls come last, as on the page."""
        found = self.find(asked)
        sort, sign = found.sort, "-" if found.sort.descending else ""
        rows = found.rows
        if not sort.nullable:
            return array("q", _keys(rows.order_by(*_order(sort.path, sign))))
        there = rows.filter(**{f"{sort.path}__isnull": False}).order_by(*_order(sort.path, sign))
        missing = rows.filter(**{f"{sort.path}__isnull": True}).order_by(f"{sign}pk")
        return array("q", (key for part in (there, missing) for key in _keys(part)))

    def rows(self, keys: Sequence[int], asked: Asked) -> list[list[Any]]:
        """The cells of these rows, in this order; rows that are no longer there are left out."""
        loaded = self.load(self.model._default_manager.order_by().filter(pk__in=list(keys)), asked)
        by_key = {row.pk: row for row in loaded}
        rows = [by_key[key] for key in keys if key in by_key]
        if self.prepare is not None:
            self.prepare(rows, asked)
        cells = self.cells(asked)
        found = [[cell.of(row) for cell in cells] for row in rows]
        for row in rows:  # what was prefetched names its row: only the collector would free the two, and much later
            getattr(row, "_prefetched_objects_cache", {}).clear()
        return found


def _order(path: str, sign: str) -> list[str]:
    return [f"{sign}pk"] if path == "pk" else [f"{sign}{path}", f"{sign}pk"]


def _keys(rows: models.QuerySet[Any]) -> Iterable[int]:
    return rows.values_list("pk", flat=True).iterator(chunk_size=10_000)


def batches(keys: array[int], size: int = BATCH) -> Iterator[array[int]]:
    """The keys in parts."""
    return (keys[start : start + size] for start in range(0, len(keys), size))


_lists: dict[str, ListExport] = {}
_by_page: dict[str, ListExport] = {}


def register(*exports: ListExport) -> None:
    """Let these lists be exported."""
    for export in exports:
        _lists[export.name] = export
        _by_page.update(dict.fromkeys(export.pages, export))


def get(name: str) -> ListExport | None:
    """The list of that name."""
    return _lists.get(name)


def all_lists() -> list[ListExport]:
    """Every list that can be exported."""
    return list(_lists.values())


def of_page(view_name: str) -> ListExport | None:
    """The list that this view shows."""
    return _by_page.get(view_name)


def parameters_of(export: ListExport, view_name: str, kwargs: Mapping[str, Any], context: Any) -> dict[str, str]:
    """The parameters of the list that this page has elsewhere than in its query."""
    found = {}
    for name, source in export.pages[view_name].items():
        value = source[1:] if source[0] == "=" else context.get(source[1:]) if source[0] == "@" else kwargs[source]
        found[name] = str(value or "")
    return found
