"""Logging an interaction on a phone: few taps, nothing lost when the network or the page goes."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from interactions.models import Interaction
from tests.e2e.conftest import PHONE
from tests.factories.contacts import make_contact
from tests.factories.interactions import make_interaction, make_visit

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

FORM = "dialog[open] [data-log-form]"
DONE = "dialog[open] [data-log-done]"
MOST_TAPS = 12


class Thumb:
    """Counts what a person does: each tap, each field that is typed into."""

    def __init__(self, page):
        self.page, self.count = page, 0

    def tap(self, selector):
        self.count += 1
        self.page.locator(selector).first.tap()

    def type(self, selector, text):
        self.count += 1
        self.page.locator(selector).first.fill(text)


@pytest.fixture
def logged_before(account):
    """Alice's account, known as one that she wrote about."""
    make_interaction(account, 5)
    return account


@pytest.fixture
def phone(visit, alice, logged_before):
    visitor = visit(viewport=PHONE)
    visitor.log_in("alice")
    visitor.open("/accounts/")
    return visitor


def open_form(page, account=None):
    page.locator(".bottombar-plus").tap()
    page.wait_for_selector(FORM)
    if account is not None:
        page.locator(f"{FORM} a.pill[hx-get*='account={account.pk}']").tap()
        page.wait_for_selector(f"{FORM} .log-account")


def choose(page, name, value):
    page.locator(f"{FORM} label:has(input[name={name}][value={value}])").tap()


def save(page):
    page.locator(f"{FORM} button[type=submit]").tap()


def new_rows():
    return Interaction.objects.filter(minutes__startswith="谈")


class TestQuick:
    def test_a_visit_with_people_outcome_words_and_a_promise(self, phone, account):
        contact = make_contact(account)
        page, thumb = phone.page, Thumb(phone.page)
        thumb.tap(".bottombar-plus")
        thumb.tap(f"{FORM} a.pill[hx-get*='account={account.pk}']")
        thumb.tap(f"{FORM} label:has(input[name=contacts])")
        thumb.tap(f"{FORM} label:has(input[name=kind][value=visit])")
        thumb.tap(f"{FORM} label:has(input[name=outcome][value=good])")
        thumb.tap(f"{FORM} label:has(input[name=mood][value='4'])")
        thumb.type(f"{FORM} textarea[name=minutes]", "谈了明年的框架协议")
        thumb.type(f"{FORM} input[name='steps-0-text']", "发报价")
        thumb.tap(f"{FORM} label:has(input[name='steps-0-promise'])")
        thumb.tap(f"{FORM} [data-days='1']")
        thumb.tap(f"{FORM} button[type=submit]")
        expect(page.locator(DONE)).to_be_visible()

        row = new_rows().get()
        assert thumb.count <= MOST_TAPS
        assert (row.account, row.kind, row.outcome, row.mood) == (account, "visit", "good", 4)
        assert list(row.contacts.all()) == [contact]
        step = row.next_steps.get()
        assert (step.text, step.kind, (step.due_date - timezone.localdate()).days) == ("发报价", "promise", 1)
        assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('kam.log'))") == []
        assert phone.violations() == []
        assert phone.faults == []

    def test_the_least_is_four_taps(self, phone, account):
        thumb = Thumb(phone.page)
        for selector in (".bottombar-plus", f"{FORM} a.pill[hx-get*='account={account.pk}']"):
            thumb.tap(selector)
        thumb.tap(f"{FORM} label:has(input[name=kind][value=call])")
        thumb.tap(f"{FORM} button[type=submit]")
        expect(phone.page.locator(DONE)).to_be_visible()

        assert thumb.count == 4
        assert Interaction.objects.filter(kind="call").count() == 1

    def test_a_planned_visit_is_done_and_the_next_one_offered(self, phone, account):
        planned = make_visit(account, 0)
        planned.planned_date = timezone.localdate()
        planned.save()
        page = phone.page
        open_form(page)
        page.locator(f"{FORM} a.pill[hx-get*='visit={planned.pk}']").tap()
        expect(page.locator(f"{FORM} input[name=kind][value=visit]")).to_be_checked()
        save(page)
        expect(page.locator(f"{DONE} [data-log-next]")).to_be_visible()
        planned.refresh_from_db()
        assert planned.status == "done"

        day = (timezone.localdate() + timezone.timedelta(days=9)).isoformat()
        page.fill(f"{DONE} input[name=planned_date]", day)
        page.locator(f"{DONE} [data-log-next] button").tap()
        expect(page.locator(f"{DONE} [data-log-next]")).to_contain_text("Next visit:")
        assert account.visits.filter(status="planned", planned_date=day).exists()
        assert phone.faults == []

    def test_what_is_missing_is_said_and_nothing_is_lost(self, phone, account):
        page = phone.page
        open_form(page, account)
        page.fill(f"{FORM} textarea[name=minutes]", "谈了价格")
        save(page)
        expect(page.locator(f"{FORM} .form-errors")).to_be_visible()
        assert page.input_value(f"{FORM} textarea[name=minutes]") == "谈了价格"
        choose(page, "kind", "call")
        save(page)
        expect(page.locator(DONE)).to_be_visible()
        assert new_rows().count() == 1


