"""Working days: the real Chinese calendars, the administrator's table, and that the answers agree."""

import datetime as dt
import tomllib

import pytest
from django.conf import settings
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from core.models import CalendarDay, CalendarYear
from core.workdays import WorkCalendar, country_code, country_name, local_country, package_days, work_calendars

# As the State Council published them: holidays that would be working days, and the weekend days that are worked.
CHINA = {
    2025: (
        "01-01 01-28 01-29 01-30 01-31 02-03 02-04 04-04 05-01 05-02 05-05 06-02 10-01 10-02 10-03 10-06 10-07 10-08",
        "01-26 02-08 04-27 09-28 10-11",
    ),
    2026: (
        "01-01 01-02 02-16 02-17 02-18 02-19 02-20 02-23 04-06 05-01 05-04 05-05 06-19 09-25 10-01 10-02 10-05 10-06 "
        "10-07",
        "01-04 02-14 02-28 05-09 09-20 10-10",
    ),
}


def year_of(country: str, year: int) -> WorkCalendar:
    return work_calendars([country], dt.date(year, 1, 1), dt.date(year, 12, 31))[country]


def days(year: int, text: str) -> set[dt.date]:
    return {dt.date.fromisoformat(f"{year}-{day}") for day in text.split()}


def weekdays(year: int) -> set[dt.date]:
    span = (dt.date(year, 1, 1) + dt.timedelta(days=n) for n in range(365))
    return {day for day in span if day.weekday() < 5}


class TestChina:
    @pytest.mark.parametrize("year", CHINA)
    def test_published_years(self, db, year):
        off, made_up = (days(year, text) for text in CHINA[year])
        assert set(year_of("CN", year).days) == weekdays(year) - off | made_up

    def test_names_follow_the_reader(self, db):
        for language, name in (("zh-hans", "春节"), ("zh-hant", "春節"), ("en", "Chinese New Year")):
            with translation.override(language):
                assert name in year_of("CN", 2026).holiday_name(dt.date(2026, 2, 17))
                assert year_of("CN", 2026).holiday_name(dt.date(2026, 2, 28))
                assert year_of("CN", 2026).holiday_name(dt.date(2026, 3, 16)) == ""

    def test_2027_has_no_make_up_days_yet_and_is_provisional(self, db):
        calendar = year_of("CN", 2027)
        assert not any(day.working for day in package_days("CN", 2027))
        assert calendar.provisional_years == {2027}
        assert not calendar.is_working(dt.date(2027, 2, 8))

    def test_make_up_days_are_reached_from_both_sides(self, db):
        calendar = year_of("CN", 2026)
        assert calendar.next_working(dt.date(2026, 2, 14)) == dt.date(2026, 2, 14)
        assert calendar.next_working(dt.date(2026, 2, 15)) == dt.date(2026, 2, 24)
        assert calendar.previous_working(dt.date(2026, 2, 23)) == dt.date(2026, 2, 14)


class TestTable:
    def test_a_row_goes_before_the_package(self, db):
        CalendarDay.objects.create(
            country="CN", date=dt.date(2027, 2, 14), working=True, name="调休上班", name_en="Make-up"
        )
        CalendarDay.objects.create(country="CN", date=dt.date(2027, 2, 11), name="春节", name_en="Spring Festival")
        CalendarDay.objects.create(country="CN", date=dt.date(2027, 1, 1), working=True, name="盘点")
        with translation.override("en"):
            calendar = year_of("CN", 2027)
        assert calendar.is_working(dt.date(2027, 2, 14))
        assert not calendar.is_working(dt.date(2027, 2, 11))
        assert calendar.is_working(dt.date(2027, 1, 1))
        assert calendar.holiday_name(dt.date(2027, 2, 11)) == "Spring Festival"
        assert calendar.holiday_name(dt.date(2027, 1, 1)) == "盘点"

    def test_other_countries_keep_theirs(self, db):
        CalendarDay.objects.create(country="CN", date=dt.date(2026, 3, 17), name="厂休")
        calendars = work_calendars(["CN", "DE"], dt.date(2026, 3, 1), dt.date(2026, 3, 31))
        assert not calendars["CN"].is_working(dt.date(2026, 3, 17))
        assert calendars["DE"].is_working(dt.date(2026, 3, 17))

    def test_a_year_is_provisional_until_confirmed(self, db):
        CalendarYear.objects.create(country="CN", year=2026, confirmed=True)
        CalendarYear.objects.create(country="CN", year=2027, confirmed=False)
        found = work_calendars(["CN", "US"], dt.date(2026, 12, 1), dt.date(2027, 1, 31))
        assert found["CN"].provisional_years == {2027}
        assert found["US"].provisional_years == {2026, 2027}

    def test_two_queries_for_all_countries(self, db, django_assert_num_queries):
        with django_assert_num_queries(2):
            work_calendars(["CN", "DE", "US", "JP", "XX"], dt.date(2026, 1, 1), dt.date(2027, 12, 31))


