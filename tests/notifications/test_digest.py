"""The daily digest: one mail a working day, at the reader's own eight o'clock."""

import datetime as dt

from notifications.models import Delivery, Notification, NotificationPreference
from notifications.services.routing import route_new
from tests.notifications.conftest import MORNING, deliver

MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
EIGHT = dt.datetime(2026, 3, 17, 0, tzinfo=dt.UTC)
"""Tuesday, 08:00 in Shanghai."""


def states():
    return list(Delivery.objects.order_by("pk").values_list("status", flat=True))


def digest(user):
    NotificationPreference.objects.create(user=user, choices={"mentions": {"email": "digest", "robots": []}})


class TestDigest:
    def test_one_mail_with_all_under_headings(self, office, alice, tell):
        digest(alice)
        tell([alice], key="1")
        tell([alice], "visit_moved", "2")
        tell([alice], "visit_moved", "3", account="另一家")
        deliver()
        assert office.letters == []
        deliver(EIGHT)

        [letter] = office.letters
        html = letter.get_body(("html",)).get_content()
        assert letter["Subject"] == "Your notifications of 17 Mar 2026: 3 items"
        assert html.count("<h2") == 2
        assert html.count("<li") == 3
        assert states() == ["sent"] * 3

    def test_once_a_day_however_often_the_job_runs(self, office, alice, tell):
        digest(alice)
        tell([alice], key="1")
        route_new(lambda: MORNING)
        for minutes in (0, 1, 2):
            deliver(EIGHT + minutes * MINUTE)
        assert len(office.letters) == 1

    def test_what_was_told_before_eight_and_came_after_waits_for_tomorrow(self, office, alice, tell):
        """Written by a long transaction: due today, seen by the sender after today's digest."""
        digest(alice)
        tell([alice], key="1")
        route_new(lambda: MORNING)
        deliver(EIGHT)
        tell([alice], key="2", account="另一家")
        route_new(lambda: EIGHT - MINUTE)
        deliver(EIGHT + MINUTE)
        assert len(office.letters) == 1
        deliver(EIGHT + DAY)
        assert len(office.letters) == 2

    def test_a_job_that_runs_late_sends_one_for_all(self, office, alice, tell):
        digest(alice)
        tell([alice], key="1")
        route_new(lambda: MORNING)
        tell([alice], key="2", account="另一家")
        route_new(lambda: MORNING + DAY)
        deliver(EIGHT + DAY + 60 * MINUTE)
        [letter] = office.letters
        assert letter["Subject"].endswith("2 items")

    def test_a_late_one_leaves_the_next_day_its_own(self, office, alice, tell):
        digest(alice)
        tell([alice], key="1")
        route_new(lambda: MORNING)
        deliver(EIGHT + 10 * 60 * MINUTE)
        tell([alice], key="2", account="另一家")
        deliver(EIGHT + 11 * 60 * MINUTE)
        deliver(EIGHT + DAY)
        assert len(office.letters) == 2

    def test_empty_is_none(self, office, alice, tell):
        digest(alice)
        tell([alice])
        route_new(lambda: MORNING)
        Notification.objects.update(read_at=MORNING)
        deliver(EIGHT)
        assert office.letters == []

    def test_each_reader_at_their_own_eight_o_clock(self, office, alice, ann, tell):
        ann.time_zone = "Europe/Berlin"
        ann.save()
        digest(alice)
        digest(ann)
        tell([alice, ann])
        deliver()
        deliver(dt.datetime(2026, 3, 16, 7, 1, tzinfo=dt.UTC))
        assert office.addresses == [ann.email]
        deliver(EIGHT)
        assert office.addresses == [ann.email, alice.email]

    def test_a_long_one_says_how_many_more(self, office, alice, tell):
        digest(alice)
        for number in range(205):
            tell([alice], key=str(number), account=f"客户{number}")
        deliver()
        deliver(EIGHT)
        [letter] = office.letters
        assert "5 more in KAM" in letter.get_body(("plain",)).get_content()
