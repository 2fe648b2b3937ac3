"""Deadlines in working hours."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.workdays import WorkCalendar, weekend_of
from core.workhours import Hours, deadline, horizon
from tests.factories.surveys import NOW

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
MINUTE = dt.timedelta(minutes=1)


def calendar(first, last, free=(), extra=()):
    """Saturdays and Sundays are free, and the days `free`; those in `extra` are worked."""
    days = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    working = [day for day in days if (day.weekday() < 5 or day in extra) and day not in free]
    return WorkCalendar("CN", first, last, weekend_of("CN"), frozenset(), tuple(working), frozenset(working), {})


def work(zone=SHANGHAI, start=dt.time(9), end=dt.time(18), **days):
    return Hours(start, end, zone, calendar(dt.date(2026, 1, 1), dt.date(2027, 12, 31), **days))


def at(text, zone=SHANGHAI):
    return dt.datetime.fromisoformat(text).replace(tzinfo=zone)


class TestDeadline:
    @pytest.mark.parametrize(
        ("opened", "hours", "due"),
        [
            ("2026-03-16T10:00", 4, "2026-03-16T14:00"),
            ("2026-03-16T10:00", 8, "2026-03-16T18:00"),
            ("2026-03-16T10:00", 9, "2026-03-17T10:00"),
            ("2026-03-16T03:00", 1, "2026-03-16T10:00"),
            ("2026-03-16T20:00", 1, "2026-03-17T10:00"),
            ("2026-03-20T17:00", 2, "2026-03-23T10:00"),
            ("2026-03-21T12:00", 16, "2026-03-24T16:00"),
            ("2026-03-16T18:00", 0, "2026-03-17T09:00"),
            ("2026-03-16T12:00", 0, "2026-03-16T12:00"),
        ],
    )
    def test_counts_working_hours_only(self, opened, hours, due):
        assert deadline(at(opened), hours, work()) == at(due)

    def test_follows_holidays_and_make_up_days(self):
        holiday, made_up = dt.date(2026, 3, 17), dt.date(2026, 3, 21)
        hours = work(free=[holiday], extra=[made_up])
        assert deadline(at("2026-03-16T17:00"), 2, hours) == at("2026-03-18T10:00")
        assert deadline(at("2026-03-20T17:00"), 2, hours) == at("2026-03-21T10:00")

    def test_a_day_on_which_the_clocks_change_has_the_hours_that_it_has(self):
        """On 29 March 2026 Berlin has no two o'clock; a night shift there is an hour shorter."""
        hours = work(BERLIN, dt.time(0), dt.time(8), extra=[dt.date(2026, 3, 29)])
        assert deadline(at("2026-03-29T00:00", BERLIN), 7, hours) == at("2026-03-29T08:00", BERLIN)
        assert deadline(at("2026-03-29T00:00", BERLIN), 8, hours) == at("2026-03-30T01:00", BERLIN)

    def test_is_never_more_than_a_year_off(self):
        opened = at("2026-03-16T10:00")
        assert deadline(opened, 65_535, work()) == opened + dt.timedelta(days=366)
        assert deadline(opened, 65_535, work(end=dt.time(9, 1))) == opened + dt.timedelta(days=366)

    @settings(max_examples=60, deadline=None)
    @given(
        minute=st.integers(0, 60 * 24 * 60),
        hours=st.integers(0, 60),
        start=st.integers(0, 12),
        length=st.integers(1, 11),
        free=st.sets(st.integers(0, 30), max_size=6),
        zone=st.sampled_from([SHANGHAI, BERLIN, ZoneInfo("America/New_York")]),
    )
    def test_equals_counting_minute_by_minute(self, minute, hours, start, length, free, zone):
        first = dt.datetime(2026, 2, 20, tzinfo=dt.UTC)
        opened = first + minute * MINUTE
        off = [opened.date() + dt.timedelta(days=n) for n in free]
        hours_of_work = work(zone, dt.time(start), dt.time(start + length), free=off)
        due = deadline(opened, hours, hours_of_work)
        assert opened <= due
        moment, worked = opened, 0
        while moment < due:
            local = moment.astimezone(zone)
            inside = dt.time(start) <= local.time() < dt.time(start + length)
            worked += inside and hours_of_work.calendar.is_working(local.date())
            moment += MINUTE
        assert worked == hours * 60
        local = due.astimezone(zone)
        assert hours_of_work.calendar.is_working(local.date())
        assert dt.time(start) <= local.time() <= dt.time(start + length)

    def test_the_horizon_covers_every_day_that_is_asked_for(self):
        first, last = horizon(NOW)
        assert first < NOW.date()
        assert last >= (NOW + dt.timedelta(days=366)).date()
