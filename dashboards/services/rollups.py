"""Everything that is kept so that pages need not count it: is it what a recount gives?

Each part is recounted by the very service that keeps it, in one transaction that is taken back unless it is to repair:
the recount is the rule, there is no second one. Rows are compared in the database, in sets.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, models, transaction

from accounts.models import AccountSummary
from contracts.services.next_renewals import refresh_next_renewals
from dashboards.models import AccountPurchases, LineCell, MonthCell, TrendCell
from dashboards.services.company import count_company
from health.services.alert_summary import refresh_alert_summaries
from health.services.storing import refresh_health_summaries
from interactions.services.rhythms import refresh_rhythms
from orders.models import MonthlyRevenue
from orders.services import rebuild_all_facts, refresh_summaries
from surveys.services.satisfaction import refresh_satisfaction

SHOWN = 20
KEPT, COUNTED = "kept", "counted"


@dataclass(frozen=True)
class Kept:
    """Columns of a table; none named: all but the key that the database gives."""

    model: type[models.Model]
    columns: Sequence[str] = ()

    @property
    def table(self) -> str:
        return connection.ops.quote_name(self.model._meta.db_table)

    @property
    def copy(self) -> str:
        return connection.ops.quote_name(f"kept_{self.model._meta.db_table}")

    @property
    def selected(self) -> str:
        names = ("account", *self.columns) if self.columns else _own_columns(self.model)
        fields: list[Any] = [self.model._meta.get_field(name) for name in names]
        return ", ".join(connection.ops.quote_name(field.column) for field in fields)


@dataclass(frozen=True)
class Part:
    """What one service keeps, and how it counts it."""

    name: str
    recount: Callable[[dt.date, dt.datetime], Any]
    kept: tuple[Kept, ...]


@dataclass
class Difference:
    """What a recount of a table gave otherwise: how many rows either side has alone, and some of them."""

    table: str
    kept: int
    counted: int
    rows: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)


def _summary(*columns: str) -> tuple[Kept, ...]:
    return (Kept(AccountSummary, columns),)


PARTS = (
    Part("facts", lambda _today, _now: rebuild_all_facts(), (Kept(MonthlyRevenue),)),
    Part(
        "revenue", lambda today, _now: refresh_summaries(today),
        _summary("revenue_12m_amount", "revenue_prior_12m_amount", "revenue_complete", "last_order_date"),
    ),
    Part(
        "contacts", lambda today, _now: refresh_rhythms(today=today),
        _summary("last_contact_date", "contact_due_date", "next_visit_date"),
    ),
    Part("renewals", lambda today, _now: refresh_next_renewals(today=today), _summary("next_renewal_date")),
    Part("nps", lambda today, _now: refresh_satisfaction(today=today), _summary("nps")),
    Part(
        "health", lambda today, _now: refresh_health_summaries(today=today),
        _summary("health_score", "health_band", "health_trend", "health_band_before"),
    ),
    Part(
        "alerts", lambda _today, _now: refresh_alert_summaries(),
        _summary("open_alerts", "alert_severity", "alert_reason"),
    ),
    Part(
        "company", lambda today, now: count_company(today=today, now=now),
        tuple(map(Kept, (MonthCell, TrendCell, LineCell, AccountPurchases))),
    ),
)  # fmt: skip


def check_rollups(
    *, today: dt.date, now: dt.datetime, repair: bool, names: Sequence[str] = ()
) -> Iterator[tuple[str, list[Difference]]]:
    """Each part (`names`: only these) with what was wrong, one after the other; with `repair` it is right afterwards.

    A part that is done stays done: killed half-way, the next call finds it right and goes on.
    """
    for part in PARTS:
        if not names or part.name in names:
            yield part.name, _checked(part, today, now, repair=repair)


@transaction.atomic
def _checked(part: Part, today: dt.date, now: dt.datetime, *, repair: bool) -> list[Difference]:
    with connection.cursor() as cursor:
        for kept in part.kept:
            cursor.execute(f"CREATE TEMPORARY TABLE {kept.copy} AS SELECT {kept.selected} FROM {kept.table}")  # noqa: S608
    part.recount(today, now)
    found = [_difference(kept) for kept in part.kept]
    with connection.cursor() as cursor:
        for kept in part.kept:
            cursor.execute(f"DROP TABLE {kept.copy}")
    if not repair:
        transaction.set_rollback(True)
    return [one for one in found if one.kept or one.counted]


def _difference(kept: Kept) -> Difference:
    before, some_before = _rows(kept, kept.copy, kept.table)
    after, some_after = _rows(kept, kept.table, kept.copy)
    rows = [(KEPT, row) for row in some_before] + [(COUNTED, row) for row in some_after]
    rows.sort(key=lambda one: [str(value) for value in one[1]])
    return Difference(kept.model._meta.label, before, after, rows[:SHOWN])


def _rows(kept: Kept, table: str, other: str) -> tuple[int, list[tuple[Any, ...]]]:
    """How many rows of a table the other has not, and some of them."""
    found = f"SELECT {kept.selected} FROM {table} EXCEPT SELECT {kept.selected} FROM {other}"  # noqa: S608  own words
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM ({found}) d")  # noqa: S608
        count = cursor.fetchone()[0]
        if not count:
            return 0, []
        cursor.execute(f"SELECT * FROM ({found}) d LIMIT {SHOWN}")  # noqa: S608
        return count, cursor.fetchall()


def _own_columns(model: type[models.Model]) -> list[str]:
    return [one.name for one in model._meta.concrete_fields if not (one.primary_key and one.name == "id")]
