"""Playbooks as arithmetic: due working days, texts, similar accounts, recovery, the interval of a difference."""

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.workdays import DAY, WorkCalendar
from health.effectiveness import (
    MOST_SIMILAR,
    NEAR,
    Case,
    Pool,
    State,
    difference_interval,
    effect,
    effective,
    has_recovered,
    wilson,
)
from health.playbook_errors import PlaybookEmpty, StepMalformed, StepUntitled, TooManySteps
from health.playbook_steps import MAX_STEPS, Step, checked, due_date, horizon, tidied

START = dt.date(2026, 9, 1)


def calendar_with(free, *, span=1200):
    """A calendar whose weekends and `free` days (numbers from the start) are no working days."""
    last = START + span * DAY
    days = [START + number * DAY for number in range(span + 1)]
    working = [day for number, day in enumerate(days) if day.weekday() < 5 and number not in free]
    return WorkCalendar("CN", START, last, frozenset({5, 6}), frozenset(), tuple(working), frozenset(working), {})


class TestDueDate:
    def test_counts_working_days_after_the_start(self):
        friday = dt.date(2026, 9, 4)
        assert due_date(calendar_with(set()), friday, 1) == dt.date(2026, 9, 7)
        assert due_date(calendar_with(set()), friday, 6) == dt.date(2026, 9, 14)

    def test_no_days_is_the_start_or_the_first_working_day_after_it(self):
        assert due_date(calendar_with(set()), dt.date(2026, 9, 4), 0) == dt.date(2026, 9, 4)
        assert due_date(calendar_with(set()), dt.date(2026, 9, 5), 0) == dt.date(2026, 9, 7)

    @given(free=st.sets(st.integers(0, 400), max_size=150), start=st.integers(0, 300), days=st.integers(0, 250))
    def test_is_a_working_day_with_so_many_of_them_since_the_start(self, free, start, days):
        calendar, first = calendar_with(free), START + start * DAY
        due = due_date(calendar, first, days)
        assert calendar.is_working(due)
        assert len(calendar.working_days(first + DAY, due)) == days or (days == 0 and due >= first)
        if days == 0:
            assert calendar.working_days(first, due) == [due]

    @given(free=st.sets(st.integers(0, 400), max_size=150), start=st.integers(0, 300), days=st.integers(0, 249))
    def test_more_days_are_never_earlier(self, free, start, days):
        calendar, first = calendar_with(free), START + start * DAY
        assert due_date(calendar, first, days) <= due_date(calendar, first, days + 1)

    def test_the_horizon_holds_the_furthest_step(self):
        first, last = horizon(START)
        assert first == START
        assert due_date(calendar_with(set()), START, 250) < last


class TestTexts:
    def test_keeps_what_is_written_in_the_order_of_the_languages(self):
        assert tidied({"en": " Call ", "zh-hans": "致电", "zh-hant": " "}, 20) == {"zh-hans": "致电", "en": "Call"}

    @pytest.mark.parametrize("texts", [{"fr": "x"}, {"en": 5}, {"en": "x" * 21}, "x", None, {"en": "a\x00b"}])
    def test_refuses_what_is_no_text_of_ours(self, texts):
        with pytest.raises(ValueError, match=r"."):
            tidied(texts, 20)

    @pytest.mark.parametrize(
        ("steps", "error"),
        [
            ([], PlaybookEmpty),
            ([Step({"en": "x"})] * (MAX_STEPS + 1), TooManySteps),
            ([Step({"en": "x"}), Step({"en": " "})], StepUntitled),
            ([Step({"en": "x"}, role="king")], StepMalformed),
            ([Step({"en": "x"}, due_days=251)], StepMalformed),
            ([Step({"en": "x"}, due_days=True)], StepMalformed),
            ([Step({"en": "x"}, checklist=[{"fr": "x"}])], StepMalformed),
            ([Step({"en": "x"}, checklist=[{"en": "x"}] * 21)], StepMalformed),
            ([Step({"en": "x"}, template={"en": "x" * 5001})], StepMalformed),
        ],
    )
    def test_refuses_steps_that_are_none(self, steps, error):
        with pytest.raises(error):
            checked(steps)

    def test_empty_items_are_left_out(self):
        assert checked([Step({"en": "x"}, checklist=[{"en": ""}, {"en": "y"}])])[0].checklist == [{"en": "y"}]


class TestRecovery:
    @pytest.mark.parametrize(
        ("score", "band", "expected"),
        [
            (55, "watch", True),
            (54, "watch", False),
            (47, "healthy", True),
            (60, "at_risk", True),
            (46, "at_risk", False),
        ],
    )
    def test_is_ten_points_or_a_better_band(self, score, band, expected):
        assert has_recovered(State(1, "A", "watch", 45), score, band) is expected


states = st.lists(
    st.builds(
        State, st.integers(1, 300), st.sampled_from(["A", "B", ""]), st.sampled_from(["watch", "at_risk"]),
        st.integers(0, 100),
    ),
    max_size=250, unique_by=lambda state: state.account,
)  # fmt: skip


