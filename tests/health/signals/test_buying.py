"""Signals in what an account buys."""

import datetime as dt

import pytest

from health.churn.prediction import Prediction
from health.facts.lines import DroppedLine, LineFacts
from health.signals import find
from health.signals.buying import (
    assess_lines_dropped,
    assess_order_breadth,
    assess_order_gap,
    assess_order_size,
    assess_probability,
    assess_returns,
    assess_revenue_trend,
)
from tests.factories import TODAY
from tests.factories.health_scores import orders

MONTHLY = [(30 * number, 100) for number in range(1, 16)]


def severity(key, reading):
    return find(key).severity(reading.value)


class TestOrderGap:
    def test_measures_silence_in_own_intervals(self):
        reading = assess_order_gap(orders((60, 10), (90, 10), (120, 10), (160, 10)), TODAY)

        assert reading.value == 2
        assert reading.facts == {"days": 60, "interval": 30}
        assert reading.date == TODAY - dt.timedelta(days=60)
        assert severity("order_gap", reading) == 0.5

    def test_needs_three_order_days(self):
        assert assess_order_gap(orders((60, 10), (90, 10)), TODAY) is None

    def test_returns_are_no_orders(self):
        assert assess_order_gap(orders((10, 0, 5), (60, 10), (90, 10)), TODAY) is None

    def test_who_buys_daily_is_not_in_danger_after_a_weekend(self):
        reading = assess_order_gap(orders((4, 1), (5, 1), (6, 1), (7, 1)), TODAY)

        assert severity("order_gap", reading) == 0


class TestRevenueTrend:
    def test_as_always_is_one(self):
        reading = assess_revenue_trend(orders(*MONTHLY), TODAY)

        assert reading.value == pytest.approx(1, abs=0.1)
        assert severity("revenue_trend", reading) == 0

    def test_nothing_bought_any_more_is_zero(self):
        reading = assess_revenue_trend(orders(*[row for row in MONTHLY if row[0] > 90]), TODAY)

        assert reading.value == 0
        assert severity("revenue_trend", reading) == 1

    def test_who_always_pauses_at_this_time_is_expected_to_pause(self):
        """Nothing in these 90 days, and nothing in the same 90 days a year ago: half of what the pace alone expects."""
        pausing = [(ago, 100) for ago in (*range(100, 360, 20), *range(460, 720, 20))]
        always = [(ago, 100) for ago in range(100, 720, 20)]

        expected = [assess_revenue_trend(orders(*rows), TODAY).facts["expected"] for rows in (pausing, always)]

        assert expected[0] < expected[1] / 1.5

    @pytest.mark.parametrize(
        "rows",
        [
            [(10, 100), (200, 100), (400, 100)],
            [(100, 100), (120, 100), (140, 100)],
            [(number * 160, 100) for number in range(1, 6)],
            [(ago, 10, 20) for ago in range(20, 400, 20)],
        ],
        ids=["few orders", "a short past", "less than two orders to expect", "more returned than sold"],
    )
    def test_says_nothing_of(self, rows):
        assert assess_revenue_trend(orders(*rows), TODAY) is None

    def test_says_nothing_without_a_rate(self):
        assert assess_revenue_trend(orders(*MONTHLY, is_priced=False), TODAY) is None


class TestSizeAndBreadth:
    def test_compares_the_last_three_with_the_year_before(self):
        rows = [(10, 40), (20, 50), (30, 60), *[(40 + 10 * number, 100) for number in range(10)]]

        reading = assess_order_size(orders(*rows), TODAY)

        assert reading.value == 0.5
        assert reading.facts == {"now": 50, "usual": 100}

    def test_breadth_counts_lines(self):
        rows = [(10, 1, 0, 2), (20, 1, 0, 2), (30, 1, 0, 2), *[(40 + number, 1, 0, 8) for number in range(5)]]

        assert assess_order_breadth(orders(*rows), TODAY).value == 0.25

    def test_needs_six_orders(self):
        assert assess_order_size(orders(*[(number, 10) for number in range(1, 6)]), TODAY) is None


class TestReturns:
    def test_is_the_share_of_the_last_180_days(self):
        reading = assess_returns(orders((20, 200, 50), (400, 100, 100)), TODAY)

        assert reading.value == 0.25
        assert reading.facts == {"sold": 200, "returned": 50}

    def test_nothing_returned_is_fine(self):
        reading = assess_returns(orders((20, 200)), TODAY)

        assert (reading.value, reading.date) == (0, None)

    def test_only_returns_have_no_share(self):
        assert assess_returns(orders((20, 0, 50)), TODAY) is None

    def test_more_than_all_is_all(self):
        assert assess_returns(orders((20, 10, 50)), TODAY).value == 1


def test_probability_is_that_of_the_model():
    reading = assess_probability(Prediction(0.62, 0.7, None, None, [], None), TODAY)

    assert reading.value == 0.62
    assert 0.5 < severity("churn_probability", reading) < 1


def test_dropped_lines_are_named_with_their_share():
    line = DroppedLine("BAGS", "包袋", "Bags", TODAY - dt.timedelta(days=200), 30, 0.3)

    reading = assess_lines_dropped(LineFacts(0.3, [line]), TODAY)

    assert reading.value == 0.3
    assert reading.facts["lines"][0]["name_en"] == "Bags"
    assert assess_lines_dropped(LineFacts(None), TODAY) is None
