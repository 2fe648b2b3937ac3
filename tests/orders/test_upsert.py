"""Orders in sets: what is created, changed, left alone, refused; facts and summaries follow."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.choices import Status
from accounts.models import Account, AccountSummary
from audit.models import AuditEntry
from core.models import ExchangeRate
from orders import services
from orders.errors import BadRate, RateForbidden, ReportingCurrencyRate, UnknownCurrency
from orders.models import MonthlyRevenue, Order, OrderLine, Product, ProductLine
from orders.services.facts import next_month
from orders.tasks import refresh_summaries
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.orders import make_order, order_row


def upsert(*rows, source="erp", actor=None, **kwargs):
    return services.upsert_orders(rows, source=source, actor=actor, today=TODAY, **kwargs)


def statuses(outcomes):
    return [outcome.code or outcome.status for outcome in outcomes]


def facts():
    """What the facts say: (account, line, month, currency) -> (sales, returns)."""
    return {
        (fact.account_id, fact.product_line_id, fact.month, fact.currency): (fact.sales_amount, fact.returns_amount)
        for fact in MonthlyRevenue.objects.all()
    }


def recount():
    """The same, counted line by line."""
    found = {}
    for line in OrderLine.objects.select_related("order", "product"):
        key = (line.order.account_id, line.product.line_id, line.order.order_date.replace(day=1), line.order.currency)
        sales, returns = found.get(key, (Decimal(0), Decimal(0)))
        found[key] = (sales + max(line.amount, Decimal(0)), returns - min(line.amount, Decimal(0)))
    return found


class TestUpsert:
    def test_creates_an_order_with_its_lines_products_and_history(self, account, dora):
        row = order_row(account.code, lines=[("P1", 2, "10.50"), ("P2", 1, 3)], external_id="SO-1")
        [outcome] = upsert(row, actor=dora, reason="nightly")
        order = Order.objects.get(pk=outcome.order_id)
        assert (outcome.status, order.total_amount, order.kind) == ("created", 24, "sale")
        assert [(line.position, line.product.code, line.amount) for line in order.lines.all()] == [
            (1, "P1", 21),
            (2, "P2", 3),
        ]
        assert Product.objects.get(code="P1").line.code == "UNASSIGNED"
        entry = AuditEntry.objects.of(order).get()
        assert (entry.action, entry.actor, entry.account_id, entry.reason) == (
            "order.imported", dora, account.pk, "nightly",
        )  # fmt: skip
        assert entry.changes["total_amount"] == [None, "24.00"]
        assert AuditEntry.objects.filter(action="product.created").count() == 2

    def test_a_negative_total_is_a_return(self, account):
        [outcome] = upsert(order_row(account.code, -20))
        assert Order.objects.get(pk=outcome.order_id).kind == "return"

    def test_the_same_again_changes_nothing(self, account):
        row = order_row(account.code, lines=[("P1", "2.5", "0.1234")], external_id="SO-1")
        upsert(row)
        before = (AuditEntry.objects.count(), Order.objects.get().updated_at, list(OrderLine.objects.values()))
        assert statuses(upsert(row)) == ["unchanged"]
        assert (AuditEntry.objects.count(), Order.objects.get().updated_at, list(OrderLine.objects.values())) == before

    def test_a_change_is_recorded_and_lost_lines_go(self, account):
        first = order_row(
            account.code, lines=[("P1", 2, 10), ("P2", 1, 3)], external_id="SO-1", date=dt.date(2026, 1, 5)
        )
        second = order_row(account.code, lines=[("P1", 3, 10)], external_id="SO-1", date=dt.date(2026, 2, 5))
        upsert(first)
        assert statuses(upsert(second)) == ["updated"]
        order = Order.objects.get()
        assert [line.amount for line in order.lines.all()] == [30]
        changes = AuditEntry.objects.of(order).first().changes
        assert changes == {
            "order_date": ["2026-01-05", "2026-02-05"],
            "total_amount": ["23.00", "30.00"],
            "lines": [2, 1],
        }
        assert facts() == recount()
        assert {key[2] for key in facts()} == {dt.date(2026, 2, 1)}

    def test_an_order_that_moves_leaves_no_revenue_behind(self, account):
        other = AccountFactory(code="B")
        upsert(order_row(account.code, 100, external_id="SO-1"))
        upsert(order_row(other.code, 100, external_id="SO-1"))
        assert facts() == recount()
        assert {key[0] for key in facts()} == {other.pk}

    def test_numbers_are_unique_within_a_source(self, account):
        row = order_row(account.code, 5, external_id="1")
        upsert(row, source="erp")
        assert statuses(upsert(row, source="shop")) == ["created"]

    def test_a_bad_order_does_not_hold_up_the_others(self, account):
        good = order_row(account.code, 5)
        bad = [
            order_row("NOBODY", 5),
            order_row(account.code, 5, currency="XXX"),
            order_row(account.code, lines=[]),
            order_row(account.code, lines=[("P", 1, 5)], kind="return"),
            order_row(account.code, lines=[("P", 1, 5)], kind="gift"),
            order_row(account.code, lines=[("P", 1, -5)]),
            order_row(account.code, lines=[("P", 10**14, 1)]),
            order_row(account.code, lines=[("P", "0.0001", 1)]),
            order_row(account.code, lines=[("", 1, 1)]),
            order_row(account.code, lines=[("P" * 61, 1, 1)]),
            order_row(account.code, lines=[("P\x00", 1, 1)]),
            order_row(account.code, external_id="x" * 81),
            order_row(account.code, 6, external_id=good.external_id),
        ]
        outcomes = upsert(good, *bad)
        assert statuses(outcomes) == [
            "created", "unknown_account", "unknown_currency", "no_lines", "kind_mismatch", "unknown_kind",
            "negative_price", "number_too_large", "too_precise", "missing_value", "too_long", "bad_text", "too_long",
            "repeated_in_batch",
        ]  # fmt: skip
        assert outcomes[1].message == "There is no account with the code “NOBODY”."
        assert outcomes[6].field == "lines.0.unit_price"
        assert Order.objects.count() == 1

    def test_an_actor_writes_only_to_accounts_that_they_may_edit(self, account, alice, ann, mallory):
        row = order_row(account.code, 5, external_id="SO-1")
        assert statuses(upsert(row, actor=ann)) == ["account_read_only"]
        assert statuses(upsert(row, actor=mallory)) == ["unknown_account"]
        assert statuses(upsert(row, actor=alice)) == ["created"]
        mine = AccountFactory(code="M", manager=mallory)
        assert statuses(upsert(order_row(mine.code, 5, external_id="SO-1"), actor=mallory)) == ["order_taken"]

    def test_a_terminated_account_is_read_only(self, account):
        Account.objects.filter(pk=account.pk).update(status=Status.TERMINATED)
        assert statuses(upsert(order_row(account.code, 5))) == ["account_read_only"]

    def test_new_products_get_the_line_that_they_name(self, account):
        line = services.line_row("P9", Decimal(1), Decimal(5), "CNY", product_name="泵", product_line="PUMPS")
        upsert(services.OrderRow("SO-1", account.code, TODAY, "CNY", [line]))
        product = Product.objects.get()
        assert (product.name, product.line.code) == ("泵", "PUMPS")
        assert ProductLine.objects.count() == 1

    def test_costs_a_number_of_statements_that_does_not_grow(self, account, django_assert_max_num_queries):
        upsert(*(order_row(account.code, 5, product=f"P{n}") for n in range(3)))
        rows = [order_row(account.code, 5, product=f"P{n}") for n in range(100)]
        with django_assert_max_num_queries(30):
            upsert(*rows)


class TestFacts:
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        orders=st.lists(
            st.tuples(
                st.integers(1, 6),
                st.sampled_from(["ALICE-1", "B"]),
                st.dates(dt.date(2025, 12, 1), dt.date(2026, 2, 28)),
                st.sampled_from(["CNY", "USD"]),
                st.lists(
                    st.tuples(
                        st.sampled_from(["P1", "P2"]), st.integers(-5, 9), st.sampled_from(["0.01", "0.1", "2.95"])
                    ),
                    min_size=1,
                    max_size=3,
                ),
            ),
            min_size=1,
            max_size=12,
        )
    )
    def test_are_what_a_recount_says(self, account, orders):
        if not Account.objects.filter(code="B").exists():
            AccountFactory(code="B")
        for number, code, date, currency, lines in orders:
            upsert(order_row(code, lines=lines, date=date, currency=currency, external_id=str(number)))
        assert facts() == recount()
        kept = facts()
        services.rebuild_all_facts()
        assert facts() == kept
        for fact in MonthlyRevenue.objects.all():
            assert fact.net_amount == fact.sales_amount - fact.returns_amount
        Order.objects.all().delete()
        MonthlyRevenue.objects.all().delete()

    def test_keep_cost_apart_from_lines_without_one(self, account):
        lines = [
            services.line_row("P1", Decimal(1), Decimal(10), "CNY", cost_amount=Decimal(6)),
            services.line_row("P1", Decimal(1), Decimal(5), "CNY"),
        ]
        upsert(services.OrderRow("SO-1", account.code, TODAY, "CNY", lines))
        fact = MonthlyRevenue.objects.get()
        assert (fact.net_amount, fact.cost_amount, fact.costed_net_amount) == (15, 6, 10)

    def test_know_the_last_sale(self, account):
        make_order(account, 10, date=dt.date(2026, 2, 3), product="P1")
        make_order(account, -10, date=dt.date(2026, 2, 20), product="P1")
        assert MonthlyRevenue.objects.get().last_order_date == dt.date(2026, 2, 3)

    def test_nothing_to_rebuild(self, db):
        assert services.rebuild_facts([], [TODAY]) == 0

    def test_next_month(self):
        assert next_month(dt.date(2025, 12, 31)) == dt.date(2026, 1, 1)


class TestSummaries:
    def summary(self, account):
        return AccountSummary.objects.get(account=account)

    def test_are_twelve_full_months_and_the_twelve_before(self, account):
        for date, amount in (
            (dt.date(2026, 3, 1), 1),  # the current month does not count
            (dt.date(2026, 2, 28), 10),
            (dt.date(2025, 3, 1), 100),
            (dt.date(2025, 2, 28), 1000),
            (dt.date(2024, 3, 1), 10_000),
            (dt.date(2024, 2, 28), 100_000),
        ):
            make_order(account, amount, date=date)
        summary = self.summary(account)
        assert (summary.revenue_12m_amount, summary.revenue_prior_12m_amount) == (110, 11_000)
        assert summary.last_order_date == dt.date(2026, 3, 1)
        assert summary.revenue_complete

    def test_move_on_with_the_month(self, account):
        make_order(account, 10, date=dt.date(2025, 3, 5))
        assert services.refresh_summaries(TODAY) == 0
        assert services.refresh_summaries(dt.date(2026, 4, 1)) == 1
        summary = self.summary(account)
        assert (summary.revenue_12m_amount, summary.revenue_prior_12m_amount) == (0, 10)

    def test_say_where_a_rate_is_missing(self, account):
        make_order(account, 10, currency="USD", date=dt.date(2026, 1, 5))
        summary = self.summary(account)
        assert (summary.revenue_12m_amount, summary.revenue_complete) == (0, False)

    def test_are_refreshed_by_the_daily_task(self, account):
        make_order(account, 10)
        AccountSummary.objects.update(revenue_12m_amount=5, last_order_date=None)
        assert refresh_summaries() == 1
        assert self.summary(account).last_order_date is not None


class TestRates:
    def set(self, rate="7.2", day=dt.date(2026, 1, 1), currency="USD", actor=None):
        return services.set_exchange_rate(currency, day, Decimal(rate), actor=actor, today=TODAY)

    def test_convert_revenue_by_the_last_rate_of_the_month(self, account, dora):
        make_order(account, 100, currency="USD", date=dt.date(2025, 12, 31))
        make_order(account, 100, currency="USD", date=dt.date(2026, 1, 1))
        self.set("7", dt.date(2025, 12, 15), actor=dora)
        self.set("8", dt.date(2026, 1, 31), actor=dora)
        self.set("9", dt.date(2026, 2, 1), actor=dora)
        amounts = dict(MonthlyRevenue.objects.values_list("month", "reporting_amount"))
        assert amounts == {dt.date(2025, 12, 1): 700, dt.date(2026, 1, 1): 800}
        summary = AccountSummary.objects.get(account=account)
        assert (summary.revenue_12m_amount, summary.revenue_complete) == (1500, True)

    def test_are_recorded_once(self, dora):
        rate = self.set(actor=dora)
        assert self.set(actor=dora) == rate
        self.set("7.3", actor=dora)
        actions = AuditEntry.objects.of(rate).order_by("pk").values_list("action", flat=True)
        assert list(actions) == ["exchange_rate.set", "exchange_rate.updated"]
        assert ExchangeRate.objects.count() == 1

    @pytest.mark.parametrize(
        ("kwargs", "error"),
        [
            ({"currency": "XXX"}, UnknownCurrency),
            ({"currency": "CNY"}, ReportingCurrencyRate),
            ({"rate": "0"}, BadRate),
            ({"rate": "-1"}, BadRate),
            ({"rate": "NaN"}, BadRate),
        ],
    )
    def test_refuse_nonsense(self, dora, kwargs, error):
        with pytest.raises(error):
            self.set(actor=dora, **kwargs)

    def test_are_set_by_directors(self, lee):
        with pytest.raises(RateForbidden):
            self.set(actor=lee)
