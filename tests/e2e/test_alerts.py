"""The inbox by keyboard and on a phone; its pages: accessible, no wider than the window, light and dark."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from health.models import Playbook
from tests.e2e.conftest import PHONE, WIDE
from tests.e2e.test_pages import serious
from tests.factories.accounts import AccountFactory
from tests.factories.health_alerts import (
    make_alert,
    make_alert_rule,
    make_comment,
    make_evidence,
    make_health,
    make_health_run,
    make_part,
    make_points,
)

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
INBOX = reverse("health:alert_list")


@pytest.fixture
def alerts(account, alice, today):
    """Four of Alice's, the first with a long story."""
    Playbook.objects.create(names={"en": "Orders stopped"}, reasons=["order_gap"])
    others = [
        AccountFactory(manager=alice, name=f"客户{number}有限公司", name_en=f"Client {number}") for number in "123"
    ]
    now = timezone.now()
    rows = [
        make_alert(
            owner, rank=100 - place, severity=4 - place, opened_on=timezone.localdate(now),
            due_at=now + dt.timedelta(1),
            evidence_now=make_evidence(make_part(), make_part("returns", 0.3, severity=0.2), probability=0.8),
        )
        for place, owner in enumerate([account, *others])
    ]  # fmt: skip
    make_points(account, 80, 70, 38, until=timezone.localdate())
    make_comment(rows[0])
    for place, owner in enumerate([account, *others]):
        make_health(owner, 20 * place, 0.2 * place)
    return rows


@pytest.fixture
def desk(visit, alerts):
    visitor = visit()
    visitor.log_in("alice")
    visitor.open(INBOX)
    return visitor


def beside(page, alert):
    """Waits until this alert is beside the list."""
    page.locator(f'#alert[data-alert="{alert.pk}"]').wait_for()


class TestKeyboard:
    def test_through_the_inbox_without_the_mouse(self, desk, alerts, alice):
        page, press = desk.page, desk.page.keyboard.press
        beside(page, alerts[0])
        press("j")
        beside(page, alerts[1])
        press("j")
        beside(page, alerts[2])
        press("k")
        beside(page, alerts[1])
        expect(page.locator(".inbox-row [aria-current]")).to_contain_text("Client 1")
        assert page.url.endswith(f"alert={alerts[1].pk}")
        press("Enter")
        expect(page.locator("#alert")).to_be_focused()

        press("a")
        page.get_by_text("You take care of it").wait_for()
        beside(page, alerts[1])

        press("c")
        expect(page.locator("#alert textarea[name=text]")).to_be_focused()
        page.keyboard.type("jkasr")  # letters in a field stay letters
        press("Control+Enter")
        page.locator("#alert .list-group").get_by_text("jkasr").wait_for()

        press("s")
        expect(page.locator("#alert input[name=until]")).to_be_focused()
        press("Escape")
        press("Escape")
        press("r")
        expect(page.locator("#alert input[name=outcome]").first).to_be_focused()
        press("Space")
        press("Tab")
        page.keyboard.type("来电，下周下单")
        press("Control+Enter")
        beside(page, alerts[2])  # the next one takes its place
        expect(page.locator(".inbox-row")).to_have_count(3)

        alerts[1].refresh_from_db()
        assert (alerts[1].status, alerts[1].outcome, alerts[1].resolution) == ("resolved", "saved", "来电，下周下单")
        assert alerts[1].acknowledged_by == alice
        assert desk.faults == []
        assert desk.violations() == []

    def test_snooze_for_a_week_and_undo(self, desk, alerts):
        page = desk.page
        beside(page, alerts[0])
        page.keyboard.press("s")
        page.get_by_role("button", name="In a week").click()
        beside(page, alerts[1])
        alerts[0].refresh_from_db()
        assert alerts[0].snoozed_until == timezone.localdate() + dt.timedelta(days=7)
        page.get_by_role("button", name="Undo").click()
        page.wait_for_url(re.compile(rf"/{alerts[0].pk}/"))
        alerts[0].refresh_from_db()
        assert alerts[0].status == "open"
        assert desk.faults == []

    def test_a_refusal_keeps_what_was_typed(self, desk, alerts):
        page = desk.page
        page.keyboard.press("r")
        page.get_by_label("Lost").check()
        page.locator("#alert textarea[name=resolution]").fill("换了供应商")
        page.locator("#alert").get_by_role("button", name="Resolve").click()
        page.get_by_text("Say why the customer was lost.").first.wait_for()
        assert page.locator("#alert textarea[name=resolution]").input_value() == "换了供应商"
        page.locator("#alert select[name=lost_cause]").select_option("competitor")
        page.locator("#alert").get_by_role("button", name="Resolve").click()
        beside(page, alerts[1])
        alerts[0].refresh_from_db()
        assert alerts[0].lost_cause == "competitor"

    def test_filters_keep_the_tab(self, desk, alerts):
        page = desk.page
        page.get_by_role("link", name=re.compile("^Snoozed")).click()
        page.wait_for_url(re.compile("state=snoozed"))
        page.locator("select[name=tier]").select_option("A")
        page.wait_for_url(re.compile("tier=A"))
        assert "state=snoozed" in page.url
        expect(page.locator(".inbox-head .nav-link.active")).to_contain_text("Snoozed")


