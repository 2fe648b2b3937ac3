"""Replays, the choice of models, and gaps in the orders."""

import datetime as dt

import numpy as np
import pytest

from health.churn import backtesting, choosing
from health.churn.backtesting import Judged, measures, replay, snapshot_days
from health.churn.boosting import Settings
from health.churn.choosing import is_better, try_out, verdict
from health.churn.gaps import company_gap
from health.churn.scorers import plain_rule, trained, walk
from health.churn.season import DailyCounts, daily_counts
from health.churn.training import Plan, train
from tests.health.churn.made import START, company, poisoned
from tests.health.churn.real import needs_lines, real_purchases

QUICK = Plan(forest=Settings(trees=8), bags=1, every=30)


def days_of(*dates):
    return [dt.date.fromisoformat(date).toordinal() for date in dates]


class TestSnapshotDays:
    def test_months_keep_their_day(self):
        found = snapshot_days(dt.date(2025, 12, 31), dt.date(2026, 3, 31), "month")
        assert found == days_of("2025-12-31", "2026-01-31", "2026-02-28", "2026-03-31")

    def test_weeks(self):
        found = snapshot_days(dt.date(2026, 1, 1), dt.date(2026, 1, 15), "week")
        assert found == days_of("2026-01-01", "2026-01-08", "2026-01-15")

    def test_a_single_day(self):
        assert len(snapshot_days(dt.date(2026, 1, 1), dt.date(2026, 1, 1), "month")) == 1


PURCHASES = company()
DAYS = [START + 420, START + 450, START + 700]


@pytest.fixture(scope="module")
def snapshots():
    path = walk(PURCHASES, 90, QUICK)
    scorers = {"model": trained(path), "rule": plain_rule(path)}
    return list(replay(PURCHASES, DAYS, 90, scorers))


class TestReplay:
    def test_side_by_side(self, snapshots):
        model = measures(snapshots, PURCHASES, 90, "model")
        rule = measures(snapshots, PURCHASES, 90, "rule")
        assert model["pooled"]["accounts"] == rule["pooled"]["accounts"] > 100
        assert model["pooled"]["auc"] > 0.75
        assert sum(row["accounts"] for row in model["early"]) == model["pooled"]["accounts"]
        assert [row["days"] for row in model["lead"]] == [0, 30, 60, 90, 180]

    def test_a_snapshot_whose_horizon_is_not_over_is_not_judged(self, snapshots):
        assert [each.over for each in snapshots] == [True, True, False]
        assert len(measures(snapshots, PURCHASES, 90, "model")["snapshots"]) == 2

    def test_later_days_do_not_change_earlier_answers(self, snapshots):
        dirty = poisoned(PURCHASES, START + 430)
        path = walk(dirty, 90, QUICK)
        (again,) = replay(dirty, [START + 420], 90, {"model": trained(path)})
        np.testing.assert_array_equal(again.judged["model"].risk, snapshots[0].judged["model"].risk)

    def test_any_scorer_takes_part_and_whom_it_leaves_out_is_safe(self):
        def one(day):
            return Judged(PURCHASES.ids[:1], np.array([5.0]))

        (found,) = replay(PURCHASES, [START + 420], 90, {"one": one})
        assert len(found.judged["one"].risk) == len(found.ids)
        assert measures([found], PURCHASES, 90, "one")["pooled"].get("brier") is None

    def test_nothing_to_judge(self):
        assert backtesting.measures([], PURCHASES, 90, "model")["pooled"] == {}


def pooled(auc, brier):
    return {"pooled": {"auc": auc, "brier": brier}}


