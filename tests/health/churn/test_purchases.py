"""Histories, features, labels and the season: nothing looks ahead."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from health.churn.features import features_at, selling_at
from health.churn.labels import labels_at
from health.churn.purchases import in_population, joined, purchases_from, sampled
from health.churn.season import daily_counts, season_of
from tests.health.churn.made import START, company, poisoned
from tests.health.churn.real import labels, needs_lines, real_purchases

# A machine that is busy with other tests is slow, not wrong.
NOTHING = np.zeros(0, dtype=np.int64)
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
rows = st.lists(
    st.tuples(
        st.integers(1, 5), st.integers(START, START + 400), st.floats(0, 1e5), st.floats(0, 1e4), st.integers(0, 9),
        st.integers(0, 2**60),
    ),
    max_size=40,
)  # fmt: skip


class TestPurchases:
    def test_rows_of_one_day_are_added(self):
        found = purchases_from([(7, 5, 10.0, 0.0, 1, 1), (7, 5, 5.0, 2.0, 2, 4), (3, 9, 1.0, 0.0, 1, 2)], [4])
        assert found.ids.tolist() == [3, 4, 7]
        assert (found.day.tolist(), found.sales.tolist(), found.returns.tolist()) == ([9, 5], [1.0, 15.0], [0.0, 2.0])
        assert (found.lines.tolist(), found.mask.tolist()) == ([1.0, 3.0], [2, 5])

    @unhurried
    @given(rows, st.integers(START, START + 400))
    def test_before_is_what_was_known(self, table, day):
        found = purchases_from(table).before(day)
        assert len(found) == len({row[0] for row in table})
        assert found.sales.sum() == pytest.approx(sum(row[2] for row in table if row[1] < day))
        assert np.all(found.day < day)

    def test_parts_are_joined_as_if_read_at_once(self):
        whole = company(40)
        low = whole.only(whole.ids <= 17)
        both = joined([low, whole.only(whole.ids > 17)])
        for name in ("ids", "account", "day", "sales", "returns", "lines", "mask", "item_row", "item"):
            np.testing.assert_array_equal(getattr(both, name), getattr(whole, name))

    def test_a_sample_is_the_same_every_time_and_fair(self):
        ids = np.arange(1, 10_001)
        chosen = sampled(ids, 1_000)
        assert chosen.sum() == 1_000
        np.testing.assert_array_equal(chosen, sampled(ids, 1_000))
        assert 350 < chosen[:5_000].sum() < 650


class TestNoLookAhead:
    def test_a_poisoned_future_changes_no_feature_and_no_season(self):
        day = START + 400
        clean, dirty = company(), poisoned(company(), day)
        tables = []
        for purchases in (clean, dirty):
            past = purchases.before(day)
            season = season_of(daily_counts(purchases), day, 90)
            tables.append(features_at(past, day, season, 90, selling_at(past, day)).values)
        np.testing.assert_array_equal(*tables)

    def test_features_say_nothing_of_the_future_even_if_they_are_given_all(self):
        purchases = company(50)
        day = START + 300
        past = purchases.before(day)
        season = season_of(daily_counts(purchases), day, 90)
        table = features_at(past, day, season, 90, selling_at(past, day))
        assert np.all(np.isfinite(table.values))
        assert np.all(table.column("recency") >= 1)


class TestAccountsOfAllKinds:
    def test_one_order_only_returns_and_nobody(self):
        found = purchases_from([(1, START, 10.0, 0.0, 1, 1), (2, START + 5, 0.0, 99.0, 0, 0)], [3])
        day = START + 100
        table = features_at(found.before(day), day, season_of(daily_counts(found), day, 90), 90, NOTHING)
        assert np.all(np.isfinite(table.values))
        assert table.column("orders_all").tolist() == [1.0, 0.0, 0.0]
        assert not in_population(found, day, 1)[1:].any()

    def test_orders_in_the_future_are_not_known(self):
        found = purchases_from([(1, START, 10.0, 0.0, 1, 1), (1, START + 900, 10.0, 0.0, 1, 1)])
        day = START + 100
        table = features_at(found.before(day), day, season_of(daily_counts(found), day, 90), 90, NOTHING)
        assert table.column("orders_all").tolist() == [1.0]


class TestProducts:
    """Account 1 buys 7 twice and 8 once, account 2 buys 8 and 9; 3 has nothing but a row of returns."""

    day = START + 100
    table = ((1, 10, 7), (1, 10, 8), (1, 10, 8), (1, 80, 7), (2, 80, 8), (2, 90, 9), (1, 90, 8), (3, 50, 7))

    def purchases(self):
        rows = [(1, START + day, 10.0, 0.0, 2, 1) for day in (10, 80, 90)]
        rows += [(2, START + day, 10.0, 0.0, 1, 1) for day in (80, 90)]
        owner, day, item = np.array(self.table).T
        return purchases_from(rows, [3]).with_items(owner, START + day, item)

    def test_each_product_once_a_day_and_only_on_days_with_a_row(self):
        found = self.purchases()
        told = zip(
            found.ids[found.account[found.item_row]].tolist(), found.day[found.item_row], found.item, strict=True
        )
        assert [(owner, int(day) - START, int(item)) for owner, day, item in told] == sorted(
            set(self.table) - {(3, 50, 7)}
        )

    def test_rows_keep_their_products(self):
        found = self.purchases().only(np.array([False, True, True])).before(START + 85)
        assert (found.item_row.tolist(), found.item.tolist()) == ([0], [8])
        assert not len(self.purchases().before(START).item)

    def test_what_is_still_sold_and_what_was_bought_again(self):
        found = self.purchases()
        assert selling_at(found, self.day).tolist() == [8]
        assert selling_at(found.before(START + 85), START + 85).tolist() == []
        season = season_of(daily_counts(found), self.day, 90)
        table = features_at(found, self.day, season, 90, selling_at(found, self.day))
        assert table.column("staples").tolist() == [2.0, 0.0, 0.0]
        assert table.column("still_sold").tolist() == [0.5, 0.5, 1.0]

    def test_what_was_bought_more_than_a_year_ago_does_not_count(self):
        found, day = self.purchases(), START + 85 + 365
        table = features_at(found, day, season_of(daily_counts(found), day, 90), 90, selling_at(found, day))
        assert table.column("staples").tolist() == [0.0, 0.0, 0.0]


class TestSeason:
    def test_busy_days_are_long_and_come_back_next_year(self):
        busy = [(account, START + day, 1.0, 0.0, 1, 1) for account in range(40) for day in range(365)
                if day % 7 == account % 7 or 300 <= day < 330]  # fmt: skip
        season = season_of(daily_counts(purchases_from(busy)), START + 365, 365)
        quiet = float(season.between(START + 465, START + 495))
        coming = float(season.between(START + 365 + 300, START + 365 + 330))
        assert coming > 3 * quiet
        assert float(season.between(START, START + 365)) == pytest.approx(365, rel=0.02)

    def test_without_a_past_every_day_is_alike(self):
        assert float(season_of(daily_counts(purchases_from([])), START, 90).between(START, START + 90)) == 90


@needs_lines
class TestPublishedLabels:
    @pytest.mark.parametrize("snapshot", ["2010-06-01", "2010-12-01", "2011-03-01"])
    def test_population_and_outcomes_are_the_published_ones(self, snapshot):
        day = dt.date.fromisoformat(snapshot).toordinal()
        purchases = real_purchases()
        keep = in_population(purchases.before(day), day, 3)
        published = labels()[snapshot]
        assert set(purchases.ids[keep].tolist()) ^ set(published) == set()
        found = labels_at(purchases, day, 90)
        silent = dict(zip(purchases.ids.tolist(), found.silent.tolist(), strict=True))
        fallen = dict(zip(purchases.ids.tolist(), found.fallen.tolist(), strict=True))
        assert {account: int(row["no_order_next_90"]) for account, row in published.items()} == {
            account: int(silent[account]) for account in published
        }
        # The published season was computed with the other half of the customers, so a few at the bound differ
        differ = [account for account, row in published.items() if int(row["y_part_seas"]) != fallen[account]]
        assert len(differ) <= 0.02 * len(published)
