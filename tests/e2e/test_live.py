"""What refreshes itself: the bell and its list, and any part of a page with `data-live`."""

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from notifications.models import Notification
from tests.factories.notifications import make_notification

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
COUNT = "/notifications/unread/"
HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture
def desk(visit, account, alice):
    """Alice at a page whose clock goes when the test says so; `desk.asked` are the answers to the bell so far."""
    visitor = visit()
    visitor.log_in("alice")
    visitor.page.wait_for_load_state("networkidle")  # what the first page asks is not counted
    visitor.page.clock.install()
    visitor.asked = []
    visitor.page.on("response", lambda answer: COUNT in answer.url and visitor.asked.append(answer.status))
    visitor.open("/accounts/")
    wait_for(visitor, 1)
    return visitor


def wait_for(desk, count):
    """Until so many answers are there; time of the page stands still meanwhile."""
    for _try in range(100):
        if len(desk.asked) >= count:
            return
        desk.page.wait_for_timeout(50)
    raise AssertionError(desk.asked)


class TestBell:
    def test_counts_without_a_reload_and_asks_for_no_more_than_news(self, desk, alice):
        expect(desk.page.locator(".btn-bell .bell-count")).to_be_hidden()
        desk.page.clock.run_for(40_000)
        wait_for(desk, 2)
        make_notification(alice)
        desk.page.clock.run_for(40_000)

        expect(desk.page.locator(".btn-bell .bell-count")).to_have_text("1")
        assert desk.asked[:3] == [200, 304, 200]
        assert desk.faults == []

    def test_an_open_list_follows_and_is_read_in_one_click(self, desk, alice):
        make_notification(alice, "1", title="first")
        desk.page.click(".btn-bell")
        expect(desk.page.locator(".bell-list")).to_contain_text("first")
        desk.page.clock.run_for(40_000)
        wait_for(desk, 2)
        make_notification(alice, "2", title="second")
        desk.page.clock.run_for(40_000)
        expect(desk.page.locator(".bell-list li").first).to_contain_text("second")

        desk.page.get_by_role("button", name="Mark all as read").click()
        expect(desk.page.locator(".bell-list .is-unread")).to_have_count(0)
        desk.page.clock.run_for(2_000)
        expect(desk.page.locator(".btn-bell .bell-count")).to_be_hidden()
        assert not alice.notifications.unread().exists()
        assert desk.violations() == []

    def test_one_of_the_list_opens_and_is_read(self, desk, alice, account):
        notice = make_notification(alice, url=f"/accounts/{account.pk}/")
        desk.page.click(".btn-bell")
        desk.page.locator(".bell-list a").first.click()
        desk.page.wait_for_url(f"**/accounts/{account.pk}/")

        assert not Notification.objects.get(pk=notice.pk).is_unread


class TestManners:
    def test_a_hidden_tab_asks_nothing_and_a_shown_one_at_once(self, desk, alice):
        desk.page.evaluate(HIDE, arg=True)
        desk.page.clock.run_for(600_000)
        assert len(desk.asked) == 1

        make_notification(alice)
        desk.page.evaluate(HIDE, arg=False)
        desk.page.clock.run_for(1_000)
        expect(desk.page.locator(".btn-bell .bell-count")).to_have_text("1")

    def test_errors_make_it_slower(self, desk):
        desk.page.route(f"**{COUNT}", lambda route: route.fulfill(status=503, body="busy"))
        for _minute in range(20):
            desk.page.clock.run_for(60_000)
            desk.page.wait_for_timeout(30)
        assert 3 <= len(desk.asked) <= 9
        desk.faults.clear()  # the browser's own words for the 503

    def test_an_ended_session_is_said_once_and_nothing_is_asked_any_more(self, desk):
        Session.objects.all().delete()
        desk.page.clock.run_for(40_000)
        toast = desk.page.locator("#toasts a", has_text="Your session has ended")
        expect(toast).to_have_attribute("href", "/auth/login/?next=%2Faccounts%2F")
        wait_for(desk, 2)
        assert desk.asked[-1] == 401
        before = len(desk.asked)
        desk.page.clock.run_for(3_600_000)

        assert len(desk.asked) == before
        expect(toast).to_have_count(1)
        assert desk.page.url.endswith("/accounts/")


class TestAnyPart:
    def put(self, page, content="old"):
        """A part of the page, as a template would have it."""
        page.evaluate(
            """(content) => {
              const part = document.createElement("section");
              part.id = "part";
              part.dataset.live = "/notifications/latest/";
              part.dataset.liveEvery = "20";
              part.innerHTML = content;
              document.querySelector("main").append(part);
              window.htmx.trigger(part, "htmx:load", { elt: part });
            }""",
            content,
        )

    def test_takes_the_answer_that_changed(self, desk, alice):
        make_notification(alice, title="news")
        self.put(desk.page)
        desk.page.clock.run_for(25_000)
        expect(desk.page.locator("#part")).to_contain_text("news")

    def test_waits_while_somebody_is_in_a_field(self, desk, alice):
        make_notification(alice, title="news")
        self.put(desk.page, '<input name="typed">')
        desk.page.fill("#part input", "half a sen")
        desk.page.clock.run_for(60_000)
        desk.page.wait_for_timeout(200)
        assert desk.page.input_value("#part input") == "half a sen"

        desk.page.evaluate("document.activeElement.blur()")
        desk.page.clock.run_for(10_000)
        expect(desk.page.locator("#part")).to_contain_text("news")

    def test_one_that_was_taken_away_asks_nothing(self, desk):
        asked = []
        desk.page.on("request", lambda request: "/latest/" in request.url and asked.append(request.url))
        self.put(desk.page)
        desk.page.evaluate("document.getElementById('part').remove()")
        desk.page.clock.run_for(120_000)
        assert asked == []
