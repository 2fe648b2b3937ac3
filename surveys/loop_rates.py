"""How well the loop is closed: how many follow-ups, in time or not, and how long it took; by owner, team, tier."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.db import connection
from django.db.models import (
    Aggregate,
    Avg,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    FloatField,
    Func,
    IntegerField,
    Q,
)

from surveys.choices import FollowUpStatus


class Median(Aggregate):
    """The median of durations in seconds, interpolated between the two in the middle. PostgreSQL sorts numbers twice as
    fast as intervals. SQLite, which has no median, collects the values and Python finds it."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY date_part('epoch', %(expressions)s))"
    output_field = FloatField()
    allow_distinct = False

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, Any]:
        return self.as_sql(
            compiler, connection, function="json_group_array", template="%(function)s(%(expressions)s)", **extra
        )

    def get_db_converters(self, connection: Any) -> list[Any]:
        return [_median_of_array] if connection.vendor == "sqlite" else super().get_db_converters(connection)


def _median_of_array(value: Any, _expression: Any, _connection: Any) -> float | None:
    """From the JSON of microseconds that SQLite gives."""
    found = [number for number in json.loads(value or "[]") if number is not None]
    return median(found) / 1_000_000 if found else None


class WithTotal(Func):
    """A column to group by, with one more row for all (`IsTotal`): both in one reading. PostgreSQL only."""

    template = "%(expressions)s"
    arity = 1

    def get_group_by_cols(self) -> list[Any]:
        return [Func(*self.get_source_expressions(), function="ROLLUP")]


class IsTotal(Func):
    """1 in the row for all."""

    function = "GROUPING"
    arity = 1
    output_field = IntegerField()
    contains_aggregate = True

    def get_group_by_cols(self) -> list[Any]:
        return []


@dataclass(frozen=True)
class LoopRate:
    """Follow-ups of one group. `key` is what the group is: a campaign, owner or team by its key, a tier; None for all.
    Times are elapsed, nights and weekends included; None where nothing is contacted or closed yet."""

    key: Any
    opened: int = 0
    contacted: int = 0
    closed: int = 0
    in_time: int = 0
    late: int = 0
    median_contact: dt.timedelta | None = None
    mean_contact: dt.timedelta | None = None
    median_close: dt.timedelta | None = None
    mean_close: dt.timedelta | None = None

    @property
    def rate(self) -> float | None:
        """The share that is closed."""
        return self.closed / self.opened if self.opened else None

    @property
    def in_time_rate(self) -> float | None:
        """Of those that are closed or overdue, the share closed within the deadline: what is not due yet is not
        counted."""
        judged = self.closed + self.late
        return self.in_time / judged if judged else None


FIGURES = ("opened", "contacted", "closed", "in_time", "late")


def loop_rates(follow_ups: Any, now: dt.datetime, by: str) -> tuple[LoopRate, list[LoopRate]]:
    """The rates of `follow_ups`, a scoped set: of all, and grouped by the path `by`, the largest group first. One
    statement on PostgreSQL."""
    rows = _spans(follow_ups)
    if connection.vendor == "postgresql":
        found = rows.annotate(group=WithTotal(F(by))).values("group").annotate(total=IsTotal(F(by)), **_figures(now))
        found.query.group_by = ()  # not by the column itself, only by what it says to group by
        rates = [(row.pop("total"), _rate(row.pop("group"), row)) for row in found]
        total = next((rate for is_total, rate in rates if is_total), LoopRate(None))
        groups = [rate for is_total, rate in rates if not is_total]
    else:
        total = total_rate(follow_ups, now)
        groups = [_rate(row.pop(by), row) for row in rows.values(by).annotate(**_figures(now))]
    return total, sorted(groups, key=lambda rate: (-rate.opened, str(rate.key)))


def total_rate(follow_ups: Any, now: dt.datetime) -> LoopRate:
    """The rates of `follow_ups`, a scoped set, all together; one statement."""
    return _rate(None, _spans(follow_ups).aggregate(**_figures(now)))


def _figures(now: dt.datetime) -> dict[str, Any]:
    closed = Q(status=FollowUpStatus.CLOSED)
    return {
        "opened": Count("pk"),
        "contacted": Count("pk", filter=Q(contacted_at__isnull=False)),
        "closed": Count("pk", filter=closed),
        "in_time": Count("pk", filter=closed & Q(closed_at__lte=F("due_at"))),
        "late": Count("pk", filter=~closed & Q(due_at__lt=now)),
        "median_contact": Median("to_contact"),
        "mean_contact": Avg("to_contact"),
        "median_close": Median("to_close"),
        "mean_close": Avg("to_close"),
    }


def _rate(key: Any, row: dict[str, Any]) -> LoopRate:
    for name in ("median_contact", "median_close"):
        row[name] = None if row[name] is None else dt.timedelta(seconds=row[name])
    return LoopRate(key, **row)


def _spans(follow_ups: Any) -> Any:
    return follow_ups.order_by().annotate(to_contact=_span("contacted_at"), to_close=_span("closed_at"))


def _span(until: str) -> ExpressionWrapper:
    """From the answer to `until`; null where that has not been."""
    return ExpressionWrapper(F(until) - F("opened_at"), output_field=DurationField())
