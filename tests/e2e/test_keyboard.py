"""The pages by keyboard: search, rows, keys for actions, help."""

import re

import pytest
from playwright.sync_api import expect

from tests.factories.accounts import AccountFactory

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def desk(visit, account, alice):
    """Alice's accounts, three of them."""
    AccountFactory(name="北方仪器有限公司", name_en="Boreal Instruments", manager=alice)
    AccountFactory(name="山海食品有限公司", name_en="Cliff Foods", manager=alice)
    visitor = visit()
    visitor.log_in("alice")
    visitor.open("/accounts/?sort=name")
    return visitor


class TestSearch:
    @pytest.mark.parametrize("key", ["/", "Control+k"])
    def test_keys_go_to_the_box(self, desk, key):
        desk.page.keyboard.press(key)

        assert desk.page.evaluate("document.activeElement.id") == "global-search"

    def test_arrows_and_enter_open_a_suggestion(self, desk, account):
        page = desk.page
        page.keyboard.press("/")
        page.keyboard.type("晨光")
        page.wait_for_selector("#search-suggest.show a")
        page.keyboard.press("ArrowDown")
        assert page.get_attribute("#global-search", "aria-activedescendant")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(rf"/accounts/{account.pk}/"))

        assert desk.faults == []


class TestRows:
    def test_j_and_k_move_and_enter_opens(self, desk):
        page = desk.page
        page.keyboard.press("j")
        first = page.evaluate("document.activeElement.href")
        page.keyboard.press("j")
        assert page.evaluate("document.activeElement.href") != first
        page.keyboard.press("k")
        assert page.evaluate("document.activeElement.href") == first
        page.keyboard.press("Enter")
        page.wait_for_url(first)

    def test_n_makes_a_new_one_and_letters_in_fields_stay_letters(self, desk):
        page = desk.page
        page.keyboard.press("n")
        page.wait_for_url(re.compile("/accounts/new/"))
        page.focus("input[name=name]")
        page.keyboard.type("nje?/")

        assert page.input_value("input[name=name]") == "nje?/"

    def test_question_mark_shows_the_keys_and_escape_closes(self, desk):
        page = desk.page
        page.keyboard.press("?")
        assert page.locator("dialog#keys[open]").count() == 1
        page.keyboard.press("Escape")
        assert page.locator("dialog#keys[open]").count() == 0


class TestFrame:
    def test_the_first_tab_is_the_skip_link(self, desk):
        page = desk.page
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip-link"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"

    def test_filters_swap_the_rows_and_show_chips(self, desk):
        page = desk.page
        page.fill("[data-filter-bar] input[name=q]", "Boreal")
        expect(page.locator("#rows tbody tr")).to_have_count(1)
        page.wait_for_url(re.compile(r"q=Boreal"))
        assert page.locator(".chip").count() == 1
        page.click(".chip")
        expect(page.locator("#rows tbody tr")).to_have_count(3)

        assert desk.violations() == []
        assert desk.faults == []

    def test_a_filter_swapped_in_reads_as_the_server_writes_it(self, desk):
        page = desk.page
        desk.open("/orders/")
        page.fill("[data-filter-bar] input[name=order_date_after]", "2026-02-01")
        page.wait_for_url(re.compile(r"order_date_after=2026-02-01"))
        swapped = page.locator(".chip").inner_text()
        page.reload()
        assert swapped == page.locator(".chip").inner_text() == "Order date\n≥ 1 Feb 2026"