class TestChoice:
    @pytest.mark.parametrize(
        ("new", "old", "better"),
        [
            (pooled(0.75, 0.19), pooled(0.70, 0.20), True),
            (pooled(0.75, 0.21), pooled(0.70, 0.20), False),
            (pooled(0.75, 0.20), pooled(0.75, 0.20), False),
            (pooled(0.70, 0.19), pooled(0.75, 0.20), False),
            (pooled(None, 0.19), pooled(None, 0.20), True),
        ],
    )
    def test_is_better(self, new, old, better):
        assert is_better(new, old) is better

    def test_verdicts(self):
        good, bad = pooled(0.8, 0.15), pooled(0.6, 0.25)
        assert verdict({"model": good, "rule": bad}, known_before=False) == choosing.FIRST
        assert verdict({"model": bad, "rule": good}, known_before=False) == choosing.WORSE_THAN_RULE
        assert verdict({"model": {"pooled": {}}, "rule": bad}, known_before=False) == choosing.NOT_JUDGED
        assert verdict({"model": good, "rule": bad}, known_before=True) == choosing.REFRESHED
        both = {"model": good, "rule": bad, "model_against_before": good, "before": bad}
        assert verdict(both, known_before=True) == choosing.BETTER
        assert verdict(both | {"before": pooled(0.9, 0.1)}, known_before=True) == choosing.WORSE_THAN_BEFORE

    def test_a_model_is_compared_on_months_it_has_not_seen(self):
        purchases = company()
        before = train(purchases, START + 480, QUICK).model
        found = try_out(purchases, START + 600, QUICK, before)
        assert found.kept == (found.verdict in choosing.KEPT)
        assert found.measures["before"]["pooled"]["accounts"] < found.measures["rule"]["pooled"]["accounts"]
        assert (
            "before" not in try_out(purchases, START + 600, QUICK, train(purchases, START + 590, QUICK).model).measures
        )


def shop(days=800, weekday=20, closed=()):
    """A shop that is open on weekdays; `closed` are (first, last) places."""
    rng = np.random.default_rng(4)
    first = dt.date(2024, 1, 1).toordinal()  # a Monday
    counts = np.array([float(rng.poisson(weekday)) if place % 7 < 5 else 0.0 for place in range(days)])
    for start, end in closed:
        counts[start : end + 1] = 0
    return DailyCounts(first, counts)


class TestGaps:
    def test_weekends_are_none(self):
        daily = shop()
        assert company_gap(daily, daily.first + 800) is None

    def test_a_month_that_was_not_imported(self):
        daily = shop(closed=[(700, 735)])
        start, end = company_gap(daily, daily.first + 760)
        assert abs(start - daily.first - 700) <= 3
        assert abs(end - daily.first - 735) <= 3

    def test_it_is_seen_while_it_lasts_and_forgotten_later(self):
        daily = shop(days=800, closed=[(700, 735)])
        assert company_gap(daily, daily.first + 718) is not None
        assert company_gap(daily, daily.first + 800) is None

    def test_nothing_came_after_the_last_day(self):
        daily = shop()
        assert company_gap(daily, daily.first + 830)[1] == daily.first + 829

    def test_a_closure_that_returns_is_none(self):
        daily = shop(closed=[(340, 356), (340 + 365 + 20, 356 + 365 + 22)])
        assert company_gap(daily, daily.first + 756) is None

    def test_a_week_off_is_none(self):
        daily = shop(closed=[(700, 708)])
        assert company_gap(daily, daily.first + 720) is None

    def test_a_few_orders_a_month_are_too_few_to_say(self):
        counts = np.zeros(800)
        counts[::14] = 1
        assert company_gap(DailyCounts(1, counts), 801) is None

    def test_days_to_come_are_not_looked_at(self):
        daily = shop(closed=[(760, 799)])
        assert company_gap(daily, daily.first + 760) is None

    @needs_lines
    def test_a_real_shop_has_none_whichever_the_day(self):
        daily = daily_counts(real_purchases())
        found = [day for day in range(daily.first + 30, daily.first + len(daily.counts) + 1) if company_gap(daily, day)]
        assert found == []
        counts = daily.counts.copy()
        april = dt.date(2011, 4, 1).toordinal() - daily.first
        counts[april : april + 30] = 0
        assert company_gap(DailyCounts(daily.first, counts), daily.first + april + 45) is not None
