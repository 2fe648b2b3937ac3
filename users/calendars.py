"""A country's year as its page shows it, and the lines that an administrator pastes."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import models
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from core.models import CalendarDay, CalendarYear
from core.workdays import HOME, country_name, package_days, supported_countries, weekend_of
from users.errors import CalendarYearUnknown

FIRST_YEAR, LAST_YEAR = 2000, 2099
MAX_LINES = 400
OFF_WORDS = {"off", "holiday", "休", "假", "放假", "休息", "节假日", "節假日"}
WORK_WORDS = {"work", "working", "班", "上班", "补班", "補班", "调休", "調休", "调休上班", "調休上班"}
# What a day is called where the line names nothing: the names are data, as those that people type.
UNNAMED = {False: ("假日", "Holiday"), True: ("调休上班", "Make-up working day")}
DATE = r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
LINE = re.compile(rf"{DATE}(?:\s*(?:\.\.|~|～|至|–)\s*{DATE})?[\s,;，；]+(\S+?)(?:[\s,;，；]+(.*))?")


@dataclass(frozen=True)
class Day:
    """A day that is not what its weekday says; `row` where an administrator entered it, else the package knows it."""

    date: dt.date
    working: bool
    name: str
    row: CalendarDay | None = None


@dataclass(frozen=True)
class Cell:
    """A day of a month's grid; `kind` is work, weekend, off or makeup."""

    date: dt.date
    kind: str
    name: str


@dataclass(frozen=True)
class YearLine:
    """A year of a country in the list of calendars."""

    country: str
    year: int
    confirmed: bool
    entered: int

    @property
    def name(self) -> str:
        return country_name(self.country)


def country_choices() -> list[tuple[str, str]]:
    """Every country that the package knows, by its name."""
    return sorted(((code, country_name(code)) for code in supported_countries()), key=lambda choice: choice[1])


def check_year(country: str, year: int) -> None:
    """Raises CalendarYearUnknown unless there can be a calendar of this country and year."""
    if country not in supported_countries() or not FIRST_YEAR <= year <= LAST_YEAR:
        raise CalendarYearUnknown(first=FIRST_YEAR, last=LAST_YEAR)


def entered_days() -> models.QuerySet[CalendarDay]:
    """All that administrators entered: known to everybody, as every calendar is."""
    return CalendarDay.objects.order_by()


def year_row(country: str, year: int) -> CalendarYear | None:
    """The row that says whether the year is confirmed, where there is one."""
    return CalendarYear.objects.filter(country=country, year=year).first()


def special_days(country: str, year: int) -> list[Day]:
    """The holidays and make-up days of a year, the administrator's before the package's; one query."""
    rows = CalendarDay.objects.filter(country=country, date__year=year).order_by()
    found = {day.date: Day(*day) for day in package_days(country, year)}
    found |= {row.date: Day(row.date, row.working, row.local_name, row) for row in rows}
    return [found[date] for date in sorted(found)]


def months(country: str, year: int, days: list[Day]) -> list[tuple[dt.date, list[list[Cell | None]]]]:
    """The twelve months: (first day, weeks from Monday to Sunday, None for days of other months)."""
    special, weekend = {day.date: day for day in days}, weekend_of(country)

    def cell(date: dt.date, month: int) -> Cell | None:
        if date.month != month:
            return None
        day, free = special.get(date), date.weekday() in weekend
        if day is None:
            return Cell(date, "weekend" if free else "work", "")
        return Cell(date, ("makeup" if free else "work") if day.working else "off", day.name)

    grid = calendar.Calendar()
    return [
        (dt.date(year, month, 1), [[cell(d, month) for d in week] for week in grid.monthdatescalendar(year, month)])
        for month in range(1, 13)
    ]


def weekday_heads() -> list[tuple[str, str]]:
    """(short, full) names of the weekdays from Monday on."""
    chinese = (get_language() or "").startswith("zh")
    return [
        (str(WEEKDAYS_ABBR[day])[-1:] if chinese else str(WEEKDAYS_ABBR[day])[:2], str(WEEKDAYS[day]))
        for day in range(7)
    ]


def year_lines(years: range) -> list[YearLine]:
    """China's calendars of `years`, and whatever else somebody has entered or confirmed; two queries."""
    confirmed = set(CalendarYear.objects.filter(confirmed=True).values_list("country", "year"))
    counts: dict[tuple[str, int], int] = {}
    for country, date in CalendarDay.objects.order_by().values_list("country", "date"):
        counts[country, date.year] = counts.get((country, date.year), 0) + 1
    keys = {(HOME, year) for year in years} | confirmed | set(counts)
    ordered = sorted(keys, key=lambda key: (key[0] != HOME, key[0], -key[1]))
    return [
        YearLine(country, year, (country, year) in confirmed, counts.get((country, year), 0))
        for country, year in ordered
    ]


def parse_lines(text: str, country: str, year: int) -> tuple[list[CalendarDay], list[str]]:
    """Unsaved days from lines like `2027-02-06 off 春节 | Spring Festival`, and a sentence for each line at fault."""
    found: dict[dt.date, CalendarDay] = {}
    problems: list[str] = []
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines or len(lines) > MAX_LINES:
        return [], [_("Paste 1 to %(most)d lines.") % {"most": MAX_LINES}]
    for number, line in lines:
        try:
            for day in _parse_line(line, country, year):
                if day.date in found:
                    raise _LineError(gettext_lazy("this day is in the list twice"))
                found[day.date] = day
        except _LineError as error:
            problems.append(_("Line %(number)d, “%(line)s”: %(problem)s") % {
                "number": number, "line": line[:60], "problem": error,
            })  # fmt: skip
    return list(found.values()), problems


class _LineError(Exception):
    pass


def _parse_line(line: str, country: str, year: int) -> Iterator[CalendarDay]:
    match = LINE.fullmatch(line)
    if match is None:
        raise _LineError(gettext_lazy("write a date, “off” or “work”, and a name, as 2027-02-06 off 春节"))
    word, names = match[7].lower(), (match[8] or "").strip()
    if word not in OFF_WORDS | WORK_WORDS:
        raise _LineError(gettext_lazy("the second word is “off” or “work”"))
    first = _date(*match.group(1, 2, 3))
    last = _date(*match.group(4, 5, 6)) if match[4] else first
    if not first <= last < first + dt.timedelta(days=32):
        raise _LineError(gettext_lazy("the last day is before the first, or more than a month later"))
    if first.year != year or last.year != year:
        raise _LineError(gettext_lazy("the day is in another year"))
    working = word in WORK_WORDS
    name, _bar, english = (part.strip() for part in names.partition("|"))
    if len(name) > 80 or len(english) > 80:
        raise _LineError(gettext_lazy("the name is longer than 80 characters"))
    default, default_english = UNNAMED[working]
    for number in range((last - first).days + 1):
        yield CalendarDay(
            country=country,
            date=first + dt.timedelta(days=number),
            working=working,
            name=name or default,
            name_en=english if name else default_english,
        )


def _date(year: str, month: str, day: str) -> dt.date:
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError as error:
        raise _LineError(gettext_lazy("there is no such day")) from error
