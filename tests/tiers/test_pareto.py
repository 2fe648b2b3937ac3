from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tiers import pareto
from tiers.pareto import Cuts

amounts = st.decimals(min_value=-1000, max_value=10**7, places=2, allow_nan=False)
revenues = st.lists(amounts, max_size=60).map(lambda values: [(n, f"C{n:03d}", v) for n, v in enumerate(values)])
cut_pairs = st.tuples(st.integers(1, 99), st.integers(1, 100)).filter(lambda pair: pair[0] < pair[1])


def tiers(rows):
    return {place.account_id: place.tier for place in pareto.places(rows, Cuts(Decimal(70), Decimal(90)))}


class TestPlaces:
    def test_the_account_that_crosses_a_cut_is_still_above_it(self):
        rows = [(1, "A", Decimal(60)), (2, "B", Decimal(20)), (3, "C", Decimal(15)), (4, "D", Decimal(5))]
        places = pareto.places(rows, Cuts(Decimal(70), Decimal(90)))
        assert [(p.account_id, p.rank, p.cum_before, p.tier) for p in places] == [
            (1, 1, Decimal(0), "A"),
            (2, 2, Decimal("0.6"), "A"),
            (3, 3, Decimal("0.8"), "B"),
            (4, 4, Decimal("0.95"), "C"),
        ]

    def test_a_share_that_equals_the_cut_lies_beyond_it(self):
        rows = [(1, "A", Decimal(70)), (2, "B", Decimal(20)), (3, "C", Decimal(10))]
        assert tiers(rows) == {1: "A", 2: "B", 3: "C"}

    def test_the_comparison_is_exact_where_the_share_has_no_end(self):
        third = [(n, f"C{n}", Decimal("0.01")) for n in range(3)]
        places = pareto.places(third, Cuts(Decimal("33.333333"), Decimal("66.666667")))
        assert [place.tier for place in places] == ["A", "B", "B"]

    def test_equal_revenue_goes_by_account_code(self):
        rows = [(2, "B", Decimal(50)), (1, "A", Decimal(50))]
        assert [place.account_id for place in pareto.places(rows, Cuts(Decimal(40), Decimal(90)))] == [1, 2]

    def test_without_positive_revenue_an_account_is_c_and_has_no_rank(self):
        rows = [(1, "A", Decimal(10)), (2, "B", Decimal(0)), (3, "C", Decimal(-5))]
        places = pareto.places(rows, Cuts(Decimal(70), Decimal(90)), Decimal(50))
        assert [(p.rank, p.tier, p.relaxed, p.cum_before) for p in places] == [
            (1, "A", "A", 0),
            (None, "C", "C", 1),
            (None, "C", "C", 1),
        ]

    def test_nothing_at_all(self):
        assert pareto.places([], Cuts(Decimal(70), Decimal(90))) == []

    @given(revenues, cut_pairs)
    def test_tiers_never_rise_down_the_order(self, rows, pair):
        places = pareto.places(rows, Cuts(*map(Decimal, pair)))
        letters = "".join(place.tier for place in places)
        assert letters == "".join(sorted(letters))
        assert [p.revenue for p in places] == sorted((p.revenue for p in places), reverse=True)
        assert sorted(p.account_id for p in places) == [row[0] for row in rows]

    @given(revenues, cut_pairs)
    def test_a_is_the_smallest_set_that_reaches_its_share(self, rows, pair):
        places = pareto.places(rows, Cuts(*map(Decimal, pair)))
        total = sum((p.revenue for p in places if p.rank), Decimal(0))
        top = [p.revenue for p in places if p.tier == "A"]
        if total > 0:
            bound = total * pair[0] / 100
            assert sum(top) >= bound
            assert sum(top[:-1]) < bound

    @given(revenues, cut_pairs, st.integers(0, 20))
    def test_a_margin_only_raises(self, rows, pair, margin):
        for place in pareto.places(rows, Cuts(*map(Decimal, pair)), Decimal(margin)):
            assert place.relaxed <= place.tier

    @given(revenues, cut_pairs, st.randoms())
    def test_the_order_of_the_input_does_not_matter(self, rows, pair, random):
        shuffled = random.sample(rows, len(rows))
        cuts = Cuts(*map(Decimal, pair))
        assert pareto.places(shuffled, cuts) == pareto.places(rows, cuts)


class TestCurve:
    @given(st.lists(st.decimals(min_value="0.01", max_value=10**6, places=2), min_size=1, max_size=500))
    def test_rises_from_nothing_to_everything_in_bounded_points(self, values):
        points = pareto.curve(sorted(values, reverse=True), 50)
        assert points[0] == (0.0, 0.0)
        assert points[-1] == (100.0, 100.0)
        assert points == sorted(points)
        assert len(points) <= 102

    def test_nothing_to_draw(self):
        assert pareto.curve([]) == []
