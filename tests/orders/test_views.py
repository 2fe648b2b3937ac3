"""Pages of orders, products and rates, and the orders tab of an account."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from core.models import ExchangeRate
from orders import revenue
from orders.models import MonthlyRevenue
from tests.factories import TODAY
from tests.factories.orders import ProductFactory, make_order

FRAGMENT = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(dt.datetime.combine(TODAY, dt.time(4), dt.UTC), tick=False):
        yield


class TestOrders:
    def test_are_those_of_the_accounts_that_one_sees(self, client_for, alice, mallory, account):
        order = make_order(account, 100, external_id="SO-77")
        page = client_for(alice).get(reverse("orders:order_list"))
        assert "SO-77" in page.content.decode()
        assert "SO-77" not in client_for(mallory).get(reverse("orders:order_list")).content.decode()
        assert client_for(mallory).get(order.get_absolute_url()).status_code == 404

    def test_are_filtered(self, client_for, alice, account):
        make_order(account, 100, external_id="SO-1", date=dt.date(2026, 1, 5))
        make_order(account, -100, external_id="SO-2", date=dt.date(2026, 2, 5), currency="USD", source="shop")

        def found(**query):
            page = client_for(alice).get(reverse("orders:order_list"), query, headers=FRAGMENT)
            return [order.external_id for order in page.context["page"]]

        assert found() == ["SO-2", "SO-1"]
        assert found(sort="order_date") == ["SO-1", "SO-2"]
        assert found(q="SO-1") == found(kind="sale") == found(currency="CNY") == found(source="erp") == ["SO-1"]
        assert found(q="晨光") == ["SO-2", "SO-1"]
        assert found(order_date_after="2026-02-01") == ["SO-2"]
        assert found(q="nothing") == []

    def test_one_order_with_its_lines_and_history(self, client_for, alice, account):
        lines = [("P1", "2.5", "0.1234"), ("P2", 1151, 3)]
        order = make_order(account, lines=lines, external_id="SO-1")
        page = client_for(alice).get(order.get_absolute_url()).content.decode()
        for words in ("SO-1", "P1", "2.5", "0.1234", ">1,151<", "Order imported"):
            assert words in page

    def test_empty(self, client_for, alice, dora):
        assert "Import orders" in client_for(dora).get(reverse("orders:order_list")).content.decode()
        assert "Import orders" not in client_for(alice).get(reverse("orders:order_list")).content.decode()


class TestPanel:
    def test_full_page_fragment_and_rows(self, client_for, alice, account):
        make_order(account, 100, external_id="SO-1")
        url = reverse("orders:account_panel", args=[account.pk])
        assert b"<html" in client_for(alice).get(url).content
        fragment = client_for(alice).get(url, headers=FRAGMENT).content
        assert b"<html" not in fragment
        assert b"account-revenue" in fragment
        rows = client_for(alice).get(url, headers={**FRAGMENT, "HX-Target": "rows"}).content
        assert b"account-revenue" not in rows
        assert b"SO-1" in rows

    def test_shows_the_year_that_has_revenue(self, client_for, alice, account):
        make_order(account, 100, date=dt.date(2011, 5, 31), currency="GBP")
        history = client_for(alice).get(reverse("orders:account_panel", args=[account.pk])).context["history"]
        assert (history.months[-1], history.currency, history.totals[-1]) == (dt.date(2011, 5, 1), "GBP", 100)

    def test_says_where_a_rate_is_missing(self, client_for, alice, account):
        make_order(account, 100)
        make_order(account, 100, currency="USD")
        page = client_for(alice).get(reverse("orders:account_chart", args=[account.pk]))
        assert not page.context["history"].complete
        assert page.context["history"].currency == "CNY"
        assert "exchange rate is missing" in page.content.decode()


class TestHistory:
    def test_stacks_lines_and_keeps_the_year_before(self):
        months = revenue.months_until(TODAY)
        assert (len(months), months[0], months[-1]) == (13, dt.date(2025, 3, 1), dt.date(2026, 3, 1))
        facts = [revenue.Fact(months[-1], f"line {n}", n) for n in range(1, 10)]
        facts.append(revenue.Fact(revenue.year_before(months[-2]), "line 1", 7))
        history = revenue.history(facts, months, currency="CNY", complete=True, rest="Other")
        assert [name for name, _amounts in history.lines] == [f"line {n}" for n in (9, 8, 7, 6, 5, 4)] + ["Other"]
        assert history.lines[-1][1][-1] == 1 + 2 + 3
        assert (history.totals[-1], history.last_year[-2]) == (45, 7)


class TestCatalogue:
    def test_products_are_found(self, client_for, alice):
        ProductFactory(code="P-1", name="不锈钢泵", name_en="Steel pump")
        ProductFactory(code="Q-1", name="阀门", name_en="Valve")
        url = reverse("orders:product_list")
        for text in ("钢泵", "steel", "p-1"):
            page = client_for(alice).get(url, {"q": text}, headers=FRAGMENT).content.decode()
            assert "P-1" in page
            assert "Q-1" not in page
        assert "Steel pump" in client_for(alice).get(url).content.decode()


class TestRates:
    url = "/orders/rates/"

    def test_are_set_on_the_page_and_convert(self, client_for, dora, account):
        make_order(account, 100, currency="USD", date=dt.date(2026, 1, 5))
        form = {"currency": "USD", "valid_from": "2026-01-01", "rate": "7.1"}
        assert client_for(dora).post(self.url, form).status_code == 302
        assert MonthlyRevenue.objects.get().reporting_amount == 710
        assert "7.1" in client_for(dora).get(self.url).content.decode()

    @pytest.mark.parametrize(
        "change", [{"rate": "0"}, {"rate": "x"}, {"currency": "CNY"}, {"valid_from": "2026-02-31"}]
    )
    def test_refuse_nonsense_and_keep_what_was_typed(self, client_for, dora, change):
        form = {"currency": "USD", "valid_from": "2026-01-01", "rate": "7.1"} | change
        page = client_for(dora).post(self.url, form)
        assert page.status_code == 200
        assert page.context["form"].errors
        assert not ExchangeRate.objects.exists()

    def test_are_for_directors(self, client_for, lee):
        assert client_for(lee).get(self.url).status_code == 403
