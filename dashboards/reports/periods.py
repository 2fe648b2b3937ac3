"""Periods relative to today, as a filter names them. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

DAY = dt.timedelta(days=1)
Span = tuple[dt.date, dt.date]
"""The first and the last day."""


def month_start(day: dt.date, months: int = 0) -> dt.date:
    """The first day of the month so many months after (or before) that of `day`."""
    number = day.year * 12 + day.month - 1 + months
    return dt.date(number // 12, number % 12 + 1, 1)


def grain_start(day: dt.date, grain: str) -> dt.date:
    """The first day of the week (from Monday), month, quarter or year of a day."""
    if grain == "week":
        return day - day.weekday() * DAY
    if grain == "month":
        return day.replace(day=1)
    if grain == "quarter":
        return dt.date(day.year, day.month - (day.month - 1) % 3, 1)
    return dt.date(day.year, 1, 1) if grain == "year" else day


def grain_end(start: dt.date, grain: str) -> dt.date:
    """The last day of what begins on `start`."""
    if grain == "week":
        return start + 6 * DAY
    months = {"month": 1, "quarter": 3, "year": 12}.get(grain)
    return month_start(start, months) - DAY if months else start


def last_days(count: int) -> Callable[[dt.date], Span]:
    """So many days up to today, today included."""
    return lambda today: (today - (count - 1) * DAY, today)


def next_days(count: int) -> Callable[[dt.date], Span]:
    """So many days from today on, today included."""
    return lambda today: (today, today + (count - 1) * DAY)


def this(grain: str) -> Callable[[dt.date], Span]:
    """All of the week, month, quarter or year of today."""
    return lambda today: (grain_start(today, grain), grain_end(grain_start(today, grain), grain))


def last(grain: str) -> Callable[[dt.date], Span]:
    """All of the one before."""

    def span(today: dt.date) -> Span:
        end = grain_start(today, grain) - DAY
        return grain_start(end, grain), end

    return span


def following(grain: str) -> Callable[[dt.date], Span]:
    """All of the one after."""

    def span(today: dt.date) -> Span:
        start = grain_end(grain_start(today, grain), grain) + DAY
        return start, grain_end(start, grain)

    return span


def full_months(count: int) -> Callable[[dt.date], Span]:
    """So many months up to the end of the last one."""
    return lambda today: (month_start(today, -count), month_start(today) - DAY)


PERIODS: dict[str, tuple[object, Callable[[dt.date], Span]]] = {
    "today": (_("Today"), lambda today: (today, today)),
    "yesterday": (_("Yesterday"), lambda today: (today - DAY, today - DAY)),
    "last_7_days": (_("Last 7 days"), last_days(7)),
    "last_30_days": (_("Last 30 days"), last_days(30)),
    "last_90_days": (_("Last 90 days"), last_days(90)),
    "last_180_days": (_("Last 180 days"), last_days(180)),
    "last_365_days": (_("Last 365 days"), last_days(365)),
    "next_7_days": (_("Next 7 days"), next_days(7)),
    "next_30_days": (_("Next 30 days"), next_days(30)),
    "next_90_days": (_("Next 90 days"), next_days(90)),
    "this_week": (_("This week"), this("week")),
    "last_week": (_("Last week"), last("week")),
    "next_week": (_("Next week"), following("week")),
    "this_month": (_("This month"), this("month")),
    "last_month": (_("Last month"), last("month")),
    "next_month": (_("Next month"), following("month")),
    "this_quarter": (_("This quarter"), this("quarter")),
    "last_quarter": (_("Last quarter"), last("quarter")),
    "this_year": (_("This year"), this("year")),
    "last_year": (_("Last year"), last("year")),
    "year_to_date": (_("This year until today"), lambda today: (grain_start(today, "year"), today)),
    "last_12_months": (_("Last 12 full months"), full_months(12)),
    "last_24_months": (_("Last 24 full months"), full_months(24)),
    "until_today": (_("Until today"), lambda today: (dt.date(1900, 1, 1), today)),
    "before_today": (_("Before today"), lambda today: (dt.date(1900, 1, 1), today - DAY)),
}


def resolve(code: str, today: dt.date) -> Span:
    """The first and the last day of a period. Raises KeyError for an unknown one."""
    return PERIODS[code][1](today)
