"""BG/NBD and gamma-gamma against the published values."""

import csv
import datetime as dt
import gzip
from collections import defaultdict

import numpy as np
import pytest

from health.churn import bgnbd, gamma_gamma
from health.churn.bgnbd import BgNbd
from tests.health.churn.real import CDNOW, needs_cdnow

END = dt.date(1997, 9, 30)


@pytest.fixture(scope="module")
def cdnow():
    """Per customer of the sample: repeat purchases, recency and age in weeks, purchases after, spend per repeat."""
    spent = defaultdict(lambda: defaultdict(float))
    with gzip.open(CDNOW, "rt") as file:
        for row in csv.DictReader(file):
            day = dt.datetime.strptime(row["date"], "%Y%m%d").date()  # noqa: DTZ007
            spent[row["sample_id"]][day] += float(row["spend"])
    rows = []
    for days in spent.values():
        known = sorted(day for day in days if day <= END)
        repeats = [days[day] for day in known[1:]]
        rows.append(
            (
                len(repeats),
                (known[-1] - known[0]).days / 7,
                (END - known[0]).days / 7,
                len(days) - len(known),
                sum(repeats) / len(repeats) if repeats else 0.0,
            )
        )
    return np.array(rows).T


@needs_cdnow
class TestPublished:
    def test_parameters_and_likelihood(self, cdnow):
        x, recency, age, _after, _spend = cdnow
        fitted = bgnbd.fit(x, recency, age)
        assert len(x) == 2357
        assert fitted.r == pytest.approx(0.243, abs=0.001)
        assert fitted.alpha == pytest.approx(4.414, abs=0.002)
        assert fitted.a == pytest.approx(0.793, abs=0.001)
        assert fitted.b == pytest.approx(2.426, abs=0.002)
        assert fitted.log_likelihood == pytest.approx(-9582.4, abs=0.1)

    def test_forecast_of_the_next_39_weeks(self, cdnow):
        x, recency, age, after, _spend = cdnow
        expected = bgnbd.fit(x, recency, age).expected(x, recency, age, 39.0)
        assert np.corrcoef(expected, after)[0, 1] == pytest.approx(0.626, abs=0.001)

    def test_worth_of_an_order(self, cdnow):
        x, _recency, _age, _after, spend = cdnow
        fitted = gamma_gamma.fit(x, spend)
        # Fader and Hardie (2013): p = 6.25, q = 3.74, v = 15.44 on the customers of this sample with a repeat
        assert fitted.p == pytest.approx(6.25, rel=0.02)
        assert fitted.q == pytest.approx(3.74, rel=0.02)
        assert fitted.v == pytest.approx(15.44, rel=0.03)


class TestModel:
    model = BgNbd(0.8, 70.0, 0.9, 5.0, 0.0)
    x, recency, age = np.array([0.0, 2.0, 9.0]), np.array([0.0, 100.0, 290.0]), np.array([200.0, 200.0, 300.0])

    def test_nothing_bought_agrees_with_simulated_customers(self):
        rng = np.random.default_rng(3)
        size = 400_000
        pace = rng.gamma(self.model.r, 1 / self.model.alpha, size)
        leaves = rng.beta(self.model.a, self.model.b, size)
        times, alive, when = np.zeros((size, 0)), np.ones(size, bool), np.zeros(size)
        for _purchase in range(12):
            when = np.where(alive, when + rng.exponential(1 / pace), np.inf)
            times = np.column_stack([times, when])
            alive &= rng.random(size) >= leaves
        bought = (times <= 300).sum(axis=1)
        last = np.where(bought > 0, np.where(times <= 300, times, 0).max(axis=1), 0)
        chosen = (bought == 2) & (last > 180) & (last < 220)
        silent = ((times[chosen] > 300) & (times[chosen] <= 390)).sum(axis=1) == 0
        said = self.model.nothing(np.array([2.0]), np.array([200.0]), np.array([300.0]), 90.0)[0]
        assert said == pytest.approx(silent.mean(), abs=4 * 0.5 / np.sqrt(chosen.sum()))

    def test_longer_silence_is_worse_and_longer_spans_are_quieter_never(self):
        near = self.model.nothing(self.x, self.recency, self.age, 30.0)
        far = self.model.nothing(self.x, self.recency, self.age, 90.0)
        assert np.all(far < near)
        assert np.all((far > 0) & (near < 1))
        alive = [
            self.model.alive(np.array([3.0]), np.array([100.0]), np.array([age]))[0] for age in (100.0, 200.0, 900.0)
        ]
        assert alive == sorted(alive, reverse=True)

    @pytest.mark.parametrize("a", [0.5, 1.0, 1.7])
    def test_expectation_is_the_sum_over_small_spans(self, a):
        model = BgNbd(0.8, 70.0, a, 5.0, 0.0)
        near = model.expected(self.x, self.recency, self.age, 1e-3)
        pace = (model.r + self.x) / (model.alpha + self.age) * model.alive(self.x, self.recency, self.age)
        np.testing.assert_allclose(near / 1e-3, pace, rtol=1e-3)

    @pytest.mark.parametrize("x", [[], [0.0, 0.0]])
    def test_nothing_to_fit(self, x):
        assert bgnbd.fit(np.array(x), np.zeros(len(x)), np.ones(len(x))) is None
