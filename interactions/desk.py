"""The days of one person while they are planned: what is taken, what existing visits hold, what is free."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence

from interactions.plan_values import (
    DAY,
    NO_CAPACITY,
    NO_WORKING_DAY,
    ON_LEAVE,
    OVER_CAPACITY,
    Horizon,
    Need,
    Person,
    Slot,
)

CITY_BONUS = 0.25  # a visit in the same city is worth a week that is fuller by this share of its capacity


class Desk:
    """The days of one person: what is taken, what existing visits hold, what is free."""

    def __init__(self, person: Person, horizon: Horizon) -> None:
        self.person, self.horizon = person, horizon
        self.load: Counter[dt.date] = Counter(day for day, _city in person.taken)
        self.held: dict[dt.date, dict[int, dt.date]] = {}
        self.cities: Counter[tuple[dt.date, str]] = Counter(person.taken)
        self.weeks: Counter[dt.date] = Counter()
        for day in self.load.elements():
            self.weeks[monday(day)] += 1
        self._days: dict[str, list[dt.date]] = {}
        self._room: dict[tuple[str, dt.date], int] = {}

    def days(self, country: str) -> list[dt.date]:
        """The working days of the country on which the person is not away."""
        found = self._days.get(country)
        if found is None:
            calendar, away = self.horizon.calendars[country], self.person.leave
            found = [day for day in self.horizon.days() if calendar.is_working(day) and day not in away]
            self._days[country] = found
            for day in found:
                week = (country, monday(day))
                self._room[week] = self._room.get(week, 0) + self.person.capacity
        return found

    def has_room(self, day: dt.date) -> bool:
        """Room beside what has been placed so far."""
        return self.load[day] < self.person.capacity

    def is_free(self, day: dt.date) -> bool:
        """Room beside that and the existing visits that have not had their turn yet: nobody has to move."""
        return self.load[day] + len(self.held.get(day, ())) < self.person.capacity

    def hold(self, slot: Slot) -> None:
        self.held.setdefault(slot.date, {})[slot.pk] = slot.due or slot.date
        self.weeks[monday(slot.date)] += 1

    def release(self, slot: Slot) -> None:
        del self.held[slot.date][slot.pk]
        self.weeks[monday(slot.date)] -= 1

    def least_urgent(self, day: dt.date) -> dt.date:
        """The latest due date among the existing visits of that day that have not had their turn."""
        return max(self.held.get(day, {}).values(), default=day)

    def take(self, day: dt.date, city: str) -> None:
        self.load[day] += 1
        self.weeks[monday(day)] += 1
        self.cities[day, city] += 1

    def fullness(self, day: dt.date, country: str) -> float:
        """How full the week of `day` is, from 0 to 1."""
        week = monday(day)
        return self.weeks[week] / max(self._room.get((country, week), 0), 1)

    def allowed(self, need: Need, first: dt.date, last: dt.date) -> list[dt.date]:
        """Working days of the customer, not on leave, on the customer's weekday, not cancelled by hand before."""
        days = self.days(need.country)
        found = days[bisect_left(days, first) : bisect_right(days, last)]
        weekday = need.cadence.rhythm.weekday
        if weekday is not None:
            found = [day for day in found if day.weekday() == weekday]
        return [day for day in found if day not in need.avoid] if need.avoid else found

    def choose(self, need: Need, days: Sequence[dt.date], due: dt.date, slack: dt.timedelta) -> dt.date | None:
        """The best of `days` with room: on time, else a little late; and rather where nobody has to move."""
        open_days = [day for day in days if self.has_room(day)]
        if not open_days:
            return None
        open_days = open_days[: bisect_right(open_days, max(due, open_days[0]) + slack)]
        on_time = open_days[: bisect_right(open_days, due)]
        free = [day for day in on_time if self.is_free(day)] or [day for day in open_days if self.is_free(day)]
        if not free:  # somebody will have to move: whoever can wait longest
            return max(open_days, key=lambda day: (self.least_urgent(day), day))

        def rank(day: dt.date) -> tuple[float, int]:
            together = CITY_BONUS if need.city and self.cities[day, need.city] else 0.0
            fullness = self.fullness(day, need.country) if day <= due else 0.0
            return round(fullness - together, 6), abs((due - day).days)

        return min(free, key=rank)

    def reason(self, need: Need, first: dt.date) -> str:
        """Why there is no day for a visit from `first` on."""
        if not self.person.capacity:
            return NO_CAPACITY
        days, calendar = self.horizon.days(), self.horizon.calendars[need.country]
        weekday = need.cadence.rhythm.weekday
        working = [
            day
            for day in days[max((first - self.horizon.first).days, 0) :]
            if calendar.is_working(day) and weekday in (None, day.weekday()) and day not in need.avoid
        ]
        if not working:
            return NO_WORKING_DAY
        return OVER_CAPACITY if any(day not in self.person.leave for day in working) else ON_LEAVE


def monday(day: dt.date) -> dt.date:
    """The first day of its week."""
    return day - day.weekday() * DAY
