"""The visit calendar in a browser: dragging, the keyboard, warnings, refusals, without a script, on a phone."""

import datetime as dt
import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from core.models import CalendarDay
from interactions.models import Visit
from tests.e2e.conftest import PHONE
from tests.factories import TODAY
from tests.factories.interactions import make_visit

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
DAY = dt.timedelta(days=1)


@pytest.fixture
def monday() -> dt.date:
    """The Monday after next: its week has no day in the past; every day of it is a working day."""
    today = timezone.localdate()
    first = today + (14 - today.weekday()) * DAY
    for number in range(-7, 14):
        CalendarDay.objects.create(country="CN", date=first + number * DAY, working=True, name=f"day {number}")
    return first


@pytest.fixture
def planned(account, monday) -> Visit:
    return make_visit(account, (monday - TODAY).days, start_time=dt.time(9))


@pytest.fixture
def desk(visit, planned, monday):
    """Alice at the week of her visit."""
    visitor = visit()
    visitor.log_in("alice")
    visitor.open(f"/interactions/visits/calendar/?date={monday.isoformat()}")
    expect(visitor.page.locator(f"[data-visit='{planned.pk}']")).to_be_visible()
    return visitor


def drag(page, visit, columns: int) -> None:
    """From its place to the same time some columns to the right."""
    box = page.locator(f"[data-visit='{visit.pk}']").bounding_box()
    width = page.locator(".ec-time-grid .ec-col-head").nth(1).bounding_box()["width"]
    x, y = box["x"] + box["width"] / 2, box["y"] + 8
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 9):
        page.mouse.move(x + width * columns * step / 8, y)
    page.mouse.up()


def day_of(visit) -> dt.date:
    visit.refresh_from_db()
    return visit.planned_date


class TestDragging:
    def test_moves_and_can_be_undone(self, desk, planned, monday):
        page = desk.page
        drag(page, planned, 2)
        expect(page.locator(".toast-success")).to_be_visible()
        assert day_of(planned) == monday + 2 * DAY
        assert planned.start_time == dt.time(9)

        page.click(".toast-undo")
        expect(page.locator(".toast-undo")).to_have_count(0)
        expect(page.locator(".toast-success")).to_be_visible()
        assert day_of(planned) == monday
        assert desk.violations() == []
        assert desk.faults == []

    def test_a_holiday_is_asked_about(self, desk, planned, monday):
        CalendarDay.objects.filter(date=monday + DAY).update(working=False, name_en="Founders' day")
        page = desk.page
        drag(page, planned, 1)
        expect(page.locator("#confirm-text")).to_contain_text("Founders' day")
        page.click("#confirm [data-dialog-close]")
        expect(page.locator("dialog#confirm[open]")).to_have_count(0)
        assert day_of(planned) == monday

        drag(page, planned, 1)
        page.click("#confirm [data-confirm-yes]")
        expect(page.locator(".toast-success")).to_be_visible()
        assert day_of(planned) == monday + DAY

    def test_a_refusal_puts_it_back_and_says_why(self, desk, planned, monday):
        Visit.objects.filter(pk=planned.pk).update(status="cancelled", closed_at=timezone.now())
        page = desk.page
        before = page.locator(f"[data-visit='{planned.pk}']").bounding_box()["x"]
        drag(page, planned, 2)
        expect(page.locator(".toast-danger")).to_be_visible()
        assert page.locator(f"[data-visit='{planned.pk}']").bounding_box()["x"] == pytest.approx(before, abs=2)


class TestKeyboard:
    def test_arrows_choose_and_enter_moves(self, desk, planned, monday):
        page = desk.page
        page.focus(f"[data-visit='{planned.pk}']")
        page.keyboard.press("ArrowRight")
        expect(page.locator("[data-calendar-live]")).to_contain_text("Enter moves it")
        expect(page.locator(f"[data-visit='{planned.pk}'].visit-pending")).to_be_focused()
        page.keyboard.press("ArrowRight")
        expect(page.locator(f"[data-visit='{planned.pk}'].visit-pending")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator(".toast-success")).to_be_visible()
        assert day_of(planned) == monday + 2 * DAY
        assert desk.violations() == []
        assert desk.faults == []

    def test_escape_leaves_it(self, desk, planned, monday):
        page = desk.page
        page.focus(f"[data-visit='{planned.pk}']")
        page.keyboard.press("ArrowRight")
        expect(page.locator(".visit-pending")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator(".visit-pending")).to_have_count(0)
        assert day_of(planned) == monday

    @pytest.mark.parametrize("key", ["m", "Enter"])
    def test_the_form(self, desk, planned, monday, key):
        page = desk.page
        page.focus(f"[data-visit='{planned.pk}']")
        page.keyboard.press(key)
        page.wait_for_url(re.compile(rf"/visits/{planned.pk}/move/"))
        page.fill("input[name=planned_date]", (monday + DAY).isoformat())
        page.click("main button[type=submit]")
        page.wait_for_url(re.compile(r"/visits/calendar/"))
        assert day_of(planned) == monday + DAY


class TestOtherWays:
    def test_month_shows_it(self, desk, planned, monday):
        page = desk.open(f"/interactions/visits/calendar/?view=month&date={monday.isoformat()}")
        expect(page.locator(f"[data-visit='{planned.pk}']")).to_contain_text("Dawn Machinery")
        assert desk.violations() == []
        assert desk.faults == []

    def test_a_phone_has_the_list(self, visit, planned, monday):
        visitor = visit(viewport=PHONE)
        visitor.log_in("alice")
        page = visitor.open(f"/interactions/visits/calendar/?date={monday.isoformat()}")
        expect(page.locator(".day-link", has_text="Dawn Machinery")).to_be_visible()
        expect(page.locator("[data-calendar]")).to_be_hidden()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