class TestDraft:
    def test_comes_back_after_a_reload_and_goes_when_it_is_sent(self, phone, account):
        page = phone.page
        open_form(page, account)
        choose(page, "kind", "call")
        page.fill(f"{FORM} textarea[name=minutes]", "谈了半句")
        page.set_input_files(
            f"{FORM} input[name=files]", {"name": "报价.txt", "mimeType": "text/plain", "buffer": b"one"}
        )
        expect(page.locator(f"{FORM} [data-log-kept]")).to_have_text("Kept on this device")
        page.reload()
        open_form(page)
        expect(page.locator(f"{FORM} [data-log-note]")).to_contain_text("restored")
        expect(page.locator(f"{FORM} textarea[name=minutes]")).to_have_value("谈了半句")
        expect(page.locator(f"{FORM} .log-account")).to_be_visible()
        expect(page.locator(f"{FORM} input[name=kind][value=call]")).to_be_checked()
        save(page)
        expect(page.locator(DONE)).to_be_visible()

        assert [file.name for file in new_rows().get().files.all()] == ["报价.txt"]
        assert page.evaluate("localStorage.length") == 0
        assert phone.faults == []

    def test_can_be_discarded(self, phone, account):
        page = phone.page
        open_form(page, account)
        page.fill(f"{FORM} textarea[name=minutes]", "谈了半句")
        expect(page.locator(f"{FORM} [data-log-kept]")).to_have_text("Kept on this device")
        page.reload()
        open_form(page)
        page.get_by_role("button", name="Discard it").tap()
        expect(page.locator(f"{FORM} textarea[name=minutes]")).to_have_value("")
        assert page.evaluate("localStorage.length") == 0

    def test_is_never_shown_to_another_user_and_goes_with_the_logout(self, phone, account, lee):
        page = phone.page
        open_form(page, account)
        page.fill(f"{FORM} textarea[name=minutes]", "谈了秘密")
        expect(page.locator(f"{FORM} [data-log-kept]")).to_have_text("Kept on this device")
        page.context.clear_cookies(name="sessionid")
        phone.log_in("lee")
        page.goto(phone.base + reverse("interactions:interaction_log"))
        expect(page.locator("main [data-log-form]")).to_be_visible()
        page.wait_for_timeout(500)
        assert "谈了秘密" not in page.content()
        assert page.input_value("main textarea[name=minutes]") == ""

        page.context.clear_cookies(name="sessionid")
        phone.log_in("alice")
        page.locator("[data-dialog=me]").tap()
        page.locator('#me form[action$="/logout/"] button').tap()
        expect(page.locator("#confirm-text")).to_contain_text("deletes them")
        page.locator("[data-confirm-yes]").tap()
        page.wait_for_url(re.compile(r"/auth/"))
        assert "谈了秘密" not in page.evaluate("JSON.stringify(localStorage)")


