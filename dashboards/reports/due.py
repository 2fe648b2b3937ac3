"""When a schedule is due. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from dashboards.choices import LAST_WORKING_DAY, Frequency
from dashboards.reports.periods import DAY, month_start

IsWorking = Callable[[dt.date], bool]
WEEK = 7


@dataclass(frozen=True)
class Rhythm:
    """Weekly on a weekday (0 is Monday), or monthly on a day (0: the last working day); `hour` in a zone."""

    frequency: str
    weekday: int
    month_day: int
    hour: int
    zone: dt.tzinfo


def last_due(rhythm: Rhythm, now: dt.datetime, is_working: IsWorking) -> tuple[dt.date, dt.datetime]:
    """The last day on which the schedule was due, and the moment: never after `now`."""
    today = now.astimezone(rhythm.zone).date()
    for day in _days(rhythm, today, is_working):
        moment = dt.datetime.combine(day, dt.time(rhythm.hour), rhythm.zone).astimezone(dt.UTC)
        if moment <= now:
            return day, moment
    raise ValueError(now)


def _days(rhythm: Rhythm, today: dt.date, is_working: IsWorking) -> tuple[dt.date, ...]:
    """The last two days of the schedule up to today, the later first."""
    if rhythm.frequency == Frequency.WEEKLY:
        day = today - (today.weekday() - rhythm.weekday) % WEEK * DAY
        return day, day - WEEK * DAY
    days = (month_day(month_start(today, -back), rhythm.month_day, is_working) for back in range(3))
    return tuple(day for day in days if day <= today)


def month_day(first: dt.date, number: int, is_working: IsWorking) -> dt.date:
    """The day of a month; for 0 its last working day (the last day, where no day is one)."""
    if number != LAST_WORKING_DAY:
        return first.replace(day=number)
    last = month_start(first, 1) - DAY
    day = last
    while not is_working(day):
        if day == first:
            return last
        day -= DAY
    return day
