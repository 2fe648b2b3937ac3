"""Keyset paging: any page of a list costs what page 1 costs, at any size, with no COUNT and no OFFSET.

A list is sorted by one key and, within it, by the primary key in the same direction; rows whose key is null come last.
A cursor says "after this row" or "before this row". It is opaque to clients, and worth nothing without the right to see
the rows.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError

COUNT_LIMIT = 1000


class InvalidCursor(DomainError):
    code = "invalid_cursor"
    message = _("This page marker is not valid; start again from the first page.")


@dataclass(frozen=True)
class Sort:
    """One sort key: a lookup path from the row (`summary__last_order_date`), ascending unless `descending`."""

    path: str
    descending: bool = False
    nullable: bool = False

    @classmethod
    def parse(cls, text: str, allowed: dict[str, Sort]) -> Sort | None:
        """The sort named `text` (`-revenue` is descending) among `allowed`; None if there is none of that name."""
        sort = allowed.get(text.removeprefix("-"))
        return sort and cls(sort.path, text.startswith("-"), sort.nullable)

    @classmethod
    def chosen(cls, text: str, allowed: dict[str, Sort], default: str) -> tuple[str, Sort]:
        """The name and the sort that a page's `?sort=` asks for; those of `default` when it asks for none of them."""
        sort = cls.parse(text, allowed)
        if sort is None:
            text, of = default, allowed[default.removeprefix("-")]
            sort = cls(of.path, default.startswith("-"), of.nullable)
        return text, sort


@dataclass(frozen=True)
class Cursor:
    """Where a page begins: `forward` after the row with this key and pk, else before it. No pk: from the very end."""

    forward: bool
    key: Any = None
    pk: int | None = None

    def encode(self) -> str:
        raw = json.dumps(["n" if self.forward else "p", self.key, self.pk], default=str, separators=(",", ":"))
        return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str, model: type[models.Model], sort: Sort) -> Cursor:
        """Raises InvalidCursor unless `text` is a cursor of this model and sort."""
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            direction, key, pk = json.loads(raw)
            if direction not in ("n", "p") or not (pk is None or type(pk) is int):
                raise InvalidCursor
            if key is not None:
                key = _key(_field_at(model, sort.path), key)
            elif pk is not None and not sort.nullable:
                raise InvalidCursor
        except (ValueError, TypeError, ArithmeticError, ValidationError, RecursionError) as error:
            raise InvalidCursor from error
        return cls(direction == "n", key, pk)


LAST = Cursor(forward=False)


@dataclass
class Page:
    """The rows of one page and the cursors of its neighbours (None where there is no neighbour)."""

    rows: list[Any]
    next_cursor: str | None = None
    previous_cursor: str | None = None
    last_cursor: str = field(default_factory=LAST.encode)

    def __iter__(self) -> Any:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def keyset_page(queryset: models.QuerySet[Any], sort: Sort, cursor: str | None = None, size: int = 50) -> Page:
    """One page of `queryset`, which may carry filters but no order. Raises InvalidCursor."""
    at = Cursor.decode(cursor, queryset.model, sort) if cursor else Cursor(forward=True)
    rows = _fetch(queryset, sort, at, size + 1)
    more = len(rows) > size
    rows = rows[:size]
    if not at.forward:
        rows.reverse()
    page = Page(rows)
    if not rows:
        return page
    has_next = more if at.forward else at.pk is not None
    has_previous = (at.pk is not None) if at.forward else more
    if has_next:
        page.next_cursor = Cursor(forward=True, key=_value(rows[-1], sort.path), pk=rows[-1].pk).encode()
    if has_previous:
        page.previous_cursor = Cursor(forward=False, key=_value(rows[0], sort.path), pk=rows[0].pk).encode()
    return page


def bounded_count(queryset: models.QuerySet[Any], limit: int = COUNT_LIMIT) -> tuple[int, bool]:
    """The number of rows up to `limit`, and whether that is exact (False: there are more)."""
    count = queryset.order_by()[: limit + 1].count()
    return min(count, limit), count <= limit


def _fetch(queryset: models.QuerySet[Any], sort: Sort, at: Cursor, n: int) -> list[Any]:
    """Up to `n` rows from `at` on, in the direction of travel. At most two index ranges: keys, then nulls (or back)."""
    descending = sort.descending if at.forward else not sort.descending
    sign, beyond = ("-", "lt") if descending else ("", "gt")
    path, start_in_nulls = sort.path, sort.nullable and at.pk is not None and at.key is None
    keyed = queryset.order_by(f"{sign}{path}", f"{sign}pk")
    if sort.nullable:
        keyed = keyed.filter(**{f"{path}__isnull": False})
    nulls = queryset.filter(**{f"{path}__isnull": True}).order_by(f"{sign}pk")
    if at.pk is not None:
        if start_in_nulls:
            nulls = nulls.filter(**{f"pk__{beyond}": at.pk})
        else:
            # The first condition is the index range, the second only splits ties.
            keyed = keyed.filter(**{f"{path}__{beyond}e": at.key}).filter(
                Q(**{f"{path}__{beyond}": at.key}) | Q(**{f"pk__{beyond}": at.pk})
            )
    segments: Sequence[models.QuerySet[Any]]
    if not sort.nullable:
        segments = [keyed]
    elif at.forward:
        segments = [nulls] if start_in_nulls else [keyed, nulls]
    else:
        segments = [nulls, keyed] if start_in_nulls or at.pk is None else [keyed]
    rows: list[Any] = []
    for segment in segments:
        if len(rows) < n:
            rows.extend(segment[: n - len(rows)])
    return rows


def _value(row: Any, path: str) -> Any:
    for name in path.split("__"):
        row = getattr(row, name)
    return row if row is None or isinstance(row, str | int | Decimal | dt.date | dt.datetime) else str(row)


def _key(field: Any, key: Any) -> Any:
    """The value of `field` that `key` stands for; raises one of many errors unless the database can compare it."""
    if not isinstance(key, str | int | float):
        raise InvalidCursor
    value = field.to_python(key)
    if isinstance(value, str) and "\x00" in value.encode().decode():
        raise InvalidCursor
    if isinstance(value, Decimal) and not (value.is_finite() and value.adjusted() < field.max_digits):
        raise InvalidCursor
    if isinstance(value, dt.datetime):
        if value.tzinfo is None:
            raise InvalidCursor
        value.astimezone(dt.UTC)
    return value


def _field_at(model: type[models.Model], path: str) -> Any:
    found: Any = model._meta
    *parents, last = path.split("__")
    try:
        for name in parents:
            found = found.get_field(name).related_model._meta
        return found.pk if last == "pk" else found.get_field(last)
    except FieldDoesNotExist as error:
        raise InvalidCursor from error
