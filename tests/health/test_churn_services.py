"""Training, predicting and backtesting on orders in the database."""

import csv
import datetime as dt
import io
from decimal import Decimal

import numpy as np
import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import override_settings

from accounts.models import Account
from audit.models import AuditEntry
from core.models import ExchangeRate
from health.choices import JobStatus
from health.churn import choosing, training
from health.churn.boosting import Settings
from health.churn.explaining import TOPICS
from health.churn.rule import Rule
from health.churn.scorers import walk
from health.churn.storing import rule_document, signature, to_document
from health.churn.training import Plan
from health.churn_words import reason_words, sentence, topic
from health.errors import BacktestForbidden, BacktestNothing, BacktestTooLong, TrainingForbidden
from health.models import AlertRule, Backtest, ChurnModel
from health.services import backtests, predicting
from health.services.backtests import Question, ask_backtest, due_backtests, run_backtest, run_question, write_rows
from health.services.gaps import company_gap
from health.services.predicting import model_on, predict
from health.services.purchases import daily_order_counts, gather, gather_all, ordering_accounts
from health.services.training import ASKED, ask_training, due_trainings, run_training, train, train_if_due
from health.verdicts import verdict_words
from orders.models import Order, OrderLine, Product, ProductLine
from tests.factories.health_churn import make_churn_model
from tests.health.churn.made import START, company

