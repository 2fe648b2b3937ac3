"""How long an answer may still be changed by who gave it."""

from __future__ import annotations

import datetime as dt
import math

EDITABLE = dt.timedelta(hours=24)
EDITABLE_ANONYMOUS = dt.timedelta(hours=72)
"""Of an anonymous answer only the day is kept, as its midnight (UTC): three days from there leave 24 hours at least,
in every time zone."""


def editable_until(completed_at: dt.datetime, *, anonymous: bool) -> dt.datetime:
    """Until when (UTC) an answer completed then may be changed; it is final, and is counted, from that moment on."""
    return completed_at + (EDITABLE_ANONYMOUS if anonymous else EDITABLE)


def hours_left(completed_at: dt.datetime, *, anonymous: bool, now: dt.datetime) -> int:
    """For how many hours it can still be changed, a begun one counted whole: at most the 24 that are promised."""
    left = editable_until(completed_at, anonymous=anonymous) - now
    return min(max(math.ceil(left / dt.timedelta(hours=1)), 0), 24)
