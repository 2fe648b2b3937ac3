from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiers.hysteresis import ORDER, Rule, settle

NONE = Rule()
TWO_RUNS = Rule(down_runs=2)
MARGIN = Rule(margin=Decimal(2))
EITHER = Rule(down_runs=2, margin=Decimal(2))
BOTH = Rule(down_runs=2, margin=Decimal(2), need_both=True)
known = st.sampled_from(["A", "B", "C"])
rules = st.builds(Rule, st.integers(1, 3), st.integers(1, 3), st.sampled_from([Decimal(0), Decimal(2)]), st.booleans())


class TestSettle:
    @pytest.mark.parametrize(
        ("current", "raw", "relaxed", "earlier", "rule", "expected"),
        [
            ("A", "B", "B", [], NONE, ("B", "")),
            ("A", "B", "B", [], TWO_RUNS, ("A", "runs")),
            ("A", "B", "B", ["B"], TWO_RUNS, ("B", "")),
            ("A", "B", "B", ["A"], TWO_RUNS, ("A", "runs")),
            ("A", "B", "B", [None], TWO_RUNS, ("A", "runs")),
            ("A", "C", "C", ["B"], TWO_RUNS, ("B", "runs")),
            ("A", "B", "A", [], MARGIN, ("A", "margin")),
            ("A", "B", "B", [], MARGIN, ("B", "")),
            ("A", "C", "B", [], MARGIN, ("B", "margin")),
            ("A", "B", "A", ["A"], EITHER, ("A", "runs_margin")),
            ("A", "B", "B", ["A"], EITHER, ("B", "")),
            ("A", "B", "A", ["B"], EITHER, ("B", "")),
            ("A", "B", "B", ["A"], BOTH, ("A", "runs_margin")),
            ("A", "B", "B", ["B"], BOTH, ("B", "")),
            ("B", "A", "A", [], EITHER, ("A", "")),
            ("C", "A", "A", ["B"], Rule(up_runs=2), ("B", "runs")),
            ("C", "A", "A", [], Rule(up_runs=2), ("C", "runs")),
            ("", "C", "C", [], EITHER, ("C", "")),
            ("B", "", "", [], EITHER, ("B", "no_data")),
            ("", "", "", [], NONE, ("", "no_data")),
            ("B", "B", "A", ["C"], EITHER, ("B", "")),
        ],
    )
    def test_cases(self, current, raw, relaxed, earlier, rule, expected):
        assert settle(current, raw, relaxed, earlier, rule) == expected

    @given(known, known, known, st.lists(st.none() | known, max_size=3), rules)
    def test_the_outcome_lies_between_the_tier_and_the_verdict(self, current, raw, relaxed, earlier, rule):
        relaxed = min(relaxed, raw)
        target, hold = settle(current, raw, relaxed, earlier, rule)
        low, high = sorted([ORDER[current], ORDER[raw]])
        assert low <= ORDER[target] <= high
        assert bool(hold) == (target != raw)

    @given(known, known, st.lists(known, min_size=3, max_size=3))
    def test_the_same_verdict_often_enough_always_passes(self, current, raw, earlier):
        assert settle(current, raw, raw, [raw] * 3, Rule(down_runs=4, up_runs=4, margin=Decimal(9)))[0] == raw
