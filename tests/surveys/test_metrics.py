"""NPS, CSAT, CES: published worked examples, and naive sums under Hypothesis."""

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys import metrics


def counts_of(top, bottom=0):
    return st.dictionaries(st.integers(bottom, top), st.integers(0, 40), max_size=top - bottom + 1)


def listed(counts):
    return [value for value, count in counts.items() for _ in range(count)]


class TestPublishedExamples:
    @pytest.mark.parametrize(
        ("part", "n", "low", "high"),
        [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
    )
    def test_wilson_as_in_newcombe_1998_table_1(self, part, n, low, high):
        assert metrics.wilson(part, n) == pytest.approx((low, high), abs=5e-5)

    @pytest.mark.parametrize(
        ("first", "second", "change", "low", "high"),
        [((48, 80), (56, 70), 20.0, 5.24, 33.39), ((3, 10), (9, 10), 60.0, 17.05, 80.90)],
    )
    def test_difference_of_shares_as_in_newcombe_1998_table_2(self, first, second, change, low, high):
        found = metrics.share_difference(*first, *second)
        assert (found.value, found.low, found.high) == pytest.approx((change, low, high), abs=5e-3)
        assert found.is_clear

    def test_t_quantiles_as_in_the_tables(self):
        table = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 9: 2.262, 30: 2.042, 120: 1.980}
        assert {n: round(metrics.t_quantile(n), 3) for n in table} == table

    def test_nps_of_a_half_a_third_and_a_sixth(self):
        """The example of Huber (Cross Validated, 2011): score 1/3, variance 5/9; with 324 answers a standard error of
        4.1 points. The three answers that the adjustment adds move the ends by less than a point."""
        score = metrics.nps({10: 162, 7: 108, 0: 54})
        assert score.value == pytest.approx(100 / 3)
        assert (score.high - score.low) / 2 == pytest.approx(1.96 * 4.14, abs=0.1)
        assert score.low == pytest.approx(100 / 3 - 1.96 * 4.14, abs=1)

    def test_the_adjusted_wald_of_rocks_2016_worked_by_hand(self):
        """16 promoters, 13 passives, 7 detractors: 16.75/39 − 7.75/39 = 0.2308, variance 0.5749, error 0.1214."""
        score = metrics.nps({9: 16, 8: 13, 4: 7})
        assert (score.n, score.value) == (36, 25.0)
        assert (score.low, score.high) == pytest.approx((-0.72, 46.87), abs=0.01)

    def test_mean_and_interval_as_scipy_has_them(self):
        """scipy.stats.t.interval(0.95, 9, mean, sem) of 1 2 3 4 5 6 7 7 7 7: (3.2708, 6.5292)."""
        counts = {1: 1, 2: 1, 3: 1, 4: 1, 5: 1, 6: 1, 7: 4}
        score = metrics.ces(counts)
        error = statistics.stdev(listed(counts)) / math.sqrt(10)
        assert score.value == 4.9
        assert (score.low, score.high) == pytest.approx((4.9 - 2.262157 * error, 4.9 + 2.262157 * error), abs=1e-5)

    def test_welch_as_in_his_table(self):
        """Two samples with equal variances and sizes: Welch is Student with 2n − 2 degrees of freedom."""
        before, after = {1: 3, 2: 3, 3: 4}, {3: 3, 4: 3, 5: 4}
        found = metrics.mean_difference(before, after)
        error = math.sqrt(2 * statistics.variance(listed(before)) / 10)
        assert found.value == pytest.approx(2)
        assert found.high - found.value == pytest.approx(2.100922 * error, abs=1e-5)


class TestAgainstNaiveSums:
    @given(counts_of(10))
    def test_nps(self, counts):
        answers, score = listed(counts), metrics.nps(counts)
        assert score.n == len(answers)
        if not answers:
            assert (score.value, score.low, score.high) == (None, None, None)
            return
        up, down = sum(a >= 9 for a in answers), sum(a <= 6 for a in answers)
        assert score.value == pytest.approx(100 * (up / len(answers) - down / len(answers)), abs=1e-9)
        assert -100 <= score.low <= score.value <= score.high <= 100

    @given(counts_of(5, 1))
    def test_csat(self, counts):
        answers, score = listed(counts), metrics.csat(counts)
        assert score.n == len(answers)
        if answers:
            assert score.value == pytest.approx(100 * sum(a >= 4 for a in answers) / len(answers))
            assert 0 <= score.low <= score.value + 1e-9
            assert score.value - 1e-9 <= score.high <= 100

    @given(counts_of(7, 1))
    def test_ces(self, counts):
        answers, score = listed(counts), metrics.ces(counts)
        if not answers:
            assert score.value is None
            return
        assert score.value == pytest.approx(statistics.fmean(answers))
        if len(answers) > 1:
            assert 1 <= score.low <= score.value + 1e-9
            assert score.value - 1e-9 <= score.high <= 7

    @given(st.sampled_from(["nps", "csat", "ces"]), counts_of(5, 1), counts_of(5, 1))
    def test_differences_turn_round_and_hold_what_was_found(self, kind, before, after):
        there, back = metrics.difference(kind, before, after), metrics.difference(kind, after, before)
        if there.value is None:
            assert not sum(before.values()) or not sum(after.values())
            return
        first, second = metrics.score(kind, before).value, metrics.score(kind, after).value
        assert there.value == pytest.approx(second - first, abs=1e-9)
        assert back.value == pytest.approx(-there.value, abs=1e-9)
        if there.low is not None:
            assert there.low - 1e-9 <= there.value <= there.high + 1e-9
            assert (back.low, back.high) == pytest.approx((-there.high, -there.low), abs=1e-6)

    @given(counts_of(10))
    def test_the_same_twice_is_no_clear_difference(self, counts):
        assert not metrics.difference("nps", counts, counts).is_clear

    @given(st.floats(1, 1e6))
    def test_t_falls_to_the_normal_quantile(self, degrees):
        assert metrics.Z <= metrics.t_quantile(degrees) <= 12.7063
