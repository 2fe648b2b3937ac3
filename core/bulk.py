"""Rows by the hundred thousand: COPY on PostgreSQL, one prepared INSERT elsewhere. Nothing is validated or recorded."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models

BATCH = 5000
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy_rows(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Insert `rows` (tuples in the order of `columns`, which are field or attribute names) and return how many.

    The rows are streamed: memory stays bounded however many there are. They must not query: while it reads them,
    PostgreSQL can do nothing else. Fields not named get the database's default or null, not Django's. Dates and times
    are `date` and aware `datetime`, JSON is a dict or list. Raises IntegrityError as an ordinary INSERT does; call it
    inside a transaction, and `reset_sequence` afterwards if the rows brought their own primary keys.
    """
    fields: list[Any] = [model._meta.get_field(name) for name in columns]
    table = connection.ops.quote_name(model._meta.db_table)
    names = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    if connection.vendor == "postgresql":
        return _copy(f"COPY {table} ({names}) FROM STDIN", rows)
    marks = ", ".join(["%s"] * len(fields))
    statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608  quoted names of the model only
    return _insert(statement, _converters(fields), rows)


def reset_sequence(*model_classes: type[models.Model]) -> None:
    """Let the next generated primary key follow the highest that exists (needed on PostgreSQL only)."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(model_classes)):
            cursor.execute(statement)


def next_pk(model: type[models.Model]) -> int:
    """The first primary key above all that exist. Only for loads that have the table to themselves."""
    return (model._base_manager.aggregate(most=models.Max("pk"))["most"] or 0) + 1


def check_references_at_once() -> None:
    """Let PostgreSQL check foreign keys after each statement of this transaction: by the end of a long one it would
    hold a check in memory for every row."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def plan_for_batches() -> None:
    """Let PostgreSQL find the rows of some thousand accounts by their index, for the rest of this transaction.

    Its defaults are those of a spinning disk and little memory: it would read a whole table of lines for each batch.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL random_page_cost = 1.1; SET LOCAL work_mem = '64MB'; SET LOCAL jit = off")


def analyze(*model_classes: type[models.Model]) -> None:
    """Refresh the planner's statistics after a large load."""
    with connection.cursor() as cursor:
        for model in model_classes:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")


def _copy(statement: str, rows: Iterable[Sequence[Any]]) -> int:
    source = _Lines(rows)
    with connection.cursor() as cursor:
        cursor.copy_expert(statement, source, 1 << 18)
    return source.count


def _insert(statement: str, converters: list[Callable[[Any], Any]], rows: Iterable[Sequence[Any]]) -> int:
    iterator, count = iter(rows), 0
    with connection.cursor() as cursor:
        while batch := [
            tuple(convert(value) for convert, value in zip(converters, row, strict=True))
            for row in islice(iterator, BATCH)
        ]:
            cursor.executemany(statement, batch)
            count += len(batch)
    return count


def _converters(fields: Sequence[Any]) -> list[Callable[[Any], Any]]:
    def converter(field: Any) -> Callable[[Any], Any]:
        return lambda value: field.get_db_prep_save(value, connection)

    return [converter(field.target_field if field.is_relation else field) for field in fields]


class _Lines(io.RawIOBase):
    """The rows as a readable stream of COPY's text format."""

    def __init__(self, rows: Iterable[Sequence[Any]]) -> None:
        self.rows: Iterator[Sequence[Any]] = iter(rows)
        self.rest = b""
        self.count = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        parts, length = [self.rest], len(self.rest)
        while size < 0 or length < size:
            batch = list(islice(self.rows, 500))
            if not batch:
                break
            self.count += len(batch)
            part = "".join(["\t".join(map(_text, row)) + "\n" for row in batch]).encode()
            parts.append(part)
            length += len(part)
        data = b"".join(parts)
        if size < 0:
            size = len(data)
        self.rest = data[size:]
        return data[:size]


def _text(value: Any) -> str:
    """One value in COPY's text format."""
    return _WRITERS.get(type(value), _other)(value)


def _other(value: Any) -> str:
    """A value of a type of its own, such as a choice or a lazy translation."""
    return str(value).translate(_ESCAPES)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str).translate(_ESCAPES) if value else str(value)


_WRITERS: dict[type, Callable[[Any], str]] = {
    str: lambda value: value if value.isalnum() else value.translate(_ESCAPES),
    int: str,
    Decimal: str,
    float: str,
    type(None): lambda _value: "\\N",
    bool: lambda value: "t" if value else "f",
    dt.date: str,
    dt.datetime: dt.datetime.isoformat,
    dict: _json,
    list: _json,
}
