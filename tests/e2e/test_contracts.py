"""A contract's draft in a browser: rows, sums, what is kept; the board on a phone; the month by keyboard."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from contracts.models import Contract
from tests.e2e.conftest import PHONE
from tests.factories.contracts import make_contract, make_instalment, make_product_line

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def product_line():
    return make_product_line("PUMP")


def fill_line(page, number, product_line, quantity, price, discount="0"):
    page.select_option(f"[name=lines-{number}-product_line]", str(product_line.pk))
    page.fill(f"[name=lines-{number}-quantity]", quantity)
    page.fill(f"[name=lines-{number}-unit_price]", price)
    page.fill(f"[name=lines-{number}-discount]", discount)


class TestDraft:
    def test_rows_and_sums_without_a_page_load(self, visit, alice, account, product_line):
        visitor = visit()
        page = visitor.log_in("alice")
        visitor.open(f"/contracts/new/?account={account.pk}")
        loads = []
        page.on("request", lambda request: loads.append(request.url) if request.method == "POST" else None)
        fill_line(page, 0, product_line, "0.1", "0.2", "0")
        page.click("[data-add-row=lines]")
        expect(page.locator("[name=lines-1-product_line]")).to_be_focused()
        fill_line(page, 1, product_line, "3", "333.335", "10")
        page.click("[data-add-row=lines]")
        fill_line(page, 2, product_line, "5", "7")
        page.locator("[data-rows=lines] > tr").nth(2).locator("[data-remove-row]").click()
        expect(page.locator("[data-rows=lines] > tr:visible")).to_have_count(2)
        expect(page.locator("[data-sum=net]")).to_have_text("900.02")  # 0.02 + 900.0045, each rounded
        expect(page.locator("[data-sum=gross]")).to_have_text("1,017.02")
        page.select_option("[name=instalments-0-due_by]", "event")
        expect(page.locator("[name=instalments-0-due_date]")).to_be_hidden()
        page.fill("[name=instalments-0-event]", "验收")
        page.fill("[name=instalments-0-amount]", "1000")
        expect(page.locator("[data-plan-gap]")).to_contain_text("−17.02")
        assert loads == []

        page.fill("[name=title]", "年度供货")
        page.fill("[name=our_party]", "我方")
        page.fill("[name=start_date]", "2027-01-01")
        page.fill("[name=end_date]", "2027-12-31")
        page.click(".form-actions-sticky button")
        page.wait_for_url(re.compile(r"/contracts/\d+/$"))
        version = Contract.objects.get().version
        assert (version.net_amount, version.gross_amount) == (Decimal("900.02"), Decimal("1017.02"))
        assert version.lines.count() == 2
        assert visitor.violations() == []
        assert visitor.faults == []

    def test_yen_are_added_up_without_decimals(self, visit, alice, account, product_line):
        visitor = visit()
        page = visitor.log_in("alice")
        visitor.open(f"/contracts/new/?account={account.pk}")
        fill_line(page, 0, product_line, "3", "33.5")
        page.evaluate(
            "const s = document.querySelector('[name=currency]'); s.value = 'JPY';"
            "s.dispatchEvent(new Event('change', {bubbles: true}))"
        )
        expect(page.locator("[data-sum=net]")).to_have_text("101")
        expect(page.locator("[data-sum=gross]")).to_have_text("114")

    def test_errors_name_the_row_and_nothing_is_lost(self, visit, alice, account, product_line):
        visitor = visit()
        page = visitor.log_in("alice")
        visitor.open(f"/contracts/new/?account={account.pk}")
        page.click("[data-add-row=lines]")
        page.fill("[name=lines-1-description]", "没有价格")
        page.click(".form-actions-sticky button")
        expect(page.locator(".form-errors")).to_be_focused()
        expect(page.locator(".form-errors")).to_contain_text("Line 2: Unit price")
        assert page.input_value("[name=lines-1-description]") == "没有价格"
        page.locator(".form-errors a", has_text="Line 2: Unit price").click()
        assert page.evaluate("document.activeElement.name") == "lines-1-unit_price"
        page.click("[data-add-row=lines]")
        expect(page.locator("[name=lines-2-product_line]")).to_be_focused()

    def test_works_on_a_phone(self, visit, alice, account, product_line):
        visitor = visit(viewport=PHONE)
        page = visitor.log_in("alice")
        visitor.open(f"/contracts/new/?account={account.pk}")
        fill_line(page, 0, product_line, "2", "50")
        expect(page.locator("[data-sum=net]")).to_have_text("100.00")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        box = page.locator("[data-rows=lines] [data-remove-row]").bounding_box()
        assert min(box["width"], box["height"]) >= 44


class TestBoard:
    def test_scrolls_sideways_on_a_phone(self, visit, alice, account):
        make_contract(account, "draft")
        visitor = visit(viewport=PHONE)
        page = visitor.log_in("alice")
        visitor.open("/contracts/board/")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        board = page.locator(".board")
        assert board.evaluate("b => b.scrollWidth > b.clientWidth")
        page.locator(".board-card a").first.click()
        page.wait_for_url(re.compile(r"/contracts/\d+/$"))
        assert visitor.faults == []


class TestCalendar:
    def test_arrow_keys_move_between_dates(self, visit, alice, account):
        first = timezone.localdate().replace(day=8)
        days = [(first + dt.timedelta(n) - dt.date(2026, 3, 16)).days for n in (0, 1, 7)]
        plan = [make_instalment(days=day, amount=n + 1) for n, day in enumerate(days)]
        make_contract(
            account, "in_force", start_date=dt.date(2020, 1, 1), end_date=dt.date(2020, 12, 31), instalments=plan
        )
        visitor = visit()
        page = visitor.log_in("alice")
        visitor.open("/contracts/calendar/")
        page.locator(f'[data-day="{first.isoformat()}"] a').focus()
        place = "document.activeElement.closest('[data-day]').dataset.day"
        page.keyboard.press("ArrowRight")
        assert page.evaluate(place) == (first + dt.timedelta(1)).isoformat()
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowDown")
        assert page.evaluate(place) == (first + dt.timedelta(7)).isoformat()
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/contracts/\d+/$"))

    def test_n_turns_to_the_following_month(self, visit, alice, account):
        visitor = visit()
        page = visitor.log_in("alice")
        visitor.open("/contracts/calendar/?date=2026-12-05")
        page.keyboard.press("n")
        page.wait_for_url(re.compile("date=2027-01-01"))
        assert visitor.violations() == []
