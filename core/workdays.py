"""Working days by country: the administrator's calendar first, the `holidays` package below it, weekends last."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

import holidays
from babel import Locale
from babel.core import get_global
from django.utils.translation import get_language

from core.models import CalendarDay, CalendarYear

HOME = "CN"
SATURDAY_SUNDAY = frozenset({5, 6})
PACKAGE_LANGUAGES = {"zh-hans": "zh_CN", "zh-hant": "zh_TW", "en": "en_US"}
MAKE_UP_DAY = {"zh-hans": "调休上班", "zh-hant": "調休上班", "en": "Make-up working day"}
DAY = dt.timedelta(days=1)

# What people write for a country besides its name and its ISO code.
SPELLINGS = {
    "uk": "GB", "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "northern ireland": "GB",
    "channel islands": "GB", "eire": "IE", "usa": "US", "united states of america": "US", "america": "US",
    "czech republic": "CZ", "korea": "KR", "republic of korea": "KR", "uae": "AE", "rsa": "ZA", "turkey": "TR",
    "prc": "CN", "p.r. china": "CN", "people's republic of china": "CN", "china mainland": "CN", "中华人民共和国": "CN",
    "中華人民共和國": "CN", "中国大陆": "CN", "中國大陸": "CN", "hong kong": "HK", "香港": "HK", "中国香港": "HK",
    "中國香港": "HK", "macao": "MO", "macau": "MO", "澳门": "MO", "澳門": "MO", "中国澳门": "MO", "中國澳門": "MO",
    "台湾": "TW", "台灣": "TW", "臺灣": "TW", "中国台湾": "TW", "中國臺灣": "TW", "中国台湾省": "TW", "阿联酋": "AE",
    "大韩民国": "KR", "viet nam": "VN", "russian federation": "RU", "holland": "NL", "the netherlands": "NL",
}  # fmt: skip


class Holiday(NamedTuple):
    """A day that is not what its weekday says."""

    date: dt.date
    working: bool
    name: str


@dataclass(frozen=True)
class WorkCalendar:
    """The working days of one country from `first` to `last`; beyond them the weekday alone answers.

    Asked millions of times by the planner, so it answers from a set and a sorted tuple made once.
    """

    country: str
    first: dt.date
    last: dt.date
    weekend: frozenset[int]
    provisional_years: frozenset[int]
    days: tuple[dt.date, ...]
    working: frozenset[dt.date]
    names: Mapping[dt.date, str]

    def is_working(self, day: dt.date) -> bool:
        if self.first <= day <= self.last:
            return day in self.working
        return day.weekday() not in self.weekend

    def next_working(self, day: dt.date) -> dt.date:
        """`day` itself, or the first working day after it."""
        if self.first <= day <= self.last:
            at = bisect_left(self.days, day)
            if at < len(self.days):
                return self.days[at]
            day = self.last + DAY
        while not self.is_working(day):
            day += DAY
            if self.first <= day <= self.last:
                return self.next_working(day)
        return day

    def previous_working(self, day: dt.date) -> dt.date:
        """`day` itself, or the last working day before it."""
        if self.first <= day <= self.last:
            at = bisect_right(self.days, day)
            if at:
                return self.days[at - 1]
            day = self.first - DAY
        while not self.is_working(day):
            day -= DAY
            if self.first <= day <= self.last:
                return self.previous_working(day)
        return day

    def working_days(self, first: dt.date, last: dt.date) -> list[dt.date]:
        """The working days from `first` to `last`, both included."""
        inside = list(self.days[bisect_left(self.days, first) : bisect_right(self.days, last)])
        before = [day for day in _span(first, min(last, self.first - DAY)) if self.is_working(day)]
        after = [day for day in _span(max(first, self.last + DAY), last) if self.is_working(day)]
        return before + inside + after

    def holiday_name(self, day: dt.date) -> str:
        """What the day is called where it is a holiday or a make-up working day, else ""."""
        return self.names.get(day, "")


def work_calendars(countries: Iterable[str], first: dt.date, last: dt.date) -> dict[str, WorkCalendar]:
    """A calendar for each ISO code in `countries`, from `first` to `last`; two queries for all of them."""
    codes = sorted(set(countries))
    rows: dict[str, dict[dt.date, Holiday]] = {code: {} for code in codes}
    for row in CalendarDay.objects.filter(country__in=codes, date__gte=first, date__lte=last).order_by():
        rows[row.country][row.date] = Holiday(row.date, row.working, row.local_name)
    confirmed: dict[str, set[int]] = {code: set() for code in codes}
    years = CalendarYear.objects.filter(country__in=codes, confirmed=True).order_by()
    for country, year in years.values_list("country", "year"):
        confirmed[country].add(year)
    return {code: _calendar(code, first, last, rows[code], confirmed[code]) for code in codes}


def package_days(country: str, year: int, language: str | None = None) -> tuple[Holiday, ...]:
    """What the `holidays` package knows of a year, in the reader's language (or `language`); nothing for a country
    that it does not know."""
    return _package_days(country, year, language or get_language() or "en")


def weekend_of(country: str) -> frozenset[int]:
    """The weekdays that are free, as date.weekday() counts."""
    known = _supported().get(country)
    return frozenset(holidays.country_holidays(country).weekend) if known else SATURDAY_SUNDAY


def supported_countries() -> list[str]:
    """The ISO codes that the package knows."""
    return sorted(_supported())


def country_name(code: str) -> str:
    """The country in the reader's language, or the code itself."""
    language = {"zh-hans": "zh_Hans", "zh-hant": "zh_Hant"}.get(get_language() or "", "en")
    return Locale.parse(language).territories.get(code, code)


