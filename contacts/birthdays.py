"""Birthdays of the solar and the lunar calendar: which days there are, and on which day one falls next. Pure."""

from __future__ import annotations

import calendar as solar_calendar
import datetime as dt
from functools import lru_cache

from borax.calendars.lunardate import InvalidLunarDateError, LunarDate
from django.utils.translation import gettext_lazy as _

from contacts.choices import BirthdayCalendar
from core.errors import DomainError

LEAP_YEAR = 2000
FIRST_YEAR, LAST_YEAR = 1900, 2100
"""Lunar years that can be computed; the last one ends on 28 January 2101."""
LONGEST_MONTH = 30
# Leap months of the years above: there is none after the twelfth or the first month.
LEAP_MONTHS = range(2, 12)


class BirthdayImpossible(DomainError):
    code = "birthday_impossible"
    message = _("There is no such day in this calendar.")


class DateTooFar(DomainError):
    code = "date_too_far"
    message = _("The lunar calendar is known up to the year 2100 only.")


def check_birthday(calendar: str, year: int | None, month: int, day: int, *, leap_month: bool) -> None:
    """Raises BirthdayImpossible for a day that the calendar does not have, in that year or, without one, in any."""
    if calendar == BirthdayCalendar.LUNAR:
        _check_lunar(year, month, day, leap_month=leap_month)
    elif leap_month:
        raise BirthdayImpossible(_("Only the lunar calendar has leap months."), field="birthday_leap_month")
    else:
        try:
            dt.date(year or LEAP_YEAR, month, day)
        except ValueError as error:
            raise BirthdayImpossible(field="birthday_day") from error


def next_birthday(calendar: str, month: int, day: int, leap_month: bool, on_or_after: dt.date) -> dt.date:  # noqa: FBT001  the day reads as its calendar has it
    """The next day, `on_or_after` included, on which the birthday is kept.

    29 February is kept on the 28th in common years. A lunar birthday on the 30th is kept on the 29th where the month is
    short (腊月三十), one in a leap month in the plain month of that number where the year has no such leap month.
    Raises BirthdayImpossible for a day of no year, DateTooFar beyond what is known of the lunar calendar.
    """
    check_birthday(calendar, None, month, day, leap_month=leap_month)
    if calendar != BirthdayCalendar.LUNAR:
        this_year = _solar(on_or_after.year, month, day)
        return this_year if this_year >= on_or_after else _solar(on_or_after.year + 1, month, day)
    # A lunar year begins in January or February: the day may still belong to the year before.
    for year in range(on_or_after.year - 1, on_or_after.year + 2):
        if FIRST_YEAR <= year <= LAST_YEAR:
            found = _lunar(year, month, day, leap_month=leap_month)
            if found >= on_or_after:
                return found
    raise DateTooFar


def lunar_words(month: int, day: int, *, leap_month: bool) -> str:
    """A lunar day as it is written: `闰四月初八`, `腊月三十`."""
    months = "正二三四五六七八九十冬腊"
    tens, ones = ("初", "十", "廿", "三"), "一二三四五六七八九十"
    words = {10: "初十", 20: "二十", 30: "三十"}.get(day) or tens[day // 10] + ones[day % 10 - 1]
    return f"{'闰' if leap_month else ''}{months[month - 1]}月{words}"


def _check_lunar(year: int | None, month: int, day: int, *, leap_month: bool) -> None:
    if not 1 <= month <= 12 or not 1 <= day <= LONGEST_MONTH:
        raise BirthdayImpossible(field="birthday_day")
    if leap_month and month not in LEAP_MONTHS:
        raise BirthdayImpossible(_("This month is never a leap month."), field="birthday_leap_month")
    if year is None or not FIRST_YEAR <= year <= LAST_YEAR:
        return
    days = _month_days(year, month, leap_month=leap_month)
    if days == 0:
        raise BirthdayImpossible(_("This year has no such leap month."), field="birthday_leap_month")
    if day > days:
        raise BirthdayImpossible(_("This month has only 29 days in that year."), field="birthday_day")


def _solar(year: int, month: int, day: int) -> dt.date:
    return dt.date(year, month, min(day, solar_calendar.monthrange(year, month)[1]))


def _lunar(year: int, month: int, day: int, *, leap_month: bool) -> dt.date:
    leap = leap_month and _month_days(year, month, leap_month=True) > 0
    return LunarDate(year, month, min(day, _month_days(year, month, leap_month=leap)), int(leap)).to_solar_date()


@lru_cache(maxsize=4096)
def _month_days(year: int, month: int, *, leap_month: bool) -> int:
    """29 or 30; 0 where the year has no such leap month."""
    for days in (30, 29):
        try:
            LunarDate(year, month, days, int(leap_month))
        except InvalidLunarDateError:
            continue
        return days
    return 0
