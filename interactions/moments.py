"""Which business date a moment is for whom."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings

if TYPE_CHECKING:
    from users.models import User


def zone_of(user: User | None) -> ZoneInfo:
    """The user's time zone; the company's for the system itself, and where the machine does not know the user's."""
    if user is not None:
        try:
            return ZoneInfo(user.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            pass
    return ZoneInfo(settings.TIME_ZONE)


def local_date(moment: dt.datetime, user: User | None) -> dt.date:
    """The date on the user's calendar at `moment`, whatever the clocks there do on that day."""
    return moment.astimezone(zone_of(user)).date()
