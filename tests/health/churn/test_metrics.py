"""The measures against plain loops."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from health.churn import metrics
from health.churn.metrics import Flags

# A machine that is busy with other tests is slow, not wrong.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
judged = st.lists(st.tuples(st.booleans(), st.integers(0, 8).map(lambda value: value / 8)), min_size=1, max_size=60)


def arrays(pairs):
    return np.array([went for went, _risk in pairs]), np.array([risk for _went, risk in pairs])


class TestAgainstLoops:
    @unhurried
    @given(judged)
    def test_auc_is_the_share_of_pairs_in_the_right_order(self, pairs):
        went = [risk for lost, risk in pairs if lost]
        stayed = [risk for lost, risk in pairs if not lost]
        found = metrics.roc_auc(*arrays(pairs))
        if not went or not stayed:
            assert found is None
            return
        right = sum((a > b) + (a == b) / 2 for a in went for b in stayed)
        assert found == pytest.approx(right / len(went) / len(stayed))

    @unhurried
    @given(judged, st.sampled_from([0.1, 0.2, 0.5, 1.0]))
    def test_top(self, pairs, share):
        found = metrics.at_top(*arrays(pairs), share)
        lost = sum(went for went, _risk in pairs)
        if not lost:
            assert found is None
            return
        size = max(1, int(len(pairs) * share))
        best = sorted(range(len(pairs)), key=lambda row: (-pairs[row][1], row))[:size]
        hits = sum(pairs[row][0] for row in best)
        assert found.flagged == size
        assert found.precision == pytest.approx(hits / size)
        assert found.recall == pytest.approx(hits / lost)
        assert found.lift == pytest.approx(hits / size / (lost / len(pairs)))

    @unhurried
    @given(judged)
    def test_brier_and_calibration(self, pairs):
        outcome, risk = arrays(pairs)
        assert metrics.brier(outcome, risk) == pytest.approx(sum((p - y) ** 2 for y, p in pairs) / len(pairs))
        curve = metrics.calibration_curve(outcome, risk)
        assert sum(row.accounts for row in curve) == len(pairs)
        assert sum(row.accounts * row.actual for row in curve) == pytest.approx(outcome.sum())
        assert sum(row.accounts * row.predicted for row in curve) == pytest.approx(risk.sum())


def snapshot(day, flagged, silent=()):
    ids = np.array([1, 2, 3])
    return Flags(day, ids, np.isin(ids, flagged), np.isin(ids, silent))


class TestLeadTimes:
    flags = [snapshot(100, [2]), snapshot(130, [1, 3], [1]), snapshot(160, [1], [1]), snapshot(330, [1])]

    def test_counts_by_days_after_the_last_order(self):
        found = {row.days: (row.lost, row.caught) for row in metrics.lead_times(self.flags, {1: [110], 2: [120]})}
        assert found == {0: (2, 1), 30: (2, 1), 60: (2, 1), 90: (2, 1), 180: (2, 1)}

    def test_what_the_snapshots_do_not_reach_does_not_count(self):
        found = {row.days: (row.lost, row.caught) for row in metrics.lead_times(self.flags[:3], {1: [110]})}
        assert found[30] == (1, 1)
        assert found[60] == found[180] == (0, 0)
        assert metrics.Lead(60, 0, 0).share is None

    def test_precision_of_flags(self):
        assert metrics.flag_precision(self.flags) == pytest.approx(2 / 5)
        assert metrics.flag_precision([]) is None


class TestEarly:
    def test_a_fifth_of_each_span_is_flagged(self):
        quiet = np.repeat([3, 40], 10)
        risk = np.tile(np.linspace(0, 1, 10), 2)
        outcome = np.zeros(20, dtype=bool)
        outcome[[9, 0, 18, 19]] = True
        first, second, *others = metrics.early([(outcome, risk, quiet)])
        assert first == metrics.Early(0, 30, 10, 2, 1, 0.5)
        assert second == metrics.Early(30, 60, 10, 2, 2, 1.0)
        assert (first.share, second.share) == (0.5, 1.0)
        assert [(row.accounts, row.share, row.precision) for row in others] == [(0, None, None)] * 3

    def test_snapshots_are_added_up(self):
        part = (np.array([True, False]), np.array([0.9, 0.1]), np.array([5, 8]))
        assert metrics.early([part, part])[0] == metrics.Early(0, 30, 4, 2, 2, 1.0)
