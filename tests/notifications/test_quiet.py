"""When somebody may be disturbed: quiet hours over midnight, working days, changes of the clock."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from notifications.quiet import Hours

SHANGHAI, BERLIN, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
ZONES = [SHANGHAI, BERLIN, NEW_YORK, ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Pacific/Chatham"), ZoneInfo("UTC")]


def weekday(day: dt.date) -> bool:
    return day.weekday() < 5


def hours(zone=SHANGHAI, start=dt.time(21), end=dt.time(8), *, days=True, working=weekday) -> Hours:
    return Hours(zone, start, end, days, working)


def at(zone, text) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=zone)


class TestOpenFrom:
    @pytest.mark.parametrize(
        ("moment", "expected"),
        [
            ("2026-03-16T10:00", "2026-03-16T10:00"),
            ("2026-03-16T20:59:59", "2026-03-16T20:59:59"),
            ("2026-03-16T21:00", "2026-03-17T08:00"),
            ("2026-03-16T23:59:59", "2026-03-17T08:00"),
            ("2026-03-17T00:00", "2026-03-17T08:00"),
            ("2026-03-17T07:59:59", "2026-03-17T08:00"),
            ("2026-03-20T21:30", "2026-03-23T08:00"),
            ("2026-03-21T12:00", "2026-03-23T08:00"),
        ],
    )
    def test_quiet_hours_go_over_midnight_and_weekends(self, moment, expected):
        assert hours().open_from(at(SHANGHAI, moment)) == at(SHANGHAI, expected)

    def test_quiet_hours_within_a_day(self):
        noon = hours(start=dt.time(12), end=dt.time(14))
        assert noon.open_from(at(SHANGHAI, "2026-03-16T13:00")) == at(SHANGHAI, "2026-03-16T14:00")
        assert noon.open_from(at(SHANGHAI, "2026-03-16T14:00")) == at(SHANGHAI, "2026-03-16T14:00")

    def test_without_quiet_hours_a_free_day_ends_at_midnight(self):
        free = hours(start=None, end=None)
        assert free.open_from(at(SHANGHAI, "2026-03-21T12:00")) == at(SHANGHAI, "2026-03-23T00:00")

    def test_the_same_moment_is_another_hour_elsewhere(self):
        moment = dt.datetime(2026, 3, 16, 22, tzinfo=dt.UTC)
        assert hours(NEW_YORK).open_from(moment) == moment
        assert hours(SHANGHAI).open_from(moment) == at(SHANGHAI, "2026-03-17T08:00")

    def test_an_hour_that_the_clock_skips(self):
        """On 29 March 2026 it is 03:00 in Berlin right after 01:59."""
        night = hours(BERLIN, dt.time(22), dt.time(2, 30), days=False)
        assert night.open_from(at(BERLIN, "2026-03-28T23:00")) == dt.datetime(2026, 3, 29, 1, 30, tzinfo=dt.UTC)

    def test_an_hour_that_comes_twice(self):
        """On 25 October 2026 it is 02:00 in Berlin again after 02:59: quiet ends at the end that is ahead."""
        night = hours(BERLIN, dt.time(22), dt.time(2, 30), days=False)
        second = at(BERLIN, "2026-10-25T02:10").replace(fold=1)
        assert night.open_from(second) == at(BERLIN, "2026-10-25T02:30").replace(fold=1).astimezone(dt.UTC)

    def test_who_is_away_for_good_is_told_at_last(self):
        never = hours(working=lambda day: False)
        moment = at(SHANGHAI, "2026-03-16T10:00")
        assert never.open_from(moment) > moment + dt.timedelta(days=300)


class TestDigest:
    @pytest.mark.parametrize(
        ("moment", "expected"),
        [
            ("2026-03-16T07:59:59", "2026-03-16T08:00"),
            ("2026-03-16T08:00", "2026-03-17T08:00"),
            ("2026-03-20T08:01", "2026-03-23T08:00"),
            ("2026-03-17T00:00", "2026-03-17T08:00"),
        ],
    )
    def test_the_next_eight_o_clock_of_a_working_day(self, moment, expected):
        assert hours().digest_after(at(SHANGHAI, moment)) == at(SHANGHAI, expected)

    def test_by_the_clock_of_the_reader(self):
        moment = dt.datetime(2026, 3, 16, 0, 30, tzinfo=dt.UTC)  # 08:30 in Shanghai, 01:30 in Berlin
        assert hours(SHANGHAI).digest_after(moment) == at(SHANGHAI, "2026-03-17T08:00")
        assert hours(BERLIN).digest_after(moment) == at(BERLIN, "2026-03-16T08:00")


FIRST, LAST = (dt.datetime(year, 1, 1) for year in (2025, 2028))  # noqa: DTZ001  Hypothesis adds the zone
moments = st.datetimes(FIRST, LAST, timezones=st.just(dt.UTC))
times = st.times().map(lambda time: time.replace(second=0, microsecond=0))


class TestAlways:
    @given(moment=moments, zone=st.sampled_from(ZONES), start=times, end=times, days=st.booleans())
    def test_what_it_says_is_open_and_nothing_before_it_was(self, moment, zone, start, end, days):
        assume(start != end)
        mine = hours(zone, start, end, days=days)
        found = mine.open_from(moment)
        assert found >= moment
        assert not is_quiet(mine, found)
        assert mine.open_from(found) == found
        span = (found - moment) / 16
        for part in range(16):
            assert found == moment or is_quiet(mine, moment + span * part)

    @given(moment=moments, zone=st.sampled_from(ZONES))
    def test_there_is_one_digest_a_working_day(self, moment, zone):
        mine = hours(zone)
        first = mine.digest_after(moment)
        second = mine.digest_after(first)
        assert moment < first < second
        days = [found.astimezone(zone).date() for found in (first, second)]
        assert all(weekday(day) for day in days)
        assert days[0] < days[1]


def is_quiet(mine: Hours, moment: dt.datetime) -> bool:
    """The rule in words, by the clock on the wall, written another way than in the code."""
    local = moment.astimezone(mine.zone)
    if mine.working_days_only and not mine.is_working(local.date()):
        return True
    clock = local.hour * 60 + local.minute + local.second / 60 + local.microsecond / 60e6
    start = mine.quiet_from.hour * 60 + mine.quiet_from.minute
    end = mine.quiet_until.hour * 60 + mine.quiet_until.minute
    return (clock - start) % 1440 < (end - start) % 1440