QUICK = Plan(forest=Settings(trees=8), bags=1, every=30)
DAY = dt.date.fromordinal(START + 500)
NOW = dt.datetime.combine(DAY, dt.time(2), tzinfo=dt.UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def product():
    line = ProductLine.objects.create(code="L", name="L")
    return Product.objects.create(code="P", name="P", line=line)


def order(account, day, amount, product, currency=None, kind="sale"):
    """An order with one line."""
    row = Order.objects.create(
        account=account, source="t", external_id=str(Order.objects.count()), order_date=day, kind=kind,
        currency=currency or settings.REPORTING_CURRENCY, total_amount=amount,
    )  # fmt: skip
    OrderLine.objects.create(order=row, position=1, product=product, quantity=1, unit_price=abs(amount), amount=amount)
    return row


@pytest.fixture
def shop(product):
    """A made-up company's purchases as orders of accounts C1, C2, …"""
    made = company(accounts=120)
    accounts = Account.objects.bulk_create(
        Account(code=f"C{number}", name=f"C{number}", country="CN") for number in made.ids.tolist()
    )
    by_place = dict(enumerate(accounts))
    orders, lines = [], []
    for place, (who, day, sales, back) in enumerate(
        zip(made.account.tolist(), made.day.tolist(), made.sales.tolist(), made.returns.tolist(), strict=True)
    ):
        for amount, kind in ((sales, "sale"), (-back, "return")):
            if amount:
                total = Decimal(f"{amount:.2f}")
                row = Order(
                    account=by_place[who], source="t", external_id=f"{place}{kind}", kind=kind, total_amount=total,
                    order_date=dt.date.fromordinal(day), currency=settings.REPORTING_CURRENCY,
                )  # fmt: skip
                orders.append(row)
                lines.append(
                    OrderLine(order=row, position=1, product=product, quantity=1, unit_price=abs(total), amount=total)
                )
    Order.objects.bulk_create(orders)
    for line in lines:
        line.order_id = line.order.pk
    OrderLine.objects.bulk_create(lines)
    return accounts


@pytest.fixture(scope="module")
def learnt():
    """A model of a made-up company."""
    return training.train(company(), START + 500, QUICK).model


class TestGathering:
    def test_one_row_per_day_in_the_reporting_currency(self, account, product):
        ExchangeRate.objects.create(currency="USD", valid_from=dt.date(2024, 1, 31), rate=Decimal(7))
        order(account, dt.date(2024, 1, 5), Decimal(10), product)
        order(account, dt.date(2024, 1, 5), Decimal(2), product, currency="USD")
        order(account, dt.date(2024, 2, 5), Decimal(-3), product, kind="return")
        found = gather([account.pk], dt.date(2024, 3, 1))
        assert found.unpriced == frozenset()
        assert found.purchases.sales.tolist() == [24.0, 0.0]
        assert found.purchases.returns.tolist() == [0.0, 3.0]
        assert found.purchases.lines.tolist() == [2.0, 0.0]
        assert found.purchases.day.tolist() == [dt.date(2024, 1, 5).toordinal(), dt.date(2024, 2, 5).toordinal()]

    def test_what_no_rate_converts_counts_one_to_one_and_has_no_value(self, account, product):
        order(account, dt.date(2024, 1, 5), Decimal(10), product, currency="USD")
        found = gather([account.pk], dt.date(2024, 3, 1))
        assert (found.purchases.sales.tolist(), found.unpriced) == ([10.0], {account.pk})
        said = predict([account.pk], dt.date(2024, 3, 1))[account.pk]
        assert (said.expected_year, said.lifetime_value) == (None, None)

    def test_days_from_as_of_on_are_not_read(self, account, product):
        order(account, DAY, Decimal(10), product)
        assert not len(gather([account.pk], DAY).purchases.day)
        assert daily_order_counts(DAY).counts.sum() == 0
        assert not len(ordering_accounts(DAY, DAY - dt.timedelta(days=9)))

    def test_the_products_of_sales_are_read_for_the_days_asked_for(self, account, product):
        other = Product.objects.create(code="Q", name="Q", line=product.line)
        for ago, kind, which in (
            (400, "sale", product),
            (9, "sale", other),
            (9, "sale", other),
            (5, "return", product),
        ):
            order(account, DAY - dt.timedelta(days=ago), Decimal(10), which, kind=kind)
        assert gather([account.pk], DAY).purchases.item.tolist() == [other.pk]
        assert gather([account.pk], DAY, item_days=500).purchases.item.tolist() == [product.pk, other.pk]
        assert gather_all(np.array([account.pk]), DAY).item.tolist() == [product.pk, other.pk]

    def test_all_at_once_is_the_same_as_in_parts(self, shop, monkeypatch):
        ids = ordering_accounts(DAY, DAY - dt.timedelta(days=900))
        whole = gather_all(ids, DAY)
        monkeypatch.setattr("health.services.purchases._BATCH", 17)
        parts = gather_all(ids, DAY)
        np.testing.assert_array_equal(whole.day, parts.day)
        np.testing.assert_allclose(whole.sales, parts.sales)
        np.testing.assert_array_equal(whole.item, parts.item)
        np.testing.assert_array_equal(whole.day[whole.item_row], parts.day[parts.item_row])


class TestTraining:
    def test_a_model_is_learnt_judged_and_used(self, shop):
        row = train(DAY, NOW, plan=QUICK)
        assert row.in_use == (row.verdict == choosing.FIRST or row.kind == "rule")
        assert row.measures["rule"]["pooled"]["accounts"] > 50
        assert AuditEntry.objects.filter(action="churn_model.trained", object_id=row.pk).count() == 1
        row.refresh_from_db()
        found = predict([account.pk for account in shop], DAY)
        assert 0 < len(found) <= len(shop)
        assert all(0 <= one.probability <= one.drop_probability <= 1 for one in found.values())
        assert {one.model_id for one in found.values()} == {row.pk}

    def test_too_little_history_leaves_the_rule_and_says_so(self, account, product):
        order(account, DAY - dt.timedelta(days=10), Decimal(10), product)
        row = train(DAY, NOW, plan=QUICK)
        assert (row.kind, row.verdict, row.in_use) == ("rule", training.SHORT_HISTORY, True)
        said = predict([account.pk], DAY)[account.pk]
        assert said.reasons[0]["feature"] == "plain_rule"
        assert said.expected_year > 0

    def test_a_model_in_use_stays_where_nothing_can_be_learnt(self, learnt):
        used = make_churn_model(document=to_document(learnt, settings.SECRET_KEY), as_of=DAY)
        row = train(DAY, NOW, plan=QUICK)
        assert (row.kind, row.in_use) == ("rule", False)
        assert ChurnModel.objects.get(in_use=True).pk == used.pk

    def test_it_is_due_after_a_month_by_rule(self, account):
        first = train_if_due(DAY, NOW)
        assert first is not None
        assert train_if_due(DAY, NOW) is None
        assert train_if_due(DAY + dt.timedelta(days=29), NOW) is None
        assert train_if_due(DAY + dt.timedelta(days=30), NOW) is not None
        assert ChurnModel.objects.filter(in_use=True).count() == 1

    @pytest.mark.parametrize("kind", ["trained", "rule"])
    def test_what_is_of_another_version_is_learnt_anew_at_once(self, account, kind):
        stale = make_churn_model(kind=kind, document={"format": "kam-churn-model", "version": 0}, as_of=DAY)
        row = train_if_due(DAY, NOW)
        assert (row.in_use, ChurnModel.objects.get(pk=stale.pk).in_use) == (True, False)
        assert train_if_due(DAY, NOW) is None

    def test_asked_for_by_a_director_it_waits_in_a_row(self, dora, alice):
        with pytest.raises(TrainingForbidden):
            ask_training(DAY, NOW, actor=alice)
        row = ask_training(DAY, NOW, actor=dora)
        assert ask_training(DAY, NOW, actor=dora).pk == row.pk
        assert (row.verdict, due_trainings(NOW), model_on(DAY)) == (ASKED, [row.pk], None)
        assert run_training(row.pk, NOW)
        assert not run_training(row.pk, NOW)
        row.refresh_from_db()
        assert (row.verdict, row.in_use) == (training.SHORT_HISTORY, True)
        assert due_trainings(NOW) == []

    def test_a_training_whose_worker_died_is_due_again(self, dora):
        row = ask_training(DAY, NOW, actor=dora)
        ChurnModel.objects.filter(pk=row.pk).update(verdict="training")
        assert due_trainings(NOW) == []
        assert due_trainings(NOW + dt.timedelta(hours=1)) == [row.pk]


class TestPredicting:
    @pytest.mark.parametrize(
        ("change", "said"), [({"rule": 0}, "does not match its signature"), ({"version": 99}, "of another version")]
    )
    def test_what_was_tampered_with_or_is_of_another_version_is_not_used_and_says_so(
        self, shop, learnt, client, alice, caplog, change, said
    ):
        document = to_document(learnt, settings.SECRET_KEY) | change
        if "version" in change:
            body = {name: value for name, value in document.items() if name != "signature"}
            document = body | {"signature": signature(body, settings.SECRET_KEY)}
        make_churn_model(document=document, as_of=DAY)

        found = predict([account.pk for account in shop], DAY)

        assert {one.model_id for one in found.values()} == {None}
        assert {one.reasons[0]["feature"] for one in found.values()} == {"plain_rule"}
        assert said in caplog.text
        client.force_login(alice)
        assert said in client.get("/health/models/").content.decode()

    def test_the_past_is_not_told_by_a_later_model(self):
        document = rule_document(Rule(), settings.SECRET_KEY)
        old = make_churn_model(kind="rule", document=document, as_of=DAY - dt.timedelta(days=90), in_use=False)
        new = make_churn_model(kind="rule", document=document, as_of=DAY, in_use=True)
        assert model_on(DAY).pk == new.pk
        assert model_on(DAY - dt.timedelta(days=1)).pk == old.pk
        assert model_on(DAY - dt.timedelta(days=91)) is None

    def test_a_stored_model_is_asked(self, shop, learnt):
        row = make_churn_model(document=to_document(learnt, settings.SECRET_KEY), as_of=DAY)
        found = predict([account.pk for account in shop], DAY)
        assert {one.model_id for one in found.values()} == {row.pk}
        assert any(one.reasons[-1]["feature"] == "rest" for one in found.values())
        assert all(one.lifetime_value >= 0 and one.expected_year > 0 for one in found.values())

    def test_who_never_ordered_has_no_prediction(self, account):
        assert predict([account.pk], DAY) == {}

    def test_other_batches_say_the_same(self, shop, monkeypatch):
        train(DAY, NOW, plan=QUICK)
        ids = [account.pk for account in shop]
        whole = predict(ids, DAY)
        monkeypatch.setattr(predicting, "BATCH", 7)
        assert predict(ids, DAY) == whole

    def test_a_gap_in_all_orders_is_found(self, shop):
        assert company_gap(DAY) is None
        start = DAY - dt.timedelta(days=40)
        OrderLine.objects.filter(order__order_date__gte=start).delete()
        Order.objects.filter(order_date__gte=start).delete()
        first, last = company_gap(DAY)
        assert abs((first - start).days) <= 4
        assert last == DAY - dt.timedelta(days=1)


class TestBacktest:
    question = Question(DAY, DAY + dt.timedelta(days=31))

    def test_scorers_side_by_side_and_rows(self, shop, monkeypatch):
        monkeypatch.setattr(backtests, "walk", _walk)
        told = []
        gap = {"measure": "signal:order_gap", "op": "gte", "value": 0.3}
        what_if = {
            "profile": {"groups": {"buying": 100}, "signals": {"order_gap": {"weight": 100, "bound": 2.0}}},
            "rules": [{"reason": "order_gap", "conditions": [gap]}],
        }
        AlertRule.objects.create(name="x", reason="churn_risk", conditions=[gap | {"measure": "score", "value": 101}])
        answer = run_question(Question(DAY, DAY + dt.timedelta(days=31), what_if=what_if), progress=told.append)
        found = answer.results["scorers"]
        assert set(found) == {"model", "rule", "score", "rules", "what_if", "what_if_rules"}
        assert found["rules"]["pooled"]["auc"] == pytest.approx(0.5)  # it never fires
        assert found["what_if_rules"]["pooled"]["auc"] > 0.6
        assert told == [50, 100]
        out = io.StringIO(newline="")
        count = write_rows(answer, out)
        rows = list(csv.DictReader(io.StringIO(out.getvalue())))
        assert len(rows) == count > 50
        assert set(rows[0]) == {"account_code", "snapshot", "score", "probability", "tier"}
        assert all(0 <= float(row["probability"]) <= 1 and 0 <= int(row["score"]) <= 100 for row in rows)

    def test_nothing_to_replay(self, account):
        with pytest.raises(BacktestNothing):
            run_question(self.question)

    def test_only_those_who_see_everything_ask(self, alice, dora):
        with pytest.raises(BacktestForbidden):
            ask_backtest(Backtest(from_date=DAY, to_date=DAY), actor=alice)
        with pytest.raises(BacktestTooLong):
            ask_backtest(Backtest(from_date=DAY, to_date=DAY + dt.timedelta(days=900), every="week"), actor=dora)
        with pytest.raises(ValidationError):
            ask_backtest(Backtest(from_date=DAY, to_date=DAY - dt.timedelta(days=1)), actor=dora)
        for what_if in (
            {"profile": {"groups": {"x": 1}}},
            {"profile": {"x": 1}},
            {"rules": "all"},
            {"rules": [{"reason": "order_gap", "conditions": []}]},
            {"rules": [{"reason": "order_gap", "conditions": [{"measure": "x", "op": "gte", "value": 1}]}]},
            {"rules": [{"reason": "x", "conditions": [{"measure": "score", "op": "lte", "value": 1}]}]},
            {"rules": [{"reason": "order_gap", "playbook": 1}]},
            {"x": 1},
        ):
            with pytest.raises(ValidationError):
                ask_backtest(Backtest(from_date=DAY, to_date=DAY, what_if=what_if), actor=dora)
        row = ask_backtest(Backtest(from_date=DAY, to_date=DAY), actor=dora)
        assert (row.status, row.created_by) == (JobStatus.QUEUED, dora)
        assert AuditEntry.objects.filter(action="backtest.asked", object_id=row.pk).exists()

    def test_a_job_that_fails_says_why_and_is_done_once(self, dora):
        row = ask_backtest(Backtest(from_date=DAY, to_date=DAY), actor=dora)
        assert due_backtests(NOW) == [row.pk]
        assert run_backtest(row.pk, lambda: NOW)
        assert not run_backtest(row.pk, lambda: NOW)
        row.refresh_from_db()
        assert (row.status, bool(row.error)) == (JobStatus.FAILED, True)

    def test_a_job_whose_worker_died_starts_anew(self, shop, dora, monkeypatch):
        monkeypatch.setattr(backtests, "walk", _walk)
        row = ask_backtest(Backtest(from_date=DAY, to_date=DAY), actor=dora)
        Backtest.objects.filter(pk=row.pk).update(status=JobStatus.RUNNING, claimed_at=NOW)
        assert due_backtests(NOW) == []
        later = NOW + dt.timedelta(hours=1)
        assert due_backtests(later) == [row.pk]
        assert run_backtest(row.pk, lambda: later)
        row.refresh_from_db()
        assert (row.status, row.progress, row.results["scorers"]["model"]["pooled"]["accounts"] > 30) == (
            "done",
            100,
            True,
        )
        assert row.rows_file.read().startswith("\ufeffaccount_code,snapshot".encode())

    def test_command(self, shop, tmp_path, monkeypatch, capsys):
        monkeypatch.setattr(backtests, "walk", _walk)
        file = tmp_path / "rows.csv"
        call_command(
            "backtest_churn", "--from", DAY.isoformat(), "--to", DAY.isoformat(), "--horizon", "60", "--csv", str(file)
        )
        assert file.read_text().splitlines()[0] == "account_code,snapshot,score,probability,tier"
        assert "rule" in capsys.readouterr().out
        with pytest.raises(CommandError):
            call_command("backtest_churn", "--from", "2024-02-01", "--to", "2024-01-01")

    def test_tiers_are_those_of_the_day(self, account):
        account.tier_history.create(tier="A", since=DAY - dt.timedelta(days=9), source="import")
        account.tier_history.create(tier="B", since=DAY, source="import")
        assert backtests.tiers_on(DAY)[account.pk] == "A"
        assert backtests.tiers_on(DAY + dt.timedelta(days=1))[account.pk] == "B"


def _walk(purchases, horizon):
    """A walk with few trees: quick."""
    return walk(purchases, horizon, QUICK)


def test_words_for_every_topic_and_verdict():
    for name in (*TOPICS, "few_orders", "rule", "plain_rule"):
        reason = {"feature": name, "value": 0.5, "typical": 2.0, "contribution": 0.1}
        assert sentence(reason)
        assert topic(reason) != name
        assert topic(reason) in reason_words(reason)
    assert reason_words({"feature": "rest", "value": None, "typical": None, "contribution": 0.2}) == topic(
        {"feature": "rest"}
    )
    for code in (*choosing.KEPT, choosing.WORSE_THAN_RULE, choosing.WORSE_THAN_BEFORE, training.NO_CHURN, ASKED):
        assert verdict_words(code) != code


@override_settings(REPORTING_CURRENCY="EUR")
def test_values_have_the_decimals_of_the_reporting_currency(account, product):
    order(account, DAY - dt.timedelta(days=10), Decimal("10.55"), product, currency="EUR")
    said = predict([account.pk], DAY)[account.pk]
    assert said.expected_year.as_tuple().exponent == -2
