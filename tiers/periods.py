"""Which months a run looks at, and on which days a schedule falls due: arithmetic on dates only."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

STEPS = {"monthly": 1, "quarterly": 3, "half_yearly": 6}


class Period(NamedTuple):
    """Full calendar months: from the first day of the first to the last day of the last."""

    start: dt.date
    end: dt.date


def month_start(day: dt.date, shift: int = 0) -> dt.date:
    """The first day of the month that lies `shift` months after that of `day`."""
    months = day.year * 12 + day.month - 1 + shift
    return dt.date(months // 12, months % 12 + 1, 1)


def trailing(as_of: dt.date, months: int) -> Period:
    """The `months` full months before the month of `as_of`: 2010-06-01 and 6 give 2009-12-01 to 2010-05-31."""
    return Period(month_start(as_of, -months), month_start(as_of) - dt.timedelta(days=1))


def last_due(schedule: str, first_month: int, day: int, today: dt.date) -> dt.date | None:
    """The latest due day up to `today`; None where `schedule` names no step."""
    step = STEPS.get(schedule)
    if step is None:
        return None
    since = (today.month - first_month) % step
    due = month_start(today, -since).replace(day=day)
    return due if due <= today else month_start(due, -step).replace(day=day)


def next_due(schedule: str, first_month: int, day: int, today: dt.date) -> dt.date | None:
    """The first due day after `today`; None where `schedule` names no step."""
    last = last_due(schedule, first_month, day, today)
    return last and month_start(last, STEPS[schedule]).replace(day=day)
