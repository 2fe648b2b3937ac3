"""My day in the browser: the drawer, by mouse and keyboard, on a phone, on paper, and without JavaScript."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from tests.dashboards.pdf_text import page_count
from tests.e2e.conftest import PHONE
from tests.factories import TODAY
from tests.factories.contacts import make_contact
from tests.factories.interactions import make_interaction, make_step, make_visit

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def busy(account, alice):
    """A visit and a promise of Alice today, at an account that much is known about."""
    today = (timezone.localdate() - TODAY).days
    visit = make_visit(account, today, start_time=dt.time(9, 30), purpose="谈二期合同", cadence_days=14)
    make_step(account, today, text="寄出样品", kind="promise")
    for n in range(9):
        person = make_contact(account, f"王建国{n}", decision_role="champion")
        make_interaction(account, n, contacts=[person], title="二期", minutes="谈了价格。" * 200)
        make_step(account, today + 20 + n, text="W" * 200)
    return visit


class TestDrawer:
    def test_opens_on_a_click_and_closes_with_escape(self, visit, busy):
        desk = visit()
        page = desk.log_in("alice")
        expect(page.locator("#portfolio-title")).to_be_visible()
        page.click("text=Dawn Machinery >> nth=0")
        expect(page.locator("dialog#drawer[open] .brief")).to_be_visible()
        expect(page.locator("#drawer")).to_contain_text("谈二期合同")
        assert page.get_attribute("[data-drawer-page]", "href") == reverse("dashboards:visit_brief", args=[busy.pk])
        page.keyboard.press("Escape")
        expect(page.locator("dialog#drawer[open]")).to_have_count(0)

        assert desk.violations() == []
        assert desk.faults == []

    def test_by_keyboard(self, visit, busy):
        page = visit().log_in("alice")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        expect(page.locator("dialog#drawer[open] .brief")).to_be_visible()

    def test_on_a_phone_everything_fits_and_can_be_touched(self, visit, busy):
        page = visit(viewport=PHONE).log_in("alice")
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
        for button in page.locator(".agenda-actions .btn, .myday-bar .btn").all():
            assert button.bounding_box()["height"] >= 44
        page.click("text=Dawn Machinery >> nth=0")
        expect(page.locator("dialog#drawer[open] .brief")).to_be_visible()
        wide = page.evaluate("(d => d.scrollWidth - d.clientWidth)(document.getElementById('drawer'))")
        assert wide <= 0

    def test_done_logs_the_visit_right_there(self, visit, busy):
        page = visit().log_in("alice")
        page.locator(".agenda-actions >> text=Done").first.click()
        expect(page.locator("dialog#log[open]")).to_contain_text("Dawn Machinery")

    def test_a_moved_visit_leads_back_to_the_day(self, visit, busy):
        desk = visit()
        page = desk.log_in("alice")
        page.click(".agenda-actions >> text=Move")
        page.wait_for_url(re.compile(reverse("interactions:visit_move", args=[busy.pk])))
        day = (timezone.localdate() + dt.timedelta(days=9)).isoformat()
        page.fill("main form input[type=date]", day)
        page.locator("main form[method=post] button[type=submit]").last.click()
        page.wait_for_url(re.compile(r"/$"))
        expect(page.locator("#head-visits .agenda-count")).to_have_text("0")

        assert desk.faults == []

    def test_a_kept_promise_leaves_the_list(self, visit, busy):
        desk = visit()
        page = desk.log_in("alice")
        expect(page.locator("#head-steps .agenda-count")).to_have_text("1")
        page.get_by_role("button", name="Done: 寄出样品").click()
        expect(page.locator("#head-steps")).to_have_count(0)

        assert desk.faults == []


class TestPaper:
    def test_the_printed_page_is_one_sheet(self, visit, busy):
        desk = visit()
        desk.log_in("alice")
        page = desk.open(reverse("dashboards:visit_brief", args=[busy.pk]))
        assert page_count(page.pdf(prefer_css_page_size=True)) == 1


class TestWithoutJavaScript:
    def test_links_are_pages(self, client_for, busy, alice):
        """What the drawer and the panels load are addresses of pages of their own."""
        html = client_for(alice).get("/").content.decode()
        for name, args in (("dashboards:visit_brief", [busy.pk]), ("dashboards:portfolio_panel", [])):
            url = reverse(name, args=args)
            assert f'href="{url}"' in html
            assert "<html" in client_for(alice).get(url).content.decode()