@lru_cache(maxsize=4096)
def country_code(text: str) -> str:
    """The ISO 3166-1 alpha-2 code of a country's name in Chinese or English, or of its code; CN where that is empty or
    unknown."""
    return _codes().get(text.strip().casefold(), HOME)


def local_country(text: str) -> str:
    """What somebody wrote for a country, in the reader's language; as it was written where it is unknown."""
    code = _codes().get(text.strip().casefold())
    return country_name(code) if code else text


def _calendar(
    country: str, first: dt.date, last: dt.date, rows: dict[dt.date, Holiday], confirmed: set[int]
) -> WorkCalendar:
    years = range(first.year, last.year + 1)
    special = {day.date: day for year in years for day in package_days(country, year)} | rows
    weekend = weekend_of(country)
    days = tuple(
        day for day in _span(first, last) if (special[day].working if day in special else day.weekday() not in weekend)
    )
    names = {day: found.name for day, found in special.items() if first <= day <= last}
    return WorkCalendar(country, first, last, weekend, frozenset(set(years) - confirmed), days, frozenset(days), names)


@lru_cache(maxsize=512)
def _package_days(country: str, year: int, language: str) -> tuple[Holiday, ...]:
    languages = _supported().get(country)
    if languages is None:
        return ()
    wanted = PACKAGE_LANGUAGES.get(language, "en_US")
    found = holidays.country_holidays(
        country, years=year, language=wanted if wanted in languages else "en_US" if "en_US" in languages else None
    )
    off = [Holiday(day, working=False, name=name) for day, name in found.items() if day.year == year]
    make_up = MAKE_UP_DAY.get(language, MAKE_UP_DAY["en"])
    extra = [Holiday(day, working=True, name=make_up) for day in found.weekend_workdays if day.year == year]
    return tuple(sorted([*extra, *off]))


@cache
def _supported() -> dict[str, tuple[str, ...]]:
    """ISO code -> the package's languages for it."""
    languages = holidays.list_localized_countries(include_aliases=False)
    countries = holidays.list_supported_countries(include_aliases=False)
    return {code: tuple(languages.get(code, ())) for code in countries}


@cache
def _codes() -> dict[str, str]:
    """Every spelling that we know, in lower case -> ISO code."""
    found: dict[str, str] = {}
    for language in ("zh_Hans", "zh_Hant", "en"):
        for code, name in Locale.parse(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in ("EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"):
                found.setdefault(name.casefold(), code)
                found.setdefault(code.casefold(), code)
    return found | SPELLINGS


def _span(first: dt.date, last: dt.date) -> Iterable[dt.date]:
    return (first + dt.timedelta(days=number) for number in range((last - first).days + 1))


@cache
def country_of(zone: str) -> str:
    """The country whose working days somebody in this time zone has."""
    zone = get_global("zone_aliases").get(zone, zone)
    country = get_global("zone_territories").get(zone, HOME)
    return country if country in supported_countries() else HOME
