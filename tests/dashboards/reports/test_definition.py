"""What may be stored as a report, and what is said about the rest."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import reporting
from dashboards.reports.definition import check, read
from dashboards.reports.due import Rhythm, last_due
from dashboards.reports.errors import InvalidReport
from dashboards.reports.periods import PERIODS, grain_end, grain_start, resolve
from dashboards.reports.shipped import SHIPPED
from dashboards.reports.values import OPERATOR_LABELS, OPERATORS

DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2090, 12, 31))
FULL = {
    "object": "orders",
    "columns": ["date", "account"],
    "filters": [
        {"column": "date", "op": "period", "value": "last_30_days"},
        {"column": "amount", "op": "between", "value": ["10", None]},
        {"column": "manager", "op": "in", "value": ["me", 7]},
        {"column": "tier", "op": "not_in", "value": ["A", ""]},
    ],
    "groups": [{"column": "manager"}, {"column": "date", "grain": "month"}],
    "cross": {"column": "kind"},
    "sums": [{"function": "count"}, {"function": "sum", "column": "amount"}],
    "sort": "-sum:1",
    "limit": 20,
    "chart": "stacked",
}


def problems(**changes):
    return [problem.text for problem in read({**FULL, **changes}, reporting.reportable())[1]]


class TestRead:
    def test_gives_back_what_was_stored(self):
        definition = check(FULL, reporting.reportable())
        assert definition.as_json() == FULL
        assert check(definition.as_json(), reporting.reportable()) == definition

    @pytest.mark.parametrize("shipped", SHIPPED.values(), ids=SHIPPED)
    def test_every_shipped_report_is_right(self, shipped):
        assert check(shipped.definition, reporting.reportable()).as_json() == shipped.definition

    def test_a_field_that_is_gone_is_named_and_left_out(self):
        raw = {**FULL, "columns": ["date", "shoe_size"], "filters": [{"column": "mood", "op": "empty"}]}
        definition, found = read(raw, reporting.reportable())
        assert [(problem.place, problem.missing) for problem in found] == [("columns.1", True), ("filters.0", True)]
        assert "shoe_size" in found[0].text
        assert "mood" in found[1].text
        assert (definition.columns, definition.filters) == (("date",), ())
        with pytest.raises(InvalidReport, match="shoe_size"):
            check(raw, reporting.reportable())

    def test_an_object_that_is_gone_cannot_run(self):
        definition, found = read({"object": "unicorns"}, reporting.reportable())
        assert definition is None
        assert "unicorns" in found[0].text

    @pytest.mark.parametrize(
        "changes",
        [
            {"filters": [{"column": "date", "op": "period", "value": "whenever"}]},
            {"filters": [{"column": "date", "op": "between", "value": ["2026-13-01", None]}]},
            {"filters": [{"column": "date", "op": "between", "value": [None, None]}]},
            {"filters": [{"column": "date", "op": "contains", "value": "x"}]},
            {"filters": [{"column": "date", "op": "older", "value": -1}]},
            {"filters": [{"column": "number", "op": "contains", "value": "a\x00b"}]},
            {"filters": [{"column": "number", "op": "contains", "value": "\ud800"}]},
            {"filters": [{"column": "number", "op": "contains", "value": ""}]},
            {"filters": [{"column": "tier", "op": "in", "value": ["Z"]}]},
            {"filters": [{"column": "account", "op": "in", "value": ["me"]}]},
            {"filters": [{"column": "account", "op": "in", "value": [2**70]}]},
            {"filters": [{"column": "amount", "op": "is", "value": "NaN"}]},
            {"filters": [{"column": "amount", "op": "between", "value": ["1e400", None]}]},
            {"filters": "none"},
            {"filters": [1]},
            {"groups": [{"column": "number"}]},
            {"groups": [{"column": "kind", "grain": "month"}]},
            {"groups": [{"column": "date", "grain": "decade"}]},
            {"groups": [{"column": "tier"}] * 3},
            {"sums": [{"function": "sum", "column": "kind"}]},
            {"sums": [None]},
            {"sort": "sum:9"},
            {"sort": 3},
            {"limit": -1},
            {"limit": True},
            {"chart": "pie"},
            {"colour": "red"},
        ],
    )
    def test_refuses_by_name(self, changes):
        assert problems(**changes)

    @settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # how fast JSON is made up says nothing
    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(),
            lambda part: (
                st.lists(part, max_size=3)
                | st.dictionaries(st.sampled_from([*FULL, "column", "op", "value", "function"]), part, max_size=5)
            ),
            max_leaves=12,
        )
    )
    def test_reads_whatever_json_there_is(self, raw):
        read(raw, reporting.reportable())
        read(
            {"object": "orders", "filters": raw, "groups": raw, "sums": raw, "sort": raw, "cross": raw},
            reporting.reportable(),
        )

    def test_every_operator_has_a_label(self):
        assert {op for ops in OPERATORS.values() for op in ops} == set(OPERATOR_LABELS)


class TestPeriods:
    @given(DAYS)
    def test_each_begins_before_it_ends(self, today):
        for code in PERIODS:
            first, last = resolve(code, today)
            assert first <= last, code

    @given(DAYS)
    def test_last_this_and_next_follow_each_other(self, today):
        for grain in ("week", "month"):
            (_first, before), this, (after, _end) = (
                resolve(f"{name}_{grain}", today) for name in ("last", "this", "next")
            )
            assert before + dt.timedelta(days=1) == this[0] <= today <= this[1] == after - dt.timedelta(days=1)

    @given(DAYS, st.sampled_from(["day", "week", "month", "quarter", "year"]))
    def test_a_day_is_in_its_step(self, day, grain):
        start = grain_start(day, grain)
        assert start <= day <= grain_end(start, grain)
        assert grain_start(grain_end(start, grain), grain) == start
        assert grain_start(grain_end(start, grain) + dt.timedelta(days=1), grain) != start


class TestDue:
    """A schedule is due at most once for each day, never in the future, and never skips one."""

    @given(
        st.datetimes(dt.datetime(2025, 1, 1), dt.datetime(2027, 12, 31), timezones=st.just(dt.UTC)),  # noqa: DTZ001
        st.sampled_from(["weekly", "monthly"]),
        st.integers(0, 6),
        st.integers(0, 28),
        st.integers(0, 23),
        st.sampled_from(["Asia/Shanghai", "America/New_York", "Pacific/Auckland"]),
    )
    def test_is_the_last_one_up_to_now(self, now, frequency, weekday, month_day, hour, zone):
        rhythm = Rhythm(frequency, weekday, month_day, hour, ZoneInfo(zone))
        working = lambda day: day.weekday() < 5  # noqa: E731
        day, moment = last_due(rhythm, now, working)
        assert moment <= now
        gap = 8 if frequency == "weekly" else 34
        assert now - moment < dt.timedelta(days=gap)
        if frequency == "weekly":
            assert day.weekday() == weekday
        elif month_day:
            assert day.day == month_day
        else:
            assert working(day)
        assert last_due(rhythm, moment, working)[1] == moment

    def test_the_last_working_day_is_before_a_weekend(self):
        rhythm = Rhythm("monthly", 0, 0, 8, dt.UTC)
        now = dt.datetime(2026, 2, 1, 12, tzinfo=dt.UTC)  # a Sunday after Saturday, 31 January
        assert last_due(rhythm, now, lambda day: day.weekday() < 5)[0] == dt.date(2026, 1, 30)
