"""Visits on a timetable: the weeks and months they are shown in, time zones, days, the route of one day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from interactions.choices import VisitStatus
from interactions.ical import zone_of

if TYPE_CHECKING:
    from interactions.models import Visit
    from users.models import User

DAY, WEEK = dt.timedelta(days=1), dt.timedelta(days=7)
OVERDUE = "overdue"


@dataclass(frozen=True)
class Span:
    """The days that a page of the calendar shows, both ends included, and the days of its neighbours."""

    first: dt.date
    last: dt.date
    previous: dt.date
    following: dt.date


@dataclass
class Day:
    """One day of the list: its visits, what kind of day it is, who is away."""

    date: dt.date
    visits: list[Visit] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    away: list[str] = field(default_factory=list)
    working: bool = True


@dataclass
class Stop:
    """A city of a day's route, with the visits in it."""

    city: str
    visits: list[Visit]


def week_of(day: dt.date) -> Span:
    """Monday to Sunday."""
    first = day - day.weekday() * DAY
    return Span(first, first + 6 * DAY, first - WEEK, first + WEEK)


def month_of(day: dt.date) -> Span:
    """The whole weeks that the month of `day` touches."""
    first = day.replace(day=1)
    following = (first + 31 * DAY).replace(day=1)
    last = following - DAY
    return Span(
        first - first.weekday() * DAY, last + (6 - last.weekday()) * DAY, (first - DAY).replace(day=1), following
    )


def state_of(visit: Visit, today: dt.date) -> str:
    """The status, or `overdue`."""
    return OVERDUE if visit.is_overdue(today) else visit.status


def shown_start(visit: Visit, zone: ZoneInfo) -> tuple[dt.date, dt.time | None]:
    """Day and time of the visit for a reader in `zone`; its own time is its owner's. Without a time only the day."""
    if visit.start_time is None:
        return visit.planned_date, None
    own = zone_of(visit.owner)
    if own.key == zone.key:
        return visit.planned_date, visit.start_time
    there = dt.datetime.combine(visit.planned_date, visit.start_time, tzinfo=own).astimezone(zone)
    return there.date(), there.time().replace(tzinfo=None)


def owners_start(day: dt.date, time: dt.time | None, owner: User, zone: ZoneInfo) -> tuple[dt.date, dt.time | None]:
    """The other way round: what a reader in `zone` calls `day` and `time`, in the owner's zone."""
    own = zone_of(owner)
    if time is None or own.key == zone.key:
        return day, time
    there = dt.datetime.combine(day, time, tzinfo=zone).astimezone(own)
    return there.date(), there.time().replace(tzinfo=None)


def by_time(visits: Iterable[Visit]) -> list[Visit]:
    """Those with a time in its order, then the others."""
    return sorted(visits, key=lambda visit: (visit.start_time is None, visit.start_time or dt.time(), visit.pk))


def route_of(visits: Iterable[Visit]) -> list[Stop]:
    """One day's visits by city, without a map: the city of the earliest appointment first, and in a city by time, then
    by address, so that one street is walked once. What has no city comes last."""
    cities: dict[str, list[Visit]] = {}
    for visit in visits:
        cities.setdefault(visit.account.city.strip(), []).append(visit)
    stops = [Stop(city, _in_city(rows)) for city, rows in cities.items()]
    return sorted(stops, key=lambda stop: (not stop.city, _earliest(stop.visits), -len(stop.visits), stop.city))


def _in_city(visits: list[Visit]) -> list[Visit]:
    return sorted(
        visits,
        key=lambda v: (v.start_time is None, v.start_time or dt.time(), v.account.address, v.account.name, v.pk),
    )


def _earliest(visits: list[Visit]) -> dt.time:
    return min((visit.start_time for visit in visits if visit.start_time), default=dt.time.max)


def is_open(visit: Visit) -> bool:
    """Whether it can still be done: planned, or missed and made up for."""
    return visit.status in (VisitStatus.PLANNED, VisitStatus.MISSED)
