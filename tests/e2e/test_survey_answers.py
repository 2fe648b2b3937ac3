"""The answer page in a real browser: on a phone with scripts and at 320 px without, and where staff enter an answer."""

import datetime as dt

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Page, expect

from surveys.models import Response
from tests.e2e.conftest import PHONE, Visitor
from tests.factories.contacts import make_contact
from tests.factories.surveys import CampaignFactory, InvitationFactory, token_of

pytestmark = [pytest.mark.e2e]
NARROW = {"width": 320, "height": 640}


@pytest.fixture
def path(account) -> str:
    cache.clear()
    days = {"expires_on": timezone.localdate() + dt.timedelta(days=5)}
    return f"/s/{token_of(InvitationFactory(account=account, language='en', **days))}"


def check(page: Page) -> None:
    """Nothing that axe complains about, nothing wider than the screen, one request."""
    page.wait_for_load_state("load")
    found = Axe().run(page).response["violations"]
    assert not found, [(fault["id"], [node["target"] for node in fault["nodes"]]) for fault in found]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not page.evaluate("performance.getEntriesByType('resource').filter(e => e.initiatorType != 'fetch').length")


def rate(page: Page, key: str, place: int) -> None:
    page.locator(f"#q-{key} .aq-point").nth(place).tap()


def test_on_a_phone(visit, path):
    visitor: Visitor = visit(PHONE)
    page = visitor.open(path)
    forward, progress = page.locator("[data-forward]"), page.locator("[data-progress]")
    expect(progress).to_have_text("Page 1 of 3 · Question 1 of 2")
    check(page)
    forward.click()
    expect(page.locator("#q-recommend .aq-fault")).to_have_text("Please answer this question.")
    rate(page, "recommend", 3)
    expect(progress).to_have_text("Page 1 of 3 · Question 1 of 3")  # 3 opens the question why
    with page.expect_response(lambda answer: answer.request.method == "POST") as kept:
        pass
    assert kept.value.status == 204
    expect(page.locator("[data-status]")).to_have_text("Saved")
    assert Response.objects.get().answers == {"recommend": 3}
    forward.click()
    page.locator("#q-reasons .aq-choice", has_text="Choice other").tap()
    page.fill("#q-reasons .aq-other", "<b>晚</b>")
    forward.click()
    rate(page, "satisfied", 1)
    forward.click()
    page.wait_for_url("**page=two**")
    for _ in range(3):
        forward.click()
    for place in (2, 0):
        page.locator("#q-order button").nth(place).tap()
    check(page)
    forward.click()
    page.wait_for_url("**page=three**")
    page.fill("#q-years-input", "many")
    for _ in range(2):
        forward.click()
    page.fill("#q-comment-input", "😀 مرحبا <script>alert(1)</script>")
    forward.click()
    expect(page.locator("[data-faults]")).to_be_focused()
    expect(page.locator("#q-years-input")).to_have_value("many")
    check(page)
    page.fill("#q-years-input", "3")
    for _ in range(3):
        forward.click()
    expect(page.locator("h1")).to_have_text("Thank you")
    check(page)
    answers = Response.objects.get().answers
    assert answers["reasons"] == {"choices": ["other"], "text": "<b>晚</b>"}
    assert answers["order"] == {"choices": ["quality", "price", "speed"]}
    assert answers["comment"] == "😀 مرحبا <script>alert(1)</script>"
    page.click("text=Change my answer")
    expect(page.locator("#q-recommend")).to_be_visible()  # not the page that is being left
    check(page)
    rate(page, "recommend", 9)
    expect(page.locator("#q-reasons")).to_be_hidden()
    page.click("text=简体中文")
    expect(page.locator("input[name=q-recommend]:checked")).to_have_value("9")
    page.locator("[data-forward]").click()
    expect(page.locator("[data-faults]")).to_have_count(0)
    page.wait_for_url("**lang=zh-hans")
    assert Response.objects.get().answers["recommend"] == 9
    assert not visitor.violations()
    assert [fault for fault in visitor.faults if "422" not in fault] == []


def test_without_scripts_at_320_px(browser, live_server, path):
    context = browser.new_context(viewport=NARROW, java_script_enabled=False, color_scheme="dark")
    page = context.new_page()
    page.goto(live_server.url + path)
    forward = "main button.main"
    page.locator("#q-recommend label").nth(2).click()
    page.click(forward)
    expect(page.locator(".note")).to_contain_text("opens another question")
    page.locator("#q-reasons label").nth(0).click()
    page.click(forward)
    page.locator("#q-order select").nth(0).select_option("1")
    page.click(forward)
    expect(page.locator(".faults")).to_contain_text("Put every item into your order.")
    page.locator("#q-order select").nth(1).select_option("3")
    page.locator("#q-order select").nth(2).select_option("2")
    page.click(forward)
    page.fill("#q-years-input", "3")
    page.press("#q-years-input", "Enter")  # sends, and changes no language
    expect(page.locator("h1")).to_have_text("Thank you")
    context.close()
    row = Response.objects.get()
    assert (row.status, row.language) == ("complete", "en")
    assert row.answers["order"] == {"choices": ["price", "quality", "speed"]}


def test_staff_enter_an_answer(visit, alice, account):
    make_contact(account)
    campaign = CampaignFactory()
    visitor: Visitor = visit()
    visitor.log_in("alice")
    page = visitor.open(f"/surveys/responses/new/?account={account.pk}&campaign={campaign.pk}")
    page.locator("#q-recommend .aq-point").nth(2).click()
    expect(page.locator("#q-reasons")).to_be_visible()
    page.locator("#q-reasons .aq-choice").nth(0).click()
    page.locator("#q-order button").nth(1).click()
    page.locator("#q-order button").nth(0).click()
    page.click("text=Save the answer")
    expect(page.locator("#toasts")).to_contain_text("The answer was saved.")
    expect(page.locator("main")).to_contain_text("Entered by staff: by phone")
    row = Response.objects.get()
    assert row.answers["order"] == {"choices": ["speed", "price", "quality"]}
    assert (visitor.faults, visitor.violations()) == ([], [])
