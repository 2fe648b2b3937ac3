"""A limit to what a report may cost: seconds of the database. On either database the statement is broken off."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction

from dashboards.reports.errors import ReportTooSlow

ONLINE_SECONDS, BACKGROUND_SECONDS = 2, 300
_STEPS = 20_000
"""After so many steps of its machine SQLite looks at the clock."""
_BROKEN_OFF = ("canceling statement due to statement timeout", "interrupted")


@contextmanager
def seconds(budget: float) -> Iterator[None]:
    """Everything inside together may take so long. Raises ReportTooSlow."""
    limit = _on_postgresql if connection.vendor == "postgresql" else _on_sqlite
    try:
        with transaction.atomic(), limit(budget):
            yield
    except OperationalError as error:
        if any(text in str(error) for text in _BROKEN_OFF):
            raise ReportTooSlow(seconds=round(budget)) from error
        raise


@contextmanager
def _on_postgresql(budget: float) -> Iterator[None]:
    """Each statement may take the whole budget: a report has few of them. A broken one takes the setting back with the
    savepoint."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout')")
        before = cursor.fetchone()[0]
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{round(budget * 1000)}ms"])
    yield
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [before])


@contextmanager
def _on_sqlite(budget: float) -> Iterator[None]:
    connection.ensure_connection()
    ends = time.monotonic() + budget
    connection.connection.set_progress_handler(lambda: int(time.monotonic() > ends), _STEPS)
    try:
        yield
    finally:
        connection.connection.set_progress_handler(None, 0)
