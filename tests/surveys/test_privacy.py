"""Nothing about fewer than five, neither shown nor by subtraction."""

import datetime as dt
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from surveys.privacy import blocks, hidden_keys, in_fives, may_show

COUNTS = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 30))
MONTHS = st.dictionaries(st.integers(1, 24).map(lambda n: dt.date(2024 + (n - 1) // 12, (n - 1) % 12 + 1, 1)),
                         st.integers(0, 12))  # fmt: skip


class TestCuts:
    @given(COUNTS)
    def test_what_is_hidden_is_about_none_or_five(self, counts):
        hidden = hidden_keys(counts)
        together = sum(counts[key] for key in hidden)
        assert together == 0 or together >= 5 or sum(counts.values()) < 5
        assert all(counts[key] >= 5 for key in counts if counts[key] and key not in hidden)

    @given(COUNTS)
    def test_no_sum_of_shown_rows_leaves_one_to_four_of_the_total(self, counts):
        """Whatever the shown rows are taken from: all but some of them, or some of them."""
        hidden, total = hidden_keys(counts), sum(counts.values())
        if total < 5:
            assert hidden == {key for key in counts if counts[key]}
            return
        shown = [counts[key] for key in counts if counts[key] and key not in hidden]
        for size in range(len(shown) + 1):
            for taken in combinations(shown, size):
                assert not 1 <= total - sum(taken) <= 4

    def test_one_small_team_takes_the_smallest_other_with_it(self):
        assert hidden_keys({"north": 3, "south": 6, "east": 9}) == {"north", "south"}
        assert hidden_keys({"north": 3, "south": 2, "east": 9}) == {"north", "south"}
        assert hidden_keys({"north": 5, "south": 6}) == set()


class TestPeriods:
    @given(MONTHS)
    def test_blocks_have_five_and_cover_every_month(self, by_month):
        found = blocks(by_month)
        asked = sorted(month for month, count in by_month.items() if count)
        if sum(by_month.values()) < 5:
            assert found == []
            return
        assert [month for block in found for month in block] == asked
        assert all(sum(by_month[month] for month in block) >= 5 for block in found)

    def test_the_rest_joins_the_last_block(self):
        months = [dt.date(2026, n, 1) for n in range(1, 6)]
        assert blocks(dict(zip(months, [5, 2, 4, 0, 2], strict=True))) == [(months[0],), (*months[1:3], months[4])]


def test_growing_in_fives():
    assert [in_fives(n) for n in (0, 4, 5, 9, 10)] == [0, 0, 5, 5, 10]
    assert (may_show(4), may_show(5)) == (False, True)
