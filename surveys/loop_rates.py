"""How well the loop is closed: how many follow-ups, in time or not, and how long it took; by owner, team, tier."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.db.models import Aggregate, Avg, Count, DurationField, ExpressionWrapper, F, Q

from surveys.choices import FollowUpStatus


class Median(Aggregate):
    """The median of durations, interpolated between the two in the middle. SQLite, which has none, collects the values
    and Python finds it."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()
    allow_distinct = False

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, Any]:
        return self.as_sql(
            compiler, connection, function="json_group_array", template="%(function)s(%(expressions)s)", **extra
        )

    def get_db_converters(self, connection: Any) -> list[Any]:
        return [_median_of_array] if connection.vendor == "sqlite" else super().get_db_converters(connection)


def _median_of_array(value: Any, _expression: Any, _connection: Any) -> dt.timedelta | None:
    """From the JSON of microseconds that SQLite gives."""
    found = [number for number in json.loads(value or "[]") if number is not None]
    return dt.timedelta(microseconds=median(found)) if found else None


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


def loop_rates(follow_ups: Any, now: dt.datetime, by: str = "") -> list[LoopRate]:
    """The rates of `follow_ups`, a scoped set, grouped by the path `by` ("": all in one); largest group first. One
    statement."""
    closed = Q(status=FollowUpStatus.CLOSED)
    rows = follow_ups.order_by().annotate(to_contact=_span("contacted_at"), to_close=_span("closed_at"))
    figures = {
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
    if not by:
        return [LoopRate(None, **rows.aggregate(**figures))]
    grouped = rows.values(by).annotate(**figures)
    return sorted((LoopRate(row.pop(by), **row) for row in grouped), key=lambda rate: (-rate.opened, str(rate.key)))


def _span(until: str) -> ExpressionWrapper:
    """From the answer to `until`; null where that has not been."""
    return ExpressionWrapper(F(until) - F("opened_at"), output_field=DurationField())
