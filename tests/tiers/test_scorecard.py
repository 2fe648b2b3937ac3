from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tiers import scorecard
from tiers.scorecard import Bands, Criterion

LINE = [(Decimal(0), Decimal(0)), (Decimal(100), Decimal(100))]
BANDS = Bands(Decimal(70), Decimal(40))
maybe = st.none() | st.decimals(-50, 200, places=2)


def criteria(**weights):
    return {name: Criterion(Decimal(weight), LINE) for name, weight in weights.items()}


class TestInterpolate:
    def test_lines_between_points_and_level_outside(self):
        points = [(Decimal(0), Decimal(10)), (Decimal(10), Decimal(50)), (Decimal(20), Decimal(100))]
        found = [scorecard.interpolate(points, Decimal(x)) for x in (-5, 0, 5, 10, 15, 20, 99)]
        assert found == [10, 10, 30, 50, 75, 100, 100]

    @given(st.decimals(-100, 300, places=3), st.decimals(-100, 300, places=3))
    def test_rising_points_never_fall(self, one, other):
        low, high = sorted([one, other])
        assert scorecard.interpolate(LINE, low) <= scorecard.interpolate(LINE, high)


class TestScore:
    def test_weighs_the_criteria(self):
        card = scorecard.score({"revenue": Decimal(90), "growth": Decimal(50)}, criteria(revenue=3, growth=1), BANDS)
        assert (card.score, card.tier) == (80, "A")
        assert card.parts["revenue"].weight == Decimal("0.75")

    def test_the_weight_of_missing_data_goes_to_the_rest(self):
        card = scorecard.score({"revenue": Decimal(60), "growth": None}, criteria(revenue=1, growth=1, margin=2), BANDS)
        assert (card.score, card.tier) == (60, "B")
        assert card.parts["revenue"].weight == 1
        assert card.parts["growth"] == (None, None, 0)

    def test_nothing_known_is_no_tier(self):
        card = scorecard.score({"revenue": None}, criteria(revenue=1, growth=1), BANDS)
        assert (card.score, card.tier, card.relaxed) == (None, "", "")

    def test_a_criterion_without_weight_is_not_looked_at(self):
        card = scorecard.score({"revenue": Decimal(10), "growth": Decimal(100)}, criteria(revenue=1, growth=0), BANDS)
        assert (card.score, card.tier) == (10, "C")
        assert set(card.parts) == {"revenue"}

    def test_the_margin_is_in_points_of_score(self):
        assert scorecard.score({"revenue": Decimal(66)}, criteria(revenue=1), BANDS, Decimal(5)).relaxed == "A"

    @given(maybe, maybe, maybe, st.integers(1, 9), st.integers(1, 9), st.integers(1, 9))
    def test_the_score_lies_between_its_parts_and_weights_sum_to_one(self, a, b, c, wa, wb, wc):
        card = scorecard.score({"a": a, "b": b, "c": c}, criteria(a=wa, b=wb, c=wc), BANDS)
        known = [part for part in card.parts.values() if part.score is not None]
        if not known:
            assert card.tier == ""
            return
        assert min(p.score for p in known) - 1 <= card.score <= max(p.score for p in known) + 1
        assert abs(sum(p.weight for p in known) - 1) < Decimal("0.001")
