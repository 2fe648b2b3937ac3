"""Money in a browser: a receipt posted and voided, ageing by a click on a number, on a phone as cards."""

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from core.models import ExchangeRate
from tests.e2e.conftest import PHONE
from tests.factories import TODAY
from tests.factories.contracts import make_contract, make_instalment, make_receipt

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def contract(account):
    """Three instalments: two months overdue, due in a month, after an event; a tenth is received. USD beside it."""
    shift = (timezone.localdate() - TODAY).days
    ExchangeRate.objects.create(currency="USD", valid_from=dt.date(2020, 1, 1), rate=7)
    make_contract(account, currency="USD", instalments=[make_instalment(amount="99", days=shift - n) for n in (5, 95)])
    make_contract(account, currency="JPY", instalments=[make_instalment(amount="7000", days=shift - 40)])
    rows = [
        make_instalment(amount="300.00", days=shift - 65, title="首款"),
        make_instalment(amount="400.00", days=shift + 30, title="尾款"),
        make_instalment(amount="430.00", event="验收", days_after=10),
    ]
    contract = make_contract(account, instalments=rows)
    make_receipt(contract, "113.00", shares=[(1, 100)], reference="FT-1", date=timezone.localdate())
    return contract


def fits(page):
    """Nothing makes the page scroll sideways."""
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


class TestReceipt:
    def test_posted_and_voided(self, visit, alice, contract):
        visitor = visit()
        page = visitor.log_in("alice")
        visitor.open(f"/contracts/{contract.pk}/money/")
        page.click("text=Post a receipt")
        page.fill("[name=amount]", "2000")
        page.fill("[name=reference]", "FT-2")
        page.click("main form button[type=submit]")
        expect(page.locator(".form-errors")).to_contain_text("more than all that is open: CNY 1,017.00")
        expect(page.locator("[name=reference]")).to_have_value("FT-2")
        page.fill("[name=amount]", "287")
        page.fill("[name=share_2]", "100")
        page.click("main form button[type=submit]")
        page.wait_for_url(f"**/contracts/{contract.pk}/")
        visitor.open(f"/contracts/{contract.pk}/money/")
        expect(page.locator("tr", has_text="首款")).to_contain_text("Settled")
        expect(page.locator("tr", has_text="FT-2")).to_contain_text("287.00")
        page.locator("tr", has_text="FT-2").get_by_text("Void").click()
        page.fill("[name=reason]", "记错")
        page.click("main form button[type=submit]")
        page.wait_for_url(f"**/contracts/{contract.pk}/")
        visitor.open(f"/contracts/{contract.pk}/money/")
        expect(page.locator("tr", has_text="首款")).to_contain_text("65 days overdue")
        expect(page.locator("tr", has_text="FT-2")).to_contain_text("记错")
        assert visitor.violations() == []
        assert visitor.faults == []


class TestAgeing:
    @pytest.mark.parametrize("viewport", [None, PHONE])
    def test_a_number_opens_its_rows(self, visit, alice, contract, viewport):
        visitor = visit(viewport=viewport) if viewport else visit()
        page = visitor.log_in("alice")
        visitor.open("/contracts/ageing/")
        assert fits(page)
        page.locator("section tbody tr", has_text="USD").locator("td", has_text="(1)").first.locator("a").click()
        expect(page.locator("#rows .table-rows tbody tr")).to_have_count(1)
        expect(page.locator("#rows .table-rows tbody tr")).to_contain_text("99.00")
        assert fits(page)
        assert visitor.violations() == []
        assert visitor.faults == []


class TestReceivables:
    @pytest.mark.parametrize("theme", ["light", "dark"])
    def test_chart_is_drawn(self, visit, alice, contract, theme):
        visitor = visit(theme=theme, viewport=PHONE)
        page = visitor.log_in("alice")
        visitor.open("/contracts/receivables/?currency=CNY")
        expect(page.locator("[data-chart=receivables-curve] canvas")).to_be_visible()
        assert fits(page)
        assert visitor.violations() == []
        assert visitor.faults == []