class TestManyAtOnce:
    def test_tick_with_keys_then_resolve_on_one_page(self, desk, alerts, alice):
        page, press = desk.page, desk.page.keyboard.press
        beside(page, alerts[0])
        bar = page.locator(".inbox-bulk")
        expect(bar).to_be_hidden()
        press("x")  # the one beside the list
        expect(bar).to_contain_text("1 selected")
        press("j")
        beside(page, alerts[1])
        press("x")
        expect(bar).to_contain_text("2 selected")
        expect(page.locator(".inbox-row.is-selected")).to_have_count(2)
        press("r")  # the ticked ones, not the one beside the list
        page.get_by_role("heading", name="Resolve 2 alerts").wait_for()
        assert serious(page) == []
        page.get_by_label("Lost").check()
        page.get_by_role("button", name="Resolve", exact=True).click()
        page.get_by_text("Say why the customer was lost.").first.wait_for()
        page.locator("select[name=lost_cause]").select_option("price")
        page.get_by_role("button", name="Resolve", exact=True).click()
        page.get_by_text("2 alerts resolved: Lost").wait_for()
        beside(page, alerts[2])
        expect(page.locator(".inbox-row")).to_have_count(2)
        for alert in alerts[:2]:
            alert.refresh_from_db()
            assert (alert.status, alert.lost_cause, alert.resolved_by) == ("resolved", "price", alice)
        assert desk.faults == []
        assert desk.violations() == []

    def test_all_on_the_page_are_acknowledged(self, desk, alerts):
        page = desk.page
        page.get_by_label("Select all on this page").check()
        expect(page.locator(".inbox-bulk")).to_contain_text("4 selected")
        page.keyboard.press("a")
        page.get_by_text("You take care of 4 alerts.").wait_for()
        for alert in alerts:
            alert.refresh_from_db()
            assert alert.status == "acknowledged"

    def test_on_a_phone(self, visit, alerts):
        phone = visit(PHONE)
        page = phone.log_in("alice")
        phone.open(INBOX)
        box = page.locator(".inbox-row .inbox-tick").first
        assert box.bounding_box()["width"] >= 44
        box.tap()
        page.locator(".inbox-bulk").get_by_role("button", name="Snooze").tap()
        page.get_by_role("button", name="In a week").tap()
        page.get_by_text("1 alert rests until").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        alerts[0].refresh_from_db()
        assert alerts[0].status == "snoozed"
        assert phone.faults == []


