"""Many rows changed in one statement, each to values of its own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models


def update_rows(model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[Any]], also: str = "") -> int:
    """Set the columns `names[1:]` of the rows whose key is the first of each tuple; returns how many were changed.

    One statement, however many rows. `names` are fields of `model`; `also` is SQL for further columns, our own words
    only. Nothing is validated or recorded. Where a unique index holds the columns, no row may take over the values of
    another of the same call.
    """
    if not rows:
        return 0
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    quote = connection.ops.quote_name
    columns = [quote(field.column) for field in fields]
    sets = ", ".join([f"{column} = n.{column}" for column in columns[1:]] + ([also] if also else []))
    source, parameters = _source(fields, columns, rows)
    table = quote(model._meta.db_table)
    statement = f"UPDATE {table} AS t SET {sets} FROM {source} WHERE t.{columns[0]} = n.{columns[0]}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.rowcount


def _source(fields: Sequence[Any], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> tuple[str, list[Any]]:
    """The rows as a table `n`, and its parameters: arrays on PostgreSQL, JSON on SQLite."""
    if connection.vendor == "postgresql":
        types = [field.rel_db_type(connection) or field.db_type(connection) for field in map(_target, fields)]
        arrays = ", ".join(f"%s::{kind}[]" for kind in types)
        lists = [_values(field, values) for field, values in zip(fields, zip(*rows, strict=True), strict=True)]
        return f"unnest({arrays}) AS n({', '.join(columns)})", lists
    parts = ", ".join(f"json_extract(value, '$[{at}]') AS {column}" for at, column in enumerate(columns))
    prepared = [[_json(field, value) for field, value in zip(fields, row, strict=True)] for row in rows]
    return f"(SELECT {parts} FROM json_each(%s)) n", [json.dumps(prepared, cls=DjangoJSONEncoder)]  # noqa: S608


def _target(field: Any) -> Any:
    """The column that a foreign key points at: its type is the column's."""
    return _target(field.target_field) if field.is_relation else field


def _values(field: Any, values: Sequence[Any]) -> list[Any]:
    """A column of parameters; a dict means nothing to the driver by itself."""
    is_json = isinstance(field, models.JSONField)
    return [field.get_db_prep_save(value, connection) for value in values] if is_json else list(values)


def _json(field: Any, value: Any) -> Any:
    return _target(field).get_db_prep_save(value, connection)
