"""Periods of recurring campaigns: so many months each, counted from the campaign's first day."""

from __future__ import annotations

import datetime as dt

from contracts.terms import add_months


def period_start(first: dt.date, months: int, today: dt.date) -> dt.date:
    """The first day of the period that `today` lies in, of periods of `months` (1 or more) from `first` on; `first`
    itself for a day before it. A month without such a day (31 February) begins its period on its last day."""
    number = _number(first, months, today)
    begins = add_months(first, number * months)
    return add_months(first, (number - 1) * months) if begins > today and number else begins


def next_period_start(first: dt.date, months: int, today: dt.date) -> dt.date:
    """The first day of the period after the one that `today` lies in; `first` for a day before it."""
    begins = add_months(first, _number(first, months, today) * months)
    return begins if begins > today else add_months(first, (_number(first, months, today) + 1) * months)


def _number(first: dt.date, months: int, today: dt.date) -> int:
    """Of the period in whose calendar month `today` lies, the first being 0."""
    return max(0, (today.year - first.year) * 12 + today.month - first.month) // months