class TestPhone:
    def test_one_pane_and_the_bottom_bar(self, visit, alerts):
        phone = visit(PHONE)
        page = phone.log_in("alice")
        page.locator(".bottombar").get_by_text("Alerts").tap()
        page.wait_for_url(re.compile(INBOX))
        assert not page.locator("#alert").is_visible()
        page.locator(".inbox-row a").nth(1).tap()
        page.wait_for_url(re.compile(rf"{INBOX}{alerts[1].pk}/"))
        box = page.get_by_role("button", name="Acknowledge").bounding_box()
        assert box["height"] >= 44
        page.get_by_role("button", name="Acknowledge").tap()
        page.get_by_text("You take care of it").first.wait_for()
        alerts[1].refresh_from_db()
        assert alerts[1].status == "acknowledged"
        assert phone.faults == []


class TestLongLists:
    @pytest.fixture
    def crowd(self, alice):
        """Thirty accounts with names of 80 letters, all with an alert."""
        for number in range(30):
            name = f"Client-{number:02}-" + "x" * 70
            owner = AccountFactory(manager=alice, name=name, name_en=name)
            make_alert(owner, rank=100 - number, evidence_now=make_evidence(make_part()))
            make_health(owner, 40, 0.5)

    def test_scroll_in_their_frame_and_end_before_the_next_column(self, visit, crowd):
        visitor = visit()
        page = visitor.log_in("alice")
        for path in (INBOX, reverse("health:risk_list")):
            visitor.open(path)
            page.wait_for_load_state("networkidle")
            assert page.evaluate("document.documentElement.scrollHeight") == WIDE["height"], path
        name, score = page.locator(".risk-table tbody tr").first.locator("td").all()[:2]
        link, beside_it = name.locator("a").bounding_box(), score.bounding_box()
        assert link["x"] + link["width"] <= beside_it["x"]

    def test_fit_the_narrowest_phone(self, visit, crowd):
        visitor = visit({"width": 320, "height": 700})
        page = visitor.log_in("alice")
        for path in (INBOX, reverse("health:risk_list"), reverse("health:matrix")):
            visitor.open(path)
            page.wait_for_load_state("networkidle")
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


@pytest.mark.parametrize(("viewport", "theme"), [(WIDE, "light"), (WIDE, "dark"), (PHONE, "light"), (PHONE, "dark")])
def test_pages(visit, alerts, account, dora, viewport, theme):
    make_health_run(gap_from=timezone.localdate(), gap_until=timezone.localdate(), withheld=3)
    make_alert(account, "unhappy", "resolved", resolved_at=timezone.now())
    visitor = visit(viewport, theme=theme)
    page = visitor.log_in("dora")
    names = ("alert_list", "matrix", "risk_list", "alert_measures", "rule_list", "rule_create", "policy_update")
    paths = [reverse(f"health:{name}") for name in names]
    paths += [alerts[0].get_absolute_url(), make_alert_rule().get_absolute_url(), f"{INBOX}?state=resolved"]
    for path in paths:
        visitor.open(path)
        assert serious(page) == []
        assert visitor.violations() == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    assert visitor.faults == []


def test_conditions_are_added_without_losing_what_was_typed(visit, alerts, dora):
    visitor = visit()
    page = visitor.log_in("dora")
    visitor.open(reverse("health:rule_create"))
    page.locator("input[name=name]").fill("高风险")
    page.get_by_role("button", name="Add a condition").click()
    page.get_by_role("group", name="Condition 2").wait_for()
    assert page.locator("input[name=name]").input_value() == "高风险"
    page.get_by_role("button", name="Remove condition 1").click()
    page.get_by_role("group", name="Condition 2").wait_for(state="detached")
    page.get_by_role("button", name="For how many accounts would it fire?").click()
    page.get_by_text("By the scores of last night it would fire for").wait_for()
    page.locator("select[name=reason]").select_option("churn_risk")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("The rule “高风险” was saved.").first.wait_for()
    assert visitor.faults == []
