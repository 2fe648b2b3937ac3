"""On which day an occasion for a greeting falls: pure functions over the solar and the Chinese lunar calendar."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from collections.abc import Iterator

from contacts.birthdays import LEAP_MONTHS, LONGEST_MONTH, next_birthday
from contacts.choices import BirthdayCalendar
from interactions.choices import Occasion

# Month and day of each holiday, in the calendar that it follows.
_DAYS = {
    Occasion.NEW_YEAR: (BirthdayCalendar.SOLAR, 1, 1),
    Occasion.SPRING_FESTIVAL: (BirthdayCalendar.LUNAR, 1, 1),
    Occasion.LANTERN_FESTIVAL: (BirthdayCalendar.LUNAR, 1, 15),
    Occasion.DRAGON_BOAT: (BirthdayCalendar.LUNAR, 5, 5),
    Occasion.MID_AUTUMN: (BirthdayCalendar.LUNAR, 8, 15),
    Occasion.NATIONAL_DAY: (BirthdayCalendar.SOLAR, 10, 1),
    Occasion.CHRISTMAS: (BirthdayCalendar.SOLAR, 12, 25),
}
# Every birthday there can be: 29 February is one, and so is the 30th of each lunar month, plain or leap.
_ALL = [
    (BirthdayCalendar.SOLAR.value, month, day, False)
    for month in range(1, 13)
    for day in range(1, monthrange(2024, month)[1] + 1)
] + [
    (BirthdayCalendar.LUNAR.value, month, day, leap)
    for leap, months in ((False, range(1, 13)), (True, LEAP_MONTHS))
    for month in months
    for day in range(1, LONGEST_MONTH + 1)
]


def next_day_of(holiday: str, on_or_after: dt.date) -> dt.date:
    """The first day of `holiday` on or after a date. Raises KeyError for what is not a holiday."""
    calendar, month, day = _DAYS[Occasion(holiday)]
    return next_birthday(calendar, month, day, leap_month=False, on_or_after=on_or_after)


def birthdays_between(first: dt.date, last: dt.date) -> Iterator[tuple[tuple[str, int, int, bool], dt.date]]:
    """Every birthday that falls on `first` to `last`: (calendar, month, day, leap month) and the day it falls on.

    A birthday that the year lacks (29 February, 腊月三十, a leap month) is there on the day that stands for it.
    """
    for birthday in _ALL:
        falls_on = next_birthday(*birthday, first)
        if falls_on <= last:
            yield birthday, falls_on
