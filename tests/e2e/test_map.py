"""The relationship map in a browser: drag, drop onto somebody, lines, keyboard, undo; and without JavaScript's help."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from contacts.models import ContactLink, Employment
from tests.e2e.conftest import PHONE
from tests.factories.contacts import make_contact
from tests.factories.interactions import make_interaction

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def people(account, alice):
    """A director with two reports, and somebody apart."""
    fields = {"decision_role": "decision_maker", "attitude": "supporter", "influence": 3, "owner": alice}
    boss = make_contact(account, "王建国", **fields).employments.get()
    make_interaction(account, 5, contacts=[boss.contact])
    li = make_contact(account, "李娜", reports_to=boss, attitude="critic").employments.get()
    zhao = make_contact(account, "赵六", reports_to=boss, decision_role="champion").employments.get()
    sun = make_contact(account, "孙丽", position="采购员", attitude="opponent").employments.get()
    return {"boss": boss, "li": li, "zhao": zhao, "sun": sun}


@pytest.fixture
def chart(visit, account, people):
    """Alice's browser at the map."""
    visitor = visit()
    visitor.log_in("alice")
    visitor.open(f"/interactions/accounts/{account.pk}/map/")
    visitor.page.wait_for_selector("[data-map-on]")
    return visitor


def card(visitor, person):
    return visitor.page.locator(f"[data-node='{person.pk}'] .person")


def drag(visitor, person, dx, dy):
    """Take somebody by the middle and let go elsewhere."""
    visitor.page.evaluate("document.querySelector('[data-map]').scrollIntoView()")
    box = card(visitor, person).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse = visitor.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + dx / 2, y + dy / 2, steps=3)
    mouse.move(x + dx, y + dy, steps=3)
    mouse.up()


def drop(visitor, person, other):
    visitor.page.evaluate("document.querySelector('[data-map]').scrollIntoView()")
    one, two = card(visitor, person).bounding_box(), card(visitor, other).bounding_box()
    drag(visitor, person, two["x"] - one["x"], two["y"] - one["y"])


def status(visitor):
    return visitor.page.locator("[data-map-status]")


def place(person):
    person.refresh_from_db()
    return person.map_x, person.map_y


def test_drag_is_kept_and_undone(chart, people):
    sun = people["sun"]
    node = chart.page.locator(f"[data-node='{sun.pk}']")
    before = float(node.get_attribute("x")), float(node.get_attribute("y"))
    drag(chart, sun, 120, 30)
    expect(status(chart)).to_have_text("Saved where 孙丽 stands.")
    x, y = place(sun)
    assert (round(x - before[0]), round(y - before[1])) == (120, 30)
    assert "/contacts/" not in chart.page.url

    chart.page.reload()
    assert float(node.get_attribute("x")) == x
    drag(chart, sun, 50, 0)
    expect(status(chart)).to_have_text("Saved where 孙丽 stands.")
    chart.page.click("[data-map-undo]")
    expect(status(chart)).to_have_text("Undone.")
    assert place(sun) == (x, y)

    chart.page.click("text=Arrange anew")
    chart.page.click("[data-confirm-yes]")
    expect(node).to_have_attribute("x", str(round(before[0])))
    assert place(sun) == (None, None)
    assert not chart.violations()
    assert not chart.faults


def test_lines_follow(chart, people):
    path = chart.page.locator(f"path[data-to='{people['li'].pk}']")
    before = path.get_attribute("d")
    drag(chart, people["li"], 60, 40)
    assert path.get_attribute("d") != before


def test_escape_gives_a_drag_up(chart, people):
    box = card(chart, people["sun"]).bounding_box()
    mouse = chart.page.mouse
    mouse.move(box["x"] + 50, box["y"] + 50)
    mouse.down()
    mouse.move(box["x"] + 150, box["y"] + 60, steps=3)
    chart.page.keyboard.press("Escape")
    mouse.up()
    chart.page.wait_for_timeout(300)
    assert place(people["sun"]) == (None, None)


