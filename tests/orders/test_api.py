"""The REST API of orders, the catalogue and exchange rates."""

import datetime as dt
from decimal import Decimal

import pytest

from accounts.choices import Right
from audit.models import AuditEntry
from core.models import ExchangeRate
from orders.models import MonthlyRevenue, Order, Product, ProductLine
from tests.factories.accounts import AccountFactory
from tests.factories.orders import ProductFactory, ProductLineFactory, make_order

pytestmark = pytest.mark.django_db

ORDERS = "/api/v1/orders/"
UPSERT = f"{ORDERS}bulk-upsert/"
PRODUCTS = "/api/v1/products/"
LINES = "/api/v1/product-lines/"
RATES = "/api/v1/exchange-rates/"


def order(external_id="SO-1", account="ALICE-1", **changes):
    """One order of the bulk call."""
    line = {"product": "P-100", "quantity": "2", "unit_price": "149.50", "product_line": "PUMPS"}
    body = {"external_id": external_id, "account": account, "order_date": "2026-02-14", "currency": "CNY"}
    return {**body, "lines": [line], **changes}


def line(**changes):
    """One line with something else in it."""
    return [{"product": "P-100", "quantity": "2", "unit_price": "10", **changes}]


def upsert(client, *orders, source="erp"):
    return client.post(UPSERT, {"source": source, "orders": list(orders)})


