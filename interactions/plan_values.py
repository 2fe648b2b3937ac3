"""What the planner takes and gives: plain values, without a database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from interactions.cadence import Cadence

DAY = dt.timedelta(days=1)

# Why a visit that is due could not be planned (GapReason).
OVER_CAPACITY, NO_CAPACITY, NO_WORKING_DAY = "over_capacity", "no_capacity", "no_working_day"
ON_LEAVE, NOBODY, INACTIVE = "on_leave", "nobody", "inactive"
NOT_DUE, PAUSED = "not_due", "paused"  # why a visit is not wanted any more


class Calendar(Protocol):
    """What the planner asks of a country (core.workdays.WorkCalendar)."""

    def is_working(self, day: dt.date) -> bool: ...


@dataclass(frozen=True, slots=True)
class Horizon:
    """The days that are planned, first and last included, with the calendars of all countries that occur."""

    first: dt.date
    last: dt.date
    calendars: Mapping[str, Calendar]

    def days(self) -> list[dt.date]:
        return [self.first + number * DAY for number in range((self.last - self.first).days + 1)]


@dataclass(frozen=True, slots=True)
class Person:
    """Who visits. `taken` are their visits by hand: (day, city) of each."""

    pk: int | None
    capacity: int
    leave: Collection[dt.date] = frozenset()
    taken: Sequence[tuple[dt.date, str]] = ()
    active: bool = True


@dataclass(frozen=True, slots=True)
class Slot:
    """A planned visit that exists. Fixed: by hand, or its day is over and it waits to be closed."""

    pk: int
    date: dt.date
    fixed: bool = False
    due: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """One duty at one account. `last` is the last contact (None: never; then `created` is when it is due)."""

    account: int
    duty: str
    cadence: Cadence
    created: dt.date
    last: dt.date | None = None
    tier: str = ""
    city: str = ""
    country: str = "CN"
    slots: tuple[Slot, ...] = ()
    avoid: frozenset[dt.date] = frozenset()  # days on which somebody cancelled a visit by hand
    urgent: bool = False

    @property
    def key(self) -> tuple[int, str]:
        return self.account, self.duty


@dataclass(frozen=True, slots=True)
class Planned:
    """A visit of the plan: on its old row (`slot`; on the same day or moved) or a new one."""

    need: Need
    date: dt.date
    due: dt.date
    cadence_days: int
    slot: Slot | None = None

    @property
    def moved(self) -> bool:
        return self.slot is not None and self.slot.date != self.date


@dataclass(frozen=True, slots=True)
class Dropped:
    """A generated visit that is not wanted any more, and why."""

    need: Need
    slot: Slot
    reason: str


@dataclass(frozen=True, slots=True)
class Gap:
    """A visit that is due and could not be planned, and why."""

    need: Need
    due: dt.date
    reason: str


@dataclass(slots=True)
class Plan:
    """The result for one person; visits by hand are not in it."""

    visits: list[Planned] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
