"""On which day a birthday falls: 29 February, 腊月三十, leap months, and what must hold for any of them."""

import datetime as dt

import pytest
from borax.calendars.lunardate import LunarDate
from hypothesis import given
from hypothesis import strategies as st

from contacts.birthdays import (
    BirthdayImpossible,
    DateTooFar,
    check_birthday,
    lunar_words,
    next_birthday,
)

DAYS = st.dates(dt.date(1901, 3, 1), dt.date(2099, 1, 1))


class TestNextBirthday:
    @pytest.mark.parametrize(
        ("month", "day", "from_day", "expected"),
        [
            (2, 29, "2026-01-01", "2026-02-28"),
            (2, 29, "2026-02-28", "2026-02-28"),
            (2, 29, "2026-03-01", "2027-02-28"),
            (2, 29, "2027-03-01", "2028-02-29"),
            (2, 29, "2028-02-29", "2028-02-29"),
            (11, 21, "2026-11-21", "2026-11-21"),
            (11, 20, "2026-11-21", "2027-11-20"),
            (12, 31, "2026-12-31", "2026-12-31"),
            (1, 1, "2026-12-31", "2027-01-01"),
        ],
    )
    def test_solar(self, month, day, from_day, expected):
        assert next_birthday("solar", month, day, False, dt.date.fromisoformat(from_day)).isoformat() == expected

    @pytest.mark.parametrize(
        ("month", "day", "leap", "from_day", "expected"),
        [
            (8, 15, False, "2026-01-01", "2026-09-25"),  # 中秋
            (1, 1, False, "2026-02-17", "2026-02-17"),  # 春节
            (12, 30, False, "2023-12-01", "2024-02-09"),  # that twelfth month has 30 days
            (12, 30, False, "2024-06-01", "2025-01-28"),  # and this one 29
            (12, 30, False, "2025-01-29", "2026-02-16"),
            (2, 10, True, "2023-03-23", "2023-03-31"),  # 2023 has a leap second month
            (2, 10, True, "2024-01-01", "2024-03-19"),  # 2024 has none: the plain month
            (12, 8, False, "2026-01-01", "2026-01-26"),  # still of the lunar year before
        ],
    )
    def test_lunar(self, month, day, leap, from_day, expected):
        assert next_birthday("lunar", month, day, leap, dt.date.fromisoformat(from_day)).isoformat() == expected

    @given(DAYS, st.dates(dt.date(2000, 1, 1), dt.date(2000, 12, 31)))
    def test_solar_is_within_a_year_and_keeps_its_month(self, today, born):
        found = next_birthday("solar", born.month, born.day, False, today)
        assert today <= found <= today + dt.timedelta(days=366)
        assert found.month == born.month
        assert found.day in (born.day, 28)

    @given(DAYS, st.integers(1, 12), st.integers(1, 30), st.booleans())
    def test_lunar_is_near_and_keeps_its_month(self, today, month, day, leap):
        leap = leap and 2 <= month <= 11
        found = next_birthday("lunar", month, day, leap, today)
        assert today <= found <= today + dt.timedelta(days=420)
        lunar = LunarDate.from_solar_date(found.year, found.month, found.day)
        assert lunar.month == month
        assert lunar.day == day or (day == 30 and lunar.day == 29)
        assert leap or not lunar.leap

    @given(DAYS, st.integers(1, 12), st.integers(1, 28), st.sampled_from(["solar", "lunar"]))
    def test_asked_again_on_the_day_it_is_the_day(self, today, month, day, calendar):
        found = next_birthday(calendar, month, day, False, today)
        assert next_birthday(calendar, month, day, False, found) == found
        later = next_birthday(calendar, month, day, False, found + dt.timedelta(days=1))
        assert later > found

    def test_beyond_the_known_calendar(self):
        with pytest.raises(DateTooFar):
            next_birthday("lunar", 6, 6, False, dt.date(2101, 6, 1))


class TestCheck:
    @pytest.mark.parametrize(
        ("calendar", "year", "month", "day", "leap"),
        [
            ("solar", None, 2, 29, False),
            ("solar", 1988, 2, 29, False),
            ("lunar", None, 12, 30, False),
            ("lunar", None, 2, 30, False),
            ("lunar", 2023, 2, 10, True),
            ("lunar", None, 4, 1, True),
        ],
    )
    def test_accepts(self, calendar, year, month, day, leap):
        check_birthday(calendar, year, month, day, leap_month=leap)

    @pytest.mark.parametrize(
        ("calendar", "year", "month", "day", "leap", "field"),
        [
            ("solar", 1987, 2, 29, False, "birthday_day"),
            ("solar", None, 2, 30, False, "birthday_day"),
            ("solar", None, 4, 31, False, "birthday_day"),
            ("solar", None, 4, 1, True, "birthday_leap_month"),
            ("lunar", None, 1, 31, False, "birthday_day"),
            ("lunar", 2024, 12, 30, False, "birthday_day"),
            ("lunar", 2024, 2, 10, True, "birthday_leap_month"),
            ("lunar", None, 12, 1, True, "birthday_leap_month"),
        ],
    )
    def test_refuses(self, calendar, year, month, day, leap, field):
        with pytest.raises(BirthdayImpossible) as caught:
            check_birthday(calendar, year, month, day, leap_month=leap)
        assert caught.value.field == field


@pytest.mark.parametrize(
    ("month", "day", "leap", "words"),
    [(12, 30, False, "腊月三十"), (4, 8, True, "闰四月初八"), (1, 10, False, "正月初十"), (11, 21, False, "冬月廿一")],
)
def test_lunar_words(month, day, leap, words):
    assert lunar_words(month, day, leap_month=leap) == words
