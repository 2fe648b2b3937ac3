"""The transaction that an entry was written in: by it, readers of the stream know what is settled and what is not."""

from __future__ import annotations

from typing import Any

from django.db.models import BigIntegerField, Func


class CurrentTransaction(Func):
    """The id of the transaction under way; 0 on SQLite, whose writers follow each other, so that keys are in order."""

    output_field = BigIntegerField()
    arity = 0

    def as_sql(self, compiler: Any, connection: Any, **_context: Any) -> Any:  # type: ignore[override]  # takes any
        if connection.vendor == "postgresql":
            return "pg_current_xact_id()::text::bigint", []
        return "0", []