class TestBulkUpsert:
    def test_creates_then_leaves_alone_then_updates(self, api_for, alice, account):
        client = api_for(alice)
        first = upsert(client, order(), order("SO-2", currency="EUR"))
        assert first.status_code == 200
        assert (first.json()["created"], first.json()["rejected"]) == (2, 0)
        assert upsert(client, order()).json()["unchanged"] == 1
        changed = upsert(client, order(lines=line(quantity="3"))).json()
        assert changed["updated"] == 1
        stored = Order.objects.get(pk=changed["results"][0]["id"])
        assert (stored.external_id, stored.total_amount, stored.source) == ("SO-1", Decimal(30), "erp")
        facts = MonthlyRevenue.objects.get(account=account, currency="CNY")
        assert (facts.month, facts.net_amount) == (dt.date(2026, 2, 1), Decimal(30))
        assert AuditEntry.objects.of(stored).first().actor == alice

    def test_day_of_delivery_may_come_later_and_stays(self, api_for, alice, account):
        client = api_for(alice)
        upsert(client, order())
        told = upsert(client, order(delivered_on="2026-02-20")).json()
        assert told["updated"] == 1
        stored = Order.objects.get()
        assert stored.delivered_on == dt.date(2026, 2, 20)
        assert AuditEntry.objects.of(stored).first().changes == {"delivered_on": [None, "2026-02-20"]}
        assert upsert(client, order()).json()["unchanged"] == 1
        assert client.get(f"{ORDERS}{stored.pk}/").json()["delivered_on"] == "2026-02-20"
        wrong = upsert(client, order("SO-2", delivered_on="soon")).json()["results"][0]
        assert (wrong["code"], wrong["field"]) == ("bad_date", "delivered_on")

    def test_says_what_became_of_each(self, api_for, alice, account, foreign_account):
        response = upsert(
            api_for(alice),
            order("SO-1"),
            order("SO-2", account="MALLORY-1"),
            order("SO-3", order_date="2026-02-31"),
            order("SO-1"),
            "nonsense",
            order("SO-4", lines=line(quantity="-2")),
        )
        assert response.status_code == 200
        rows = response.json()["results"]
        assert [(row["index"], row["external_id"], row["status"], row["code"]) for row in rows] == [
            (0, "SO-1", "created", ""),
            (1, "SO-2", "rejected", "unknown_account"),
            (2, "SO-3", "rejected", "no_such_day"),
            (3, "SO-1", "rejected", "repeated_in_batch"),
            (4, "", "rejected", "not_an_object"),
            (5, "SO-4", "created", ""),
        ]
        assert response.json()["rejected"] == 4
        assert Order.objects.get(external_id="SO-4").kind == "return"

    @pytest.mark.parametrize(
        ("changes", "code", "field"),
        [
            ({"order_date": "2999-01-01"}, "no_such_day", "order_date"),
            ({"order_date": "1066-10-14"}, "no_such_day", "order_date"),
            ({"external_id": ""}, "missing_value", "external_id"),
            ({"external_id": 5}, "wrong_type", "external_id"),
            ({"external_id": "x" * 81}, "too_long", "external_id"),
            ({"colour": "red"}, "unknown_field", "colour"),
            ({"order_date": "14.02.2026"}, "bad_date", "order_date"),
            ({"order_date": None}, "missing_value", "order_date"),
            ({"currency": "XXX"}, "unknown_currency", "currency"),
            ({"kind": "gift"}, "unknown_kind", "kind"),
            ({"kind": "return"}, "kind_mismatch", "kind"),
            ({"lines": []}, "no_lines", "lines"),
            ({"lines": "x"}, "wrong_type", "lines"),
            ({"lines": [1]}, "not_an_object", "lines.0"),
            ({"lines": line(colour="red")}, "unknown_field", "lines.0.colour"),
            ({"lines": line(product="")}, "missing_value", "lines.0.product"),
            ({"lines": line(quantity="1,234.56")}, "bad_number", "lines.0.quantity"),
            ({"lines": line(quantity=True)}, "bad_number", "lines.0.quantity"),
            ({"lines": line(quantity="NaN")}, "bad_number", "lines.0.quantity"),
            ({"lines": line(quantity="１２")}, "bad_number", "lines.0.quantity"),
            ({"lines": line(quantity=10**30)}, "bad_number", "lines.0.quantity"),
            ({"lines": line(quantity="1.23456")}, "too_precise", "lines.0.quantity"),
            ({"lines": line(quantity="9" * 14)}, "number_too_large", "lines.0.quantity"),
            ({"lines": line(quantity="9" * 13, unit_price="9" * 14)}, "number_too_large", "lines.0.amount"),
            ({"lines": line(unit_price="-1")}, "negative_price", "lines.0.unit_price"),
            ({"lines": line(amount="21")}, "amount_mismatch", "lines.0.amount"),
        ],
    )
    def test_rejects_bad_orders(self, api_for, alice, account, changes, code, field):
        row = upsert(api_for(alice), order(**changes)).json()["results"][0]
        assert (row["status"], row["code"], row["field"]) == ("rejected", code, field)
        assert row["message"]
        assert not Order.objects.exists()

    def test_takes_json_numbers_and_the_right_amount(self, api_for, alice, account):
        lines = line(quantity=3, unit_price=0.1, amount=0.3, cost_amount=None)
        assert upsert(api_for(alice), order(lines=lines)).json()["created"] == 1

    @pytest.mark.parametrize(
        ("body", "field", "code"),
        [
            ({"orders": [{}]}, "source", "required"),
            ({"source": "erp"}, "orders", "required"),
            ({"source": "erp", "orders": []}, "orders", "min_length"),
            ({"source": "erp", "orders": {}}, "orders", "not_a_list"),
            ({"source": "x" * 41, "orders": [{}]}, "source", "max_length"),
            ({"source": "erp", "orders": [{}] * 1001}, "orders", "max_length"),
            ({"source": "erp", "orders": [{}], "dry_run": True}, "dry_run", "unknown_field"),
        ],
    )
    def test_refuses_bad_calls(self, api_for, alice, body, field, code):
        response = api_for(alice).post(UPSERT, body)
        assert response.status_code == 400
        assert [(error["field"], error["code"]) for error in response.json()["errors"]] == [(field, code)]

    def test_readers_do_not_write(self, api_for, ann, account):
        row = upsert(api_for(ann), order()).json()["results"][0]
        assert (row["status"], row["code"]) == ("rejected", "account_read_only")

    def test_editors_do(self, api_for, ann, account):
        account.members.update(right=Right.EDIT)
        assert upsert(api_for(ann), order()).json()["created"] == 1

    def test_does_not_take_over_a_foreign_order(self, api_for, alice, dora, account, foreign_account):
        upsert(api_for(dora), order(account="MALLORY-1"))
        row = upsert(api_for(alice), order()).json()["results"][0]
        assert (row["status"], row["code"]) == ("rejected", "order_taken")


