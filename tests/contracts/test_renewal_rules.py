"""When renewals open, escalate and become alerts; which terms of a contract that renews itself are over."""

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.renewal_rules import (
    Stage,
    Watch,
    alert_date,
    due_date,
    escalation_date,
    is_backlog,
    passed_ends,
    stage_of,
)
from contracts.terms import ONE_DAY, open_days, term_end
from tests.factories import TODAY

DAY = dt.timedelta(days=1)
WATCH = Watch(escalate_after=14, alert_before=10)


def rule(tier, days, amount=0):
    return SimpleNamespace(tier=tier, open_days=days, min_amount=Decimal(amount))


RULES = [rule("A", 180), rule("A", 365, 1_000_000), rule("B", 120), rule("", 90), rule("", 150, 500_000)]


class TestWhichRule:
    @pytest.mark.parametrize(
        ("tier", "amount", "days"),
        [
            ("A", 0, 180),
            ("A", 999_999, 180),
            ("A", 1_000_000, 365),
            ("B", 9_000_000, 120),
            ("C", 10, 90),
            ("C", 500_000, 150),
            ("", 499_999, 90),
        ],
    )
    def test_tier_first_then_the_highest_amount_that_is_reached(self, tier, amount, days):
        assert open_days(RULES, tier, Decimal(amount)) == days

    def test_a_value_without_a_rate_counts_as_the_highest(self):
        assert open_days(RULES, "A", None) == 365

    def test_of_a_tier_whose_rules_begin_higher_the_rule_for_others_counts(self):
        assert open_days([rule("A", 200, 100), rule("", 70)], "A", Decimal(99)) == 70
        assert open_days([], "A", Decimal(1)) == 60


class TestDates:
    def test_escalation_and_alert(self):
        assert escalation_date(TODAY, WATCH) == TODAY + 14 * DAY
        assert alert_date(TODAY, WATCH) == TODAY - 10 * DAY

    @pytest.mark.parametrize(
        ("opened", "notice", "acted", "stage"),
        [
            (-13, 60, False, Stage.WAITING),
            (-14, 60, False, Stage.ESCALATED),
            (-14, 60, True, Stage.ACTED),
            (0, 11, False, Stage.WAITING),
            (0, 10, False, Stage.ALERT),
            (-30, -5, False, Stage.ALERT),
            (-30, -5, True, Stage.ACTED),
        ],
    )
    def test_stage(self, opened, notice, acted, stage):
        days = {"opened_on": TODAY + opened * DAY, "notice_date": TODAY + notice * DAY}
        assert stage_of(TODAY, **days, acted=acted, watch=WATCH) == stage

    def test_a_task_is_never_due_in_the_past(self):
        assert due_date(TODAY + DAY, TODAY) == TODAY + DAY
        assert due_date(TODAY - DAY, TODAY) == TODAY

    def test_what_ended_long_ago_is_history(self):
        assert not is_backlog(TODAY - 90 * DAY, TODAY)
        assert is_backlog(TODAY - 91 * DAY, TODAY)


class TestPassedEnds:
    def test_one_term(self):
        end = dt.date(2026, 3, 15)
        assert passed_ends(end, end, 12, TODAY) == ([end], dt.date(2027, 3, 15))

    def test_the_last_day_is_in_the_term(self):
        assert passed_ends(TODAY, TODAY, 12, TODAY) == ([], TODAY)

    def test_several_terms_and_no_shortening_of_long_months(self):
        end = dt.date(2025, 11, 30)
        ends, running = passed_ends(end, end, 1, TODAY)
        assert ends == [end, dt.date(2025, 12, 31), dt.date(2026, 1, 31), dt.date(2026, 2, 28)]
        assert running == dt.date(2026, 3, 31)

    def test_one_that_does_not_renew_itself_stays(self):
        assert passed_ends(TODAY - DAY, TODAY - DAY, 0, TODAY) == ([], TODAY - DAY)

    @given(st.dates(dt.date(2015, 1, 1), dt.date(2026, 3, 1)), st.integers(1, 36), st.integers(0, 2000))
    def test_caught_up_at_once_or_day_by_day_is_the_same(self, first, months, days):
        today = first + days * ONE_DAY
        ends, running = passed_ends(first, first, months, today)
        assert running >= today
        assert ends == [end for number in range(len(ends)) if (end := term_end(first, months, number)) < today]
        step = first + days // 2 * ONE_DAY
        early, between = passed_ends(first, first, months, step)
        late, last = passed_ends(between, first, months, today)
        assert (early + late, last) == (ends, running)
