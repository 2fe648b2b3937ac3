"""Days as they are typed at a terminal."""

from __future__ import annotations

import datetime as dt

from django.core.management.base import CommandError
from django.utils.translation import gettext as _


def date_of(text: str, today: dt.date) -> dt.date:
    """The day of YYYY-MM-DD. Raises CommandError where it is none, or lies ahead of `today`."""
    try:
        day = dt.date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(_("“%(text)s” is not a date; write YYYY-MM-DD.") % {"text": text}) from error
    if day > today:
        raise CommandError(_("%(day)s has not come yet.") % {"day": text})
    if day.year < 1900:
        raise CommandError(_("Accounts are scored from the year 1900 on."))
    return day