class TestCountries:
    def test_weekend_of_the_country(self, db):
        friday, sunday = dt.date(2026, 7, 24), dt.date(2026, 7, 26)
        calendars = work_calendars(["SA", "CN", "XX"], friday, sunday)
        assert (calendars["SA"].is_working(friday), calendars["SA"].is_working(sunday)) == (False, True)
        assert calendars["XX"].days == (friday,)

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("中国", "CN"), ("中國", "CN"), ("China", "CN"), ("cn", "CN"), ("", "CN"), ("  ", "CN"), ("火星", "CN"),
            ("德国", "DE"), ("德國", "DE"), ("Germany", "DE"), ("DE", "DE"), (" germany ", "DE"), ("USA", "US"),
            ("美国", "US"), ("EIRE", "IE"), ("United Kingdom", "GB"), ("香港", "HK"), ("中国台湾", "TW"),
            ("澳門", "MO"), ("南韓", "KR"), ("韩国", "KR"), ("Viet Nam", "VN"), ("日本", "JP"),
        ],
    )  # fmt: skip
    def test_code(self, text, code):
        assert country_code(text) == code

    def test_knows_what_order_files_spell(self):
        lists = tomllib.loads((settings.BASE_DIR / "orders/intake/countries.toml").read_text())
        unknown = {name for names in lists.values() for name in names if country_code(name) == "CN"}
        assert unknown == {"european community", "west indies"}

    def test_name(self):
        with translation.override("zh-hant"):
            assert country_name("DE") == "德國"
        with translation.override("en"):
            assert (country_name("DE"), country_name("XX")) == ("Germany", "XX")


SPAN = st.dates(dt.date(2024, 1, 1), dt.date(2028, 12, 31))


@st.composite
def calendars(draw) -> WorkCalendar:
    """Any calendar: any free days over any range, even one without a single working day."""
    first = draw(SPAN)
    last = first + dt.timedelta(days=draw(st.integers(0, 40)))
    weekend = frozenset(draw(st.sets(st.integers(0, 6), max_size=3)))
    span = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    working = draw(st.sets(st.sampled_from(span)))
    return WorkCalendar("CN", first, last, weekend, frozenset(), tuple(sorted(working)), frozenset(working), {})


class TestAgreement:
    @given(calendars(), st.integers(-30, 70))
    def test_next_and_previous_are_the_nearest_working_days(self, calendar, offset):
        day = calendar.first + dt.timedelta(days=offset)
        after, before = calendar.next_working(day), calendar.previous_working(day)
        assert before <= day <= after
        assert calendar.is_working(after)
        assert calendar.is_working(before)
        between = [before + dt.timedelta(days=n) for n in range(1, (after - before).days)]
        assert not any(calendar.is_working(other) for other in between if other != day)
        assert (before == day) == (after == day) == calendar.is_working(day)

    @given(calendars(), st.integers(-30, 70), st.integers(-5, 60))
    def test_working_days_are_those_that_is_working_says(self, calendar, offset, length):
        first = calendar.first + dt.timedelta(days=offset)
        span = [first + dt.timedelta(days=n) for n in range(length + 1)]
        found = calendar.working_days(first, first + dt.timedelta(days=length))
        assert found == [day for day in span if calendar.is_working(day)]


class TestLocalCountry:
    @pytest.mark.parametrize(
        ("written", "language", "read"),
        [
            ("中国", "en", "China"),
            ("PRC", "zh-hans", "中国"),
            ("中国", "zh-hant", "中國"),
            ("the Netherlands", "zh-hans", "荷兰"),
            (" Narnia", "en", " Narnia"),
            ("", "en", ""),
        ],
    )
    def test_is_read_in_the_readers_language_where_it_is_known(self, written, language, read):
        with translation.override(language):
            assert local_country(written) == read