class TestOrders:
    def test_are_as_visible_as_their_account(self, api_for, alice, ann, mallory, account, foreign_account):
        mine, foreign = make_order(account, 100), make_order(foreign_account, 200)
        for user in (alice, ann):
            assert [row["id"] for row in api_for(user).get(ORDERS).json()["results"]] == [mine.pk]
        assert api_for(alice).get(f"{ORDERS}{foreign.pk}/").status_code == 404
        assert api_for(mallory).get(f"{ORDERS}{mine.pk}/").status_code == 404

    def test_show_their_lines(self, api_for, alice, account):
        row = api_for(alice).get(f"{ORDERS}{make_order(account, '99.50').pk}/").json()
        assert (row["total_amount"], row["currency"]) == ("99.500", "CNY")
        assert row["account"] == {"id": account.pk, "name": "晨光机械有限公司"}
        assert [(item["product"], item["amount"]) for item in row["lines"]] == [("P1", "99.500")]

    def test_come_page_by_page(self, api_for, alice, account):
        for day in range(1, 6):
            make_order(account, day, date=dt.date(2026, 1, day))
        client = api_for(alice)
        first = client.get(ORDERS, {"ordering": "order_date", "page_size": 2}).json()
        second = client.get(first["next"]).json()
        days = [row["order_date"][-2:] for row in first["results"] + second["results"]]
        assert days == ["01", "02", "03", "04"]

    def test_are_filtered_and_searched(self, api_for, alice, account):
        other = AccountFactory(code="N1", name="北方机械", manager=alice)
        make_order(account, 10, date=dt.date(2026, 1, 10), external_id="A-1")
        make_order(other, -20, date=dt.date(2026, 2, 10), external_id="N-1", currency="EUR", source="shop")

        def found(**query):
            return [row["external_id"] for row in api_for(alice).get(ORDERS, query).json()["results"]]

        assert found() == ["N-1", "A-1"]
        assert found(order_date_after="2026-02-01") == found(kind="return") == found(currency="EUR") == ["N-1"]
        assert found(source="shop") == found(account=other.pk) == found(q="北方") == ["N-1"]
        assert found(order_date_before="2026-01-31") == found(q="A-1") == ["A-1"]

    def test_refuse_filters_beyond_what_the_caller_sees(self, api_for, alice, foreign_account):
        response = api_for(alice).get(ORDERS, {"account": foreign_account.pk})
        assert [error["field"] for error in response.json()["errors"]] == ["account"]
        assert api_for(alice).get(ORDERS, {"order_date": "2026-01-01"}).json()["code"] == "unknown_parameter"
        assert api_for(alice).get(ORDERS, {"order_date_after": "31 February"}).status_code == 400

    @pytest.mark.parametrize("method", ["put", "patch", "delete"])
    def test_are_not_changed_one_by_one(self, api_for, dora, account, method):
        url = f"{ORDERS}{make_order(account).pk}/"
        assert getattr(api_for(dora), method)(url, {}).status_code == 405
        assert api_for(dora).post(ORDERS, {}).status_code == 405


