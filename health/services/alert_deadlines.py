"""Until when somebody has to act on an alert: working hours by tier, by the owner's clock, on the account's days."""

from __future__ import annotations

import datetime as dt
from functools import cache
from zoneinfo import ZoneInfo

from accounts.choices import Tier
from accounts.models import Account
from core.workdays import WorkCalendar, country_code, work_calendars
from core.workhours import Hours, deadline, horizon
from health.models import HealthPolicy
from interactions.moments import zone_of
from users.models import User


class Deadlines:
    """Deadlines of a policy for many alerts: a calendar is read once for each country and month of beginning, and the
    same question is answered once."""

    def __init__(self, policy: HealthPolicy) -> None:
        self._policy = policy
        self._calendar = cache(self._read_calendar)
        self._deadline = cache(self._compute)

    def of(self, account: Account, owner: User | None, since: dt.datetime) -> dt.datetime:
        """By when (UTC) the owner has to act on an alert that they have `since` then."""
        by_tier = {Tier.A: self._policy.due_hours_a, Tier.B: self._policy.due_hours_b}
        hours = by_tier.get(Tier(account.tier), self._policy.due_hours_c) if account.tier else self._policy.due_hours_c
        return self._deadline(country_code(account.country), zone_of(owner), hours, since)

    def of_director(self, account: Account, owner: User | None, since: dt.datetime) -> dt.datetime:
        """When (UTC) a director is told, where nobody has acted since the supervisor was told."""
        hours = self._policy.director_after_hours
        return self._deadline(country_code(account.country), zone_of(owner), hours, since)

    def _compute(self, country: str, zone: ZoneInfo, hours: int, since: dt.datetime) -> dt.datetime:
        calendar = self._calendar(country, since.date().replace(day=1))
        return deadline(since, hours, Hours(self._policy.day_from, self._policy.day_until, zone, calendar))

    @staticmethod
    def _read_calendar(country: str, month: dt.date) -> WorkCalendar:
        first, _last = horizon(dt.datetime.combine(month, dt.time(), tzinfo=dt.UTC))
        _first, last = horizon(dt.datetime.combine(month + dt.timedelta(days=31), dt.time(), tzinfo=dt.UTC))
        return work_calendars([country], first, last)[country]
