"""Accounts scored as of a day, with all that can be wrong about their orders."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import ExchangeRate
from health.services.scoring import Scorer, score_all, scores_as_of
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.health_scores import rhythm
from tests.factories.orders import make_order

DAY = dt.timedelta(days=1)


def scored(account, as_of=TODAY):
    return Scorer(as_of).score([account.pk])[0]


def signals(account, as_of=TODAY):
    """Signal -> value."""
    return {part["signal"]: part["value"] for part in scored(account, as_of).result.parts}


class TestScorer:
    def test_who_buys_as_always_is_better_off_than_who_stopped(self, alice):
        busy, silent = AccountFactory(manager=alice), AccountFactory(manager=alice)
        rhythm(busy, gap=20)
        rhythm(silent, gap=20, silent=150)

        assert scored(busy).result.score > scored(silent).result.score + 20
        assert scored(silent).value_at_risk > 0
        assert signals(silent)["order_gap"] == pytest.approx(7.55)

    def test_the_future_changes_nothing(self, account):
        rhythm(account, silent=40)
        before = scored(account).result

        for ahead in (0, 1, 400):
            make_order(account, 99999, date=TODAY + ahead * DAY)
            make_order(account, -9999, date=TODAY + ahead * DAY)

        assert scored(account).result == before

    def test_a_past_day_is_scored_as_it_was(self, account):
        rhythm(account, silent=100)
        then = TODAY - 95 * DAY
        before = scored(account, then).result

        rhythm(account, count=2)

        assert scored(account, then).result == before

    def test_one_order(self, account):
        make_order(account, 100)

        found = scored(account)

        assert found.prediction is not None
        assert "order_gap" not in signals(account)

    def test_only_returns(self, account):
        make_order(account, -100)

        found = scored(account)

        assert (found.prediction, found.result.score, found.value_at_risk) == (None, None, None)

    def test_nothing_known(self, account):
        assert (scored(account).result.score, scored(account).result.band) == (None, "")

    def test_two_currencies_are_one_amount(self, account):
        ExchangeRate.objects.create(currency="USD", valid_from=TODAY - 900 * DAY, rate=Decimal(7))
        rhythm(account, gap=40, count=10)
        make_order(account, 100, date=TODAY - 2 * DAY, currency="USD")

        trend = next(part for part in scored(account).result.parts if part["signal"] == "revenue_trend")

        assert trend["facts"]["net"] == pytest.approx(1000)

    def test_without_a_rate_amounts_say_nothing_and_days_still_do(self, account):
        rhythm(account)
        make_order(account, 100, date=TODAY - 2 * DAY, currency="USD")

        assert "order_gap" in signals(account)
        assert not {"revenue_trend", "returns", "order_size"} & set(signals(account))
        assert scored(account).value_at_risk is None

    def test_as_many_statements_for_many_accounts(self, alice):
        counts = []
        for many in (1, 6):
            accounts = [AccountFactory(manager=alice) for _number in range(many)]
            for account in accounts:
                rhythm(account, count=3)
            scorer = Scorer(TODAY)
            scorer.score([])
            with CaptureQueriesContext(connection) as queries:
                scorer.score([account.pk for account in accounts])
            counts.append(len(queries))

        assert counts[0] == counts[1]


class TestGap:
    def test_an_import_that_failed_costs_nobody_points(self, alice):
        accounts = [AccountFactory(manager=alice) for _number in range(12)]
        for number, account in enumerate(accounts):
            for week in range(52):
                make_order(account, 100, date=TODAY - dt.timedelta(days=40 + 7 * week + number % 7))

        scorer = Scorer(TODAY)
        ids = [account.pk for account in accounts]
        found = [one.result.score for one in scorer.score(ids)]

        assert scorer.gap is not None
        assert scorer.orders_as_of <= TODAY - dt.timedelta(days=30)
        assert found == [one.result.score for one in Scorer(scorer.orders_as_of).score(ids)]


class TestAll:
    def test_terminated_accounts_are_not_scored_and_pooled_ones_are(self, alice):
        pooled = AccountFactory()
        AccountFactory(manager=alice, status="terminated")
        rhythm(pooled)

        assert [one.account_id for one in score_all(TODAY)] == [pooled.pk]

    def test_scores_as_of(self, account):
        rhythm(account)

        [(pk, score, tier)] = scores_as_of(TODAY)

        assert (pk, tier) == (account.pk, "")
        assert 0 <= score <= 100
