"""Dates of a contract: notice, renewal, the terms that follow each other."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Protocol

ONE_DAY = dt.timedelta(days=1)
DEFAULT_OPEN_DAYS = 60
"""A renewal opens so many days before the notice date where no rule says otherwise."""


class OpenRule(Protocol):
    """What `open_days` reads of a RenewalRule."""

    tier: str
    min_amount: Decimal
    open_days: int


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day so many months later, or the last of that month where it is shorter. Raises ValueError (year)."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        raise ValueError(year)
    return day.replace(year=year, month=month + 1, day=min(day.day, calendar.monthrange(year, month + 1)[1]))


def notice_date(end: dt.date, notice_days: int) -> dt.date:
    """The last day on which notice can be given for `end`."""
    return end - dt.timedelta(days=notice_days)


def renewal_date(notice_by: dt.date, open_days: int) -> dt.date:
    """The day on which the renewal opens."""
    return notice_by - dt.timedelta(days=open_days)


def term_end(end: dt.date, months: int, number: int) -> dt.date:
    """The end of the term that follows as the `number`-th on the one that ends on `end`; 0 is that one itself.

    Counted from the first end each time, so that a 31st does not become a 28th for ever.
    """
    return add_months(end + ONE_DAY, months * number) - ONE_DAY


def running_term_end(end: dt.date, months: int, day: dt.date) -> dt.date:
    """The end of the term that runs on `day`, of a contract that renews itself for `months`; without months: `end`."""
    return _first_end(end, months, 0, day)


def end_after_notice(end: dt.date, months: int, notice_days: int, given_on: dt.date) -> dt.date:
    """When a contract ends of which notice is given on a day: with the first term whose notice date is not over."""
    return _first_end(end, months, notice_days, given_on)


def _first_end(end: dt.date, months: int, notice_days: int, day: dt.date) -> dt.date:
    if months <= 0 or notice_date(end, notice_days) >= day:
        return end
    number = max(((day.year - end.year) * 12 + day.month - end.month) // months - 1, 0)
    while notice_date(found := term_end(end, months, number), notice_days) < day:
        number += 1
    return found


def months_between(start: dt.date, end: dt.date) -> int | None:
    """How many whole months the term has, first and last day included; None where it is not a number of months."""
    after = end + ONE_DAY
    months = (after.year - start.year) * 12 + after.month - start.month
    return months if months > 0 and add_months(start, months) == after else None


def following_term(start: dt.date, end: dt.date, last: dt.date | None = None) -> tuple[dt.date, dt.date]:
    """A term as long as this one, in whole months where it is, else in days, that begins after it (or after `last`)."""
    begins, months = (last or end) + ONE_DAY, months_between(start, end)
    if months is None:
        return begins, begins + (end - start)
    return begins, add_months(begins, months) - ONE_DAY


def shifted(day: dt.date, start: dt.date, next_start: dt.date) -> dt.date:
    """A day of one term in the term that begins on `next_start`: so many months or, between odd days, days later."""
    months = (next_start.year - start.year) * 12 + next_start.month - start.month
    return add_months(day, months) if next_start.day == start.day else day + (next_start - start)


def open_days(rules: Iterable[OpenRule], tier: str, amount: Decimal | None) -> int:
    """How many days before the notice date a renewal opens: the rule of the tier with the highest `min_amount` that
    is reached, without one that of no tier. An unknown amount (no rate) counts as the highest."""
    found = list(rules)
    for wanted in dict.fromkeys((tier, "")):
        reached = [rule for rule in found if rule.tier == wanted and (amount is None or rule.min_amount <= amount)]
        if reached:
            return max(reached, key=lambda rule: rule.min_amount).open_days
    return DEFAULT_OPEN_DAYS