class TestCatalogue:
    def test_is_read_by_everybody(self, api_for, mallory):
        product = ProductFactory(code="P-1")
        assert api_for(mallory).get(PRODUCTS).json()["results"][0]["code"] == "P-1"
        assert api_for(mallory).get(f"{PRODUCTS}{product.pk}/").json()["line"]["id"] == product.line_id
        assert api_for(mallory).get(f"{LINES}{product.line_id}/").json()["code"] == product.line.code

    def test_is_searched(self, api_for, mallory):
        ProductFactory(code="P-1", name="离心泵")
        valve = ProductFactory(code="V-1", name="阀门")
        client = api_for(mallory)
        assert [row["code"] for row in client.get(PRODUCTS, {"q": "泵"}).json()["results"]] == ["P-1"]
        assert [row["code"] for row in client.get(PRODUCTS, {"line": valve.line_id}).json()["results"]] == ["V-1"]

    def test_is_written_by_directors(self, api_for, dora):
        client = api_for(dora)
        made = client.post(LINES, {"code": "PUMPS", "name": "泵"})
        assert made.status_code == 201
        product = client.post(PRODUCTS, {"code": "P-1", "name": "离心泵", "line": made.json()["id"]})
        assert product.status_code == 201
        changed = client.patch(f"{PRODUCTS}{product.json()['id']}/", {"name_en": "Centrifugal pump"})
        assert changed.json()["name_en"] == "Centrifugal pump"
        assert client.put(f"{LINES}{made.json()['id']}/", {"code": "PUMPS", "name": "泵类"}).json()["name"] == "泵类"
        actions = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
        assert list(actions) == [
            "product_line.created",
            "product.created",
            "product.updated",
            "product_line.updated",
        ]

    def test_is_not_written_by_others(self, api_for, lee):
        response = api_for(lee).post(LINES, {"code": "PUMPS", "name": "泵"})
        assert (response.status_code, response.json()["code"]) == (403, "catalogue_forbidden")
        response = api_for(lee).patch(f"{PRODUCTS}{ProductFactory().pk}/", {"name": "x"})
        assert (response.status_code, response.json()["code"]) == (403, "catalogue_forbidden")
        assert not ProductLine.objects.filter(code="PUMPS").exists()

    def test_moves_revenue_with_a_product(self, api_for, dora, account):
        make_order(account, 100, product="P-1")
        pumps = ProductLineFactory(code="PUMPS")
        product = Product.objects.get(code="P-1")
        assert api_for(dora).patch(f"{PRODUCTS}{product.pk}/", {"line": pumps.pk}).status_code == 200
        assert MonthlyRevenue.objects.get().product_line == pumps


class TestExchangeRates:
    BODY = {"currency": "EUR", "valid_from": "2026-01-01", "rate": "7.8"}

    def test_are_set_and_corrected_by_directors(self, api_for, dora, alice, account):
        make_order(account, 100, currency="EUR", date=dt.date(2026, 2, 1))
        first = api_for(dora).post(RATES, self.BODY)
        assert first.status_code == 201
        second = api_for(dora).post(RATES, self.BODY | {"rate": "7.9"})
        assert second.json()["id"] == first.json()["id"]
        assert MonthlyRevenue.objects.get().reporting_amount == Decimal(790)
        assert api_for(alice).get(RATES).json()["results"][0]["rate"] == "7.9000000000"

    def test_are_not_set_by_others(self, api_for, lee):
        response = api_for(lee).post(RATES, self.BODY)
        assert (response.status_code, response.json()["code"]) == (403, "rate_forbidden")
        assert not ExchangeRate.objects.exists()

    @pytest.mark.parametrize(
        ("changes", "code"),
        [({"currency": "CNY"}, "reporting_currency_rate"), ({"rate": "0"}, "bad_rate"), ({"rate": "x"}, "invalid")],
    )
    def test_are_checked(self, api_for, dora, changes, code):
        response = api_for(dora).post(RATES, self.BODY | changes)
        assert (response.status_code, response.json()["code"]) == (400, code)


def test_a_thousand_orders_cost_few_queries(api_for, alice, account, django_assert_max_num_queries):
    AccountFactory.create_batch(3, manager=alice)
    client = api_for(alice)
    upsert(client, order("SO-0"))
    with django_assert_max_num_queries(45):  # most are inserts: SQLite takes a thousand values each
        assert upsert(client, *[order(f"SO-{n}") for n in range(1, 1001)]).json()["created"] == 1000
