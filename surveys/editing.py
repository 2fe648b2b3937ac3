"""How long an answer may still be changed by who gave it."""

from __future__ import annotations

import datetime as dt

EDITABLE = dt.timedelta(hours=24)
EDITABLE_ANONYMOUS = dt.timedelta(hours=72)
"""Of an anonymous answer only the day is kept, as its midnight (UTC): three days from there leave 24 hours at least,
in every time zone."""


def editable_until(completed_at: dt.datetime, *, anonymous: bool) -> dt.datetime:
    """Until when (UTC) an answer completed then may be changed; it is final, and is counted, from that moment on."""
    return completed_at + (EDITABLE_ANONYMOUS if anonymous else EDITABLE)
