"""Working hours: until when somebody has to act who may not act at night."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from core.workdays import DAY, WorkCalendar

FURTHEST = dt.timedelta(days=366)
"""No deadline lies further off, whatever the policy's hours."""


@dataclass(frozen=True)
class Hours:
    """When work is done: from `start` until `end` by the clocks in `zone`, on the working days of `calendar`."""

    start: dt.time
    end: dt.time
    zone: ZoneInfo
    calendar: WorkCalendar

    def of(self, day: dt.date) -> tuple[dt.datetime, dt.datetime]:
        """The first and the last moment (UTC) of work on that day."""
        first, last = (dt.datetime.combine(day, time, tzinfo=self.zone) for time in (self.start, self.end))
        return first.astimezone(dt.UTC), last.astimezone(dt.UTC)


def deadline(opened_at: dt.datetime, hours: int, work: Hours) -> dt.datetime:
    """The moment (UTC) by which `hours` of work have passed since `opened_at`, at most a year later.

    The end of a working day belongs to it: nine hours from nine o'clock are over at six in the evening. No hours at
    all: the next moment of work.
    """
    left, opened_at = dt.timedelta(hours=hours), opened_at.astimezone(dt.UTC)
    latest = opened_at + FURTHEST
    day = work.calendar.next_working(opened_at.astimezone(work.zone).date())
    while True:
        first, last = work.of(day)
        begin = max(first, opened_at)
        if begin < last and left <= last - begin:
            return min(begin + left, latest)
        left -= max(last - begin, dt.timedelta())
        if first > latest:
            return latest
        day = work.calendar.next_working(day + DAY)


def horizon(opened_at: dt.datetime) -> tuple[dt.date, dt.date]:
    """The first and the last day that `deadline` can ask the calendar for."""
    day = opened_at.astimezone(dt.UTC).date()
    return day - DAY, day + FURTHEST + 30 * DAY