def test_drop_onto_somebody_asks_first(chart, people):
    sun, boss = people["sun"], people["boss"]
    drop(chart, sun, boss)
    expect(chart.page.locator("#map-drop")).to_be_visible()
    expect(chart.page.locator("#map-drop")).to_contain_text("孙丽 reports to 王建国")
    chart.page.keyboard.press("Escape")
    sun.refresh_from_db()
    assert (sun.reports_to, sun.map_x) == (None, None)

    drop(chart, sun, boss)
    chart.page.click("[data-map-choice=reports]")
    expect(chart.page.locator(f"path[data-from='{boss.pk}'][data-to='{sun.pk}']")).to_have_count(1)
    sun.refresh_from_db()
    assert sun.reports_to == boss

    drop(chart, boss, sun)
    chart.page.click("[data-map-choice=reports]")
    expect(chart.page.locator("[data-map-drop-error]")).to_contain_text("nobody is their own superior")
    chart.page.fill("#map-note", "质量索赔")
    chart.page.click("#map-drop button[value=conflict]")
    expect(chart.page.locator(".map-lines .map-line-conflict")).to_have_count(1)
    link = ContactLink.objects.get()
    assert (link.source, link.target, link.note) == (boss, sun, "质量索赔")

    chart.page.click("[aria-label='Remove the line']")
    expect(chart.page.locator(".map-lines path")).to_have_count(0)
    assert not ContactLink.objects.exists()


def test_by_keyboard_alone(chart, people):
    sun, boss, page = people["sun"], people["boss"], chart.page
    node = page.locator(f"[data-node='{sun.pk}']")
    before = int(node.get_attribute("x")), int(node.get_attribute("y"))
    card(chart, sun).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    expect(status(chart)).to_have_text("Saved where 孙丽 stands.")
    assert place(sun) == (before[0] + 20, before[1] + 100)
    page.keyboard.press("u")
    expect(status(chart)).to_have_text("Undone.")
    assert place(sun) == (None, None)

    page.keyboard.press("l")
    expect(status(chart)).to_contain_text("A line from 孙丽")
    for _times in range(20):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.closest('[data-node]')?.dataset.node") == str(boss.pk):
            break
    page.keyboard.press("Enter")
    expect(page.locator("#map-drop")).to_be_visible()
    page.focus("#map-drop button[value=influence]")
    page.keyboard.press("Enter")
    expect(page.locator(".map-lines .map-line-influence")).to_have_count(1)
    assert ContactLink.objects.get().kind == "influence"

    card(chart, sun).focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"/contacts/{sun.contact_id}/$"))


def test_what_cannot_be_kept_goes_back(chart, people):
    sun = people["sun"]
    Employment.objects.filter(pk=sun.pk).delete()
    node = chart.page.locator(f"[data-node='{sun.pk}']")
    before = node.get_attribute("x")
    drag(chart, sun, 100, 0)
    expect(chart.page.locator("[data-toast=danger]")).to_be_visible()
    assert node.get_attribute("x") == before


def test_without_scripts_forms_do_it(browser, live_server, people, account):
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(f"{live_server.url}/auth/login/")
    page.fill("input[name=login]", "alice")
    page.fill("input[name=password]", "correct horse battery")
    page.click("main button[type=submit]")
    page.goto(f"{live_server.url}/interactions/accounts/{account.pk}/map/")
    expect(page.locator(".map-node")).to_have_count(4)
    page.click(".map-forms summary")
    page.select_option("#superior-person", label="孙丽")
    page.select_option("#superior-superior", label="王建国")
    page.click(".map-forms form:first-child button")
    people["sun"].refresh_from_db()
    assert people["sun"].reports_to == people["boss"]
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_is_accessible_and_fits_a_phone(visit, account, people, theme):
    ContactLink.objects.create(account=account, source=people["li"], target=people["sun"], kind="conflict")
    for viewport in ({"width": 1440, "height": 900}, PHONE):
        visitor = visit(viewport=viewport, theme=theme)
        page = visitor.log_in("alice")
        visitor.open(f"/interactions/accounts/{account.pk}/map/")
        page.wait_for_load_state("networkidle")
        found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        bad = [(one["id"], one["nodes"][0]["html"][:200]) for one in found if one["impact"] in ("serious", "critical")]
        assert not bad
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
        assert not visitor.violations() + visitor.faults


def test_prints_on_one_landscape_page(chart):
    pdf = chart.page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    width, height = map(float, re.search(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", pdf).groups())
    assert width > height