class TestNetwork:
    def test_what_could_not_be_sent_is_sent_later_and_once(self, phone, account):
        page = phone.page
        open_form(page, account)
        choose(page, "kind", "call")
        page.fill(f"{FORM} textarea[name=minutes]", "谈了在隧道里")
        page.context.set_offline(True)
        save(page)
        expect(page.locator(f"{FORM} [data-log-note]")).to_contain_text("Kept on this device")
        assert page.input_value(f"{FORM} textarea[name=minutes]") == "谈了在隧道里"
        assert not new_rows().exists()

        page.context.set_offline(False)
        expect(page.locator(DONE)).to_be_visible()
        page.reload()
        page.wait_for_timeout(500)
        assert new_rows().count() == 1
        assert page.evaluate("localStorage.length") == 0

    def test_an_answer_that_got_lost_makes_no_second_row(self, phone, account):
        """The server saved it, the phone never heard: it sends again, and hears of the first."""
        page = phone.page
        open_form(page, account)
        choose(page, "kind", "call")
        page.fill(f"{FORM} textarea[name=minutes]", "谈了两次")

        def lose(route):
            route.fetch()
            route.abort()

        page.route("**/interactions/log/", lose)
        save(page)
        expect(page.locator(f"{FORM} [data-log-note]")).to_contain_text("Kept on this device")
        assert new_rows().count() == 1
        page.unroute("**/interactions/log/")
        save(page)
        expect(page.locator(DONE)).to_be_visible()
        assert new_rows().count() == 1

    def test_waits_for_the_next_login(self, phone, account):
        page = phone.page
        open_form(page, account)
        choose(page, "kind", "call")
        page.fill(f"{FORM} textarea[name=minutes]", "谈了很久")
        page.context.clear_cookies(name="sessionid")
        save(page)
        expect(page.locator(f"{FORM} [data-log-note]")).to_contain_text("logged out")
        page.locator(f"{FORM} [data-log-note] a").tap()
        page.fill("input[name=login]", "alice")
        page.fill("input[name=password]", "correct horse battery")
        page.click("main button[type=submit]")
        expect(page.locator("[data-toast=success]", has_text="Sent")).to_be_visible()
        assert new_rows().count() == 1


class TestPlace:
    def test_is_recorded_after_a_tick(self, phone, account):
        context = phone.page.context
        context.grant_permissions(["geolocation"])
        context.set_geolocation({"latitude": 31.2304, "longitude": 121.4737, "accuracy": 12})
        page = phone.page
        open_form(page, account)
        choose(page, "kind", "visit")
        page.fill(f"{FORM} textarea[name=minutes]", "谈于厂区")
        page.locator(f"{FORM} input[name=consent]").tap()
        expect(page.locator(f"{FORM} [data-log-place]")).to_contain_text("accurate to 12 m")
        save(page)
        expect(page.locator(DONE)).to_be_visible()
        row = new_rows().get()
        assert (float(row.check_in.latitude), float(row.check_in.longitude)) == (31.2304, 121.4737)
        assert phone.violations() == []

    def test_that_is_refused_stops_nothing(self, phone, account):
        page = phone.page
        open_form(page, account)
        choose(page, "kind", "visit")
        page.fill(f"{FORM} textarea[name=minutes]", "谈于门口")
        page.locator(f"{FORM} input[name=consent]").tap()
        expect(page.locator(f"{FORM} input[name=consent]")).not_to_be_checked()
        save(page)
        expect(page.locator(DONE)).to_be_visible()
        assert not hasattr(new_rows().get(), "check_in")


class TestKeyboard:
    def test_l_opens_it_with_the_account_of_the_page(self, visit, alice, logged_before):
        visitor = visit()
        page = visitor.log_in("alice")
        visitor.open(logged_before.get_absolute_url())
        page.keyboard.press("l")
        expect(page.locator(f"{FORM} .log-account")).to_contain_text("Dawn Machinery")
        page.locator(f"{FORM} label:has(input[name=kind][value=email])").click()
        page.fill(f"{FORM} textarea[name=minutes]", "谈了 @an")
        page.locator(f"{FORM} [data-log-mentions] button", has_text="Ann").click()
        expect(page.locator(f"{FORM} textarea[name=minutes]")).to_have_value("谈了 @Ann ")
        page.keyboard.press("Control+Enter")
        expect(page.locator(DONE)).to_be_visible()
        assert [user.username for user in new_rows().get().mentioned.all()] == ["ann"]
        with page.expect_navigation():  # the page shows what is new
            page.keyboard.press("Escape")
        page.keyboard.press("g")
        page.keyboard.press("s")
        page.wait_for_url(re.compile(r"/interactions/steps/"))
        assert visitor.violations() == []
        assert visitor.faults == []
