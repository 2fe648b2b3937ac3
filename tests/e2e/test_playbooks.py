"""Playbooks at the browser: written by drag and by keyboard, worked on in place; accessible, light and dark."""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from health.services.playbooks import steps_of
from tests.e2e.conftest import PHONE, WIDE
from tests.e2e.test_pages import serious
from tests.factories.health_playbooks import CALL, TALK, make_playbook, make_run

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def titles(playbook):
    return [step.titles.get("en") for step in steps_of(playbook)]


def titles_shown(page):
    shown = page.locator('[data-pb-list] > li:not([hidden]) [data-text="title"][lang="en"]')
    return [shown.nth(number).input_value() for number in range(shown.count())]


class TestBuilder:
    def test_steps_move_come_and_go(self, visit, dora):
        playbook = make_playbook("x", CALL, TALK, CALL)
        visitor = visit()
        visitor.log_in("dora")
        page = visitor.open(reverse("health:playbook_update", args=[playbook.pk]))
        page.locator("[data-sb-handle]").nth(1).focus()
        page.keyboard.press("Alt+ArrowUp")
        assert titles_shown(page) == ["Agree inside", "Call purchasing", "Call purchasing"]
        expect(page.locator("[data-pb-said]")).to_have_text("Step Agree inside is now number 1.")
        first, last = (page.locator("[data-sb-handle]").nth(number).bounding_box() for number in (0, 2))
        page.mouse.move(first["x"] + 5, first["y"] + 5)
        page.mouse.down()
        page.mouse.move(last["x"] + 5, last["y"] + 100, steps=8)
        page.mouse.up()
        assert titles_shown(page) == ["Call purchasing", "Call purchasing", "Agree inside"]
        page.locator("[data-pb-remove]").first.click()
        page.locator("[data-pb-add]").click()
        page.keyboard.type("Write it down")
        expect(page.locator('[data-pb-missing="zh-hans"]')).to_have_text("1")
        page.locator('[name="pb-language"][value="zh-hans"]').check(force=True)
        expect(page.locator("#id_name_zh-hans")).to_be_visible()
        expect(page.locator("#id_name_en")).to_be_hidden()
        page.get_by_role("button", name="Save").click()
        page.wait_for_url(f"**{playbook.get_absolute_url()}")
        assert titles(playbook) == ["Call purchasing", "Agree inside", "Write it down"]
        assert visitor.faults == []
        assert visitor.violations() == []


class TestTasks:
    def test_are_ticked_and_done_in_place(self, visit, account):
        run = make_run(account, today=timezone.localdate())
        visitor = visit()
        visitor.log_in("alice")
        page = visitor.open(run.get_absolute_url())
        tick = page.get_by_role("checkbox", name="Ask the price")
        tick.click()
        expect(tick).to_be_checked()
        expect(tick).to_be_focused()
        page.locator(".pb-do summary").first.click()
        page.get_by_label("Note").first.fill("called")
        page.get_by_role("button", name="Done", exact=True).first.click()
        expect(page.get_by_text("1 of 2 done")).to_be_visible()
        expect(page.locator(".pb-note")).to_have_text("called")
        assert visitor.faults == []


@pytest.mark.parametrize(("viewport", "theme"), [(WIDE, "light"), (WIDE, "dark"), (PHONE, "light"), (PHONE, "dark")])
def test_pages_are_accessible_and_no_wider_than_the_window(visit, account, dora, viewport, theme):
    run = make_run(account, today=timezone.localdate())
    visitor = visit(viewport=viewport, theme=theme)
    visitor.log_in("dora")
    for path in (
        reverse("health:playbook_list"),
        run.playbook.get_absolute_url(),
        reverse("health:playbook_update", args=[run.playbook.pk]),
        reverse("health:playbook_run_list"),
        f"{reverse('health:playbook_run_create')}?account={account.pk}",
        run.get_absolute_url(),
        reverse("health:playbook_task_update", args=[run.tasks.first().pk]),
        reverse("health:effectiveness"),
        reverse("health:account_playbooks", args=[account.pk]),
    ):
        page = visitor.open(path)
        assert serious(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
        assert visitor.violations() == []
    assert visitor.faults == []
