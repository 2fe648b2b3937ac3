"""What people can do and have planned in each of the coming weeks."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from core.workdays import HOME, work_calendars
from interactions.models import Capacity, Visit
from interactions.services.workload import leave_days

WEEKS = 6
DAY = dt.timedelta(days=1)
WEEK = dt.timedelta(days=7)


@dataclass(frozen=True)
class Week:
    """A week from `first` on (Monday, but today in the current one)."""

    first: dt.date
    planned: int
    capacity: int
    days_away: int

    @property
    def is_over(self) -> bool:
        return self.planned > self.capacity

    @property
    def share(self) -> int:
        """Per cent of the capacity, for the bar: at most 100."""
        return min(100, round(100 * self.planned / self.capacity)) if self.capacity else 100 * bool(self.planned)


@dataclass(frozen=True)
class Workload:
    """A person's visits per day (`own`: where it is not the policy's) and coming weeks."""

    own: int | None
    per_day: int
    weeks: list[Week]


def week_starts(today: dt.date) -> list[dt.date]:
    """The first day of each of the coming weeks: today, then Mondays."""
    monday = today - today.weekday() * DAY
    return [max(today, monday + number * WEEK) for number in range(WEEKS)]


def workloads(user_ids: Collection[int], today: dt.date, *, otherwise: int) -> dict[int, Workload]:
    """User -> workload; a fixed number of queries, however many people.

    `otherwise` counts for who has no capacity of their own. Working days are those of the home calendar.
    """
    starts = week_starts(today)
    last = starts[-1] - starts[-1].weekday() * DAY + WEEK - DAY
    working = work_calendars([HOME], today, last)[HOME].days
    own = dict(Capacity.objects.filter(user__in=user_ids).order_by().values_list("user", "visits_per_day"))
    away = leave_days(user_ids, today, last)
    planned: dict[int, Counter[dt.date]] = {pk: Counter() for pk in user_ids}
    visits = Visit.objects.planned().filter(owner__in=user_ids).between(today, last).order_by()
    for owner, day in visits.values_list("owner", "planned_date"):
        planned[owner][_start(day, today)] += 1
    days = Counter(_start(day, today) for day in working)
    found = {}
    for pk in user_ids:
        per_day = own.get(pk, otherwise)
        missed = Counter(_start(day, today) for day in working if day in away[pk])
        weeks = [
            Week(first, planned[pk][first], per_day * (days[first] - missed[first]), missed[first]) for first in starts
        ]
        found[pk] = Workload(own.get(pk), per_day, weeks)
    return found


def _start(day: dt.date, today: dt.date) -> dt.date:
    return max(today, day - day.weekday() * DAY)
