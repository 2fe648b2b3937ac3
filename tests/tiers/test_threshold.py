from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tiers import threshold
from tiers.threshold import Bounds

BOUNDS = Bounds(Decimal(1000), Decimal(100))


class TestClassify:
    def test_a_bound_belongs_to_the_tier_above_it(self):
        found = [
            threshold.classify(Decimal(amount), BOUNDS).tier for amount in ("1000", "999.99", "100", "99.99", "-5")
        ]
        assert found == ["A", "B", "B", "C", "C"]

    def test_the_margin_lowers_the_bounds_by_percent(self):
        assert threshold.classify(Decimal(900), BOUNDS, Decimal(10)).relaxed == "A"
        assert threshold.classify(Decimal("899.99"), BOUNDS, Decimal(10)).relaxed == "B"

    @given(st.decimals(-100, 2000, places=2), st.decimals(-100, 2000, places=2), st.integers(0, 99))
    def test_more_never_gives_less(self, one, other, margin):
        low, high = sorted([one, other])
        assert threshold.classify(high, BOUNDS).tier <= threshold.classify(low, BOUNDS).tier
        verdict = threshold.classify(one, BOUNDS, Decimal(margin))
        assert verdict.relaxed <= verdict.tier


class TestLowestMonth:
    def test_a_month_without_revenue_counts_as_nothing(self):
        assert threshold.lowest_month({1: Decimal(5), 2: Decimal(3)}, 2) == 3
        assert threshold.lowest_month({1: Decimal(5), 2: Decimal(3)}, 3) == 0
        assert threshold.lowest_month({1: Decimal(-5)}, 3) == -5
        assert threshold.lowest_month({}, 3) == 0