class TestSimilar:
    @given(
        pool=states,
        to=st.builds(
            State, st.integers(1, 300), st.sampled_from(["A", "B"]), st.sampled_from(["watch"]), st.integers(0, 100)
        ),
        without=st.sets(st.integers(1, 300), max_size=30),
    )
    def test_are_those_that_a_naive_search_finds_nearest_first(self, pool, to, without):
        found = Pool(pool).similar(to, without)
        naive = [
            state
            for state in pool
            if state.tier == to.tier
            and state.band == to.band
            and abs(state.score - to.score) <= NEAR
            and state.account != to.account
            and state.account not in without
        ]
        assert len(found) == min(len(naive), MOST_SIMILAR)
        assert set(found) <= set(naive)
        distances = [abs(state.score - to.score) for state in found]
        assert distances == sorted(distances)
        left_out = [abs(state.score - to.score) for state in naive if state not in found]
        assert not left_out or min(left_out) >= max(distances)

    @given(pool=states, to=st.builds(State, st.just(1), st.just("A"), st.just("watch"), st.integers(0, 100)))
    def test_do_not_depend_on_the_order_of_the_rows(self, pool, to):
        assert Pool(pool).similar(to) == Pool(pool[::-1]).similar(to)


class TestInterval:
    @pytest.mark.parametrize(
        ("one", "other", "expected"),
        [
            ((56, 70), (48, 80), (0.0524, 0.3339)),
            ((9, 10), (3, 10), (0.1705, 0.8090)),
            ((6, 7), (2, 7), (0.0582, 0.8062)),
            ((5, 56), (0, 29), (-0.0381, 0.1926)),
            ((0, 10), (0, 20), (-0.1611, 0.2775)),
            ((10, 10), (0, 10), (0.6075, 1.0000)),
        ],
    )
    def test_is_that_of_newcombes_table(self, one, other, expected):
        low, high = difference_interval(one[0] / one[1], one[1], other[0] / other[1], other[1])
        assert (round(low, 4), round(high, 4)) == expected

    def test_wilson_of_nothing_and_of_all(self):
        assert wilson(0, 10)[0] == 0
        assert round(wilson(0, 10)[1], 4) == 0.2775
        assert wilson(1, 10)[1] == 1

    @given(
        one=st.floats(0, 1), n=st.floats(1, 1e4), other=st.floats(0, 1), m=st.floats(1, 1e4),
    )  # fmt: skip
    def test_holds_the_difference(self, one, n, other, m):
        low, high = difference_interval(one, n, other, m)
        assert -1 <= low <= one - other + 1e-9
        assert one - other - 1e-9 <= high <= 1


cases = st.lists(
    st.builds(
        Case, st.integers(1, 12), st.booleans(), st.dictionaries(st.integers(20, 60), st.booleans(), max_size=15)
    ),
    max_size=30,
)


class TestEffect:
    def test_each_case_counts_once_whatever_the_number_of_similar_accounts(self):
        found = effect(30, [Case(1, True, {7: True}), Case(2, False, {8: False, 9: False, 10: False, 11: True})])
        assert found.share == 0.5
        assert found.similar_share == pytest.approx((1 + 0.25) / 2)
        assert (found.cases, found.similar_accounts, found.verdict) == (2, 5, "few")

    def test_an_account_counted_twice_is_no_two_accounts(self):
        once = effect(30, [Case(number, True, {50 + number: False}) for number in range(20)])
        twice = effect(30, [Case(number // 2, True, {50 + number // 2: False}) for number in range(20)])
        assert effective({1: 2, 2: 2}) == 2
        assert twice.high - twice.low > once.high - once.low

    def test_says_what_the_numbers_carry(self):
        good = [Case(number, True, {100 + number: False, 200 + number: False}) for number in range(20)]
        bad = [Case(number, False, {100 + number: True}) for number in range(20)]
        even = [Case(number, number % 2 == 0, {100 + number: number % 2 == 0}) for number in range(20)]
        assert [effect(30, rows).verdict for rows in (good, bad, even, good[:9])] == [
            "better",
            "worse",
            "unclear",
            "few",
        ]

    def test_without_similar_accounts_there_is_nothing_to_say(self):
        found = effect(30, [Case(1, True, {})], unknown=2)
        assert (found.alone, found.unknown, found.left_out, found.share, found.low) == (1, 2, 3, None, None)
        assert found.verdict == "few"

    @given(cases=cases)
    def test_equals_a_naive_count(self, cases):
        found = effect(60, cases)
        compared = [case for case in cases if case.similar]
        assert found.cases + found.alone == len(cases)
        if not compared:
            assert found.difference is None
            return
        share = sum(case.recovered for case in compared) / len(compared)
        similar = math.fsum(sum(case.similar.values()) / len(case.similar) for case in compared) / len(compared)
        assert found.share == pytest.approx(share)
        assert found.similar_share == pytest.approx(similar)
        assert found.low - 1e-9 <= found.difference <= found.high + 1e-9
