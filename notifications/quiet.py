"""When somebody may be disturbed: arithmetic of quiet hours, working days and the hour of the digest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

DIGEST_AT = dt.time(8)
DAY = dt.timedelta(days=1)
LOOK_AHEAD = 400
"""Days; whoever is away for longer than that is told at the end of them."""


@dataclass(frozen=True)
class Hours:
    """One person's; no quiet hours where `quiet_from` is None. They may go over midnight."""

    zone: ZoneInfo
    quiet_from: dt.time | None
    quiet_until: dt.time | None
    working_days_only: bool
    is_working: Callable[[dt.date], bool]
    """By the calendar of the person's country, and not on leave."""

    def open_from(self, moment: dt.datetime) -> dt.datetime:
        """`moment` itself, or the first moment after it that is not quiet."""
        for _day in range(2 * LOOK_AHEAD):
            later = self._after_quiet(moment)
            if later is None:
                break
            moment = later
        return moment

    def digest_after(self, moment: dt.datetime) -> dt.datetime:
        """The first eight o'clock of a working day after `moment`."""
        day = moment.astimezone(self.zone).date()
        for _day in range(LOOK_AHEAD):
            at = self._at(day, DIGEST_AT)
            if at > moment and self.is_working(day):
                return at
            day += DAY
        return self._at(day, DIGEST_AT)

    def _after_quiet(self, moment: dt.datetime) -> dt.datetime | None:
        """When the quiet that `moment` is in ends; None where it is in none."""
        local = moment.astimezone(self.zone)
        if self.working_days_only and not self.is_working(local.date()):
            return self._at(local.date() + DAY, dt.time())
        start, end = self.quiet_from, self.quiet_until
        if start is None or end is None or start == end:
            return None
        clock = local.time()
        if start < end:
            return self._at(local.date(), end, moment) if start <= clock < end else None
        if clock >= start:
            return self._at(local.date() + DAY, end)
        return self._at(local.date(), end, moment) if clock < end else None

    def _at(self, day: dt.date, time: dt.time, after: dt.datetime | None = None) -> dt.datetime:
        """The moment when the clock on the wall shows this: an hour that the clock skips is the one after it, of an
        hour that it shows twice the first, or the second where the first is not `after`."""
        found = dt.datetime.combine(day, time, self.zone).astimezone(dt.UTC)
        if after is not None and found <= after:
            found = dt.datetime.combine(day, time.replace(fold=1), self.zone).astimezone(dt.UTC)
        return found
