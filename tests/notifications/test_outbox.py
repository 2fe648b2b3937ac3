"""The outbox against a real mail server and a channel of the tests: what goes out, once, and what does not."""

import datetime as dt

import pytest
from django.urls import reverse

from audit.models import AuditEntry
from notifications.channels import CHANNELS, Dead, Retry, Unsure
from notifications.errors import MayNotOwnNotifications, NothingToSendAgain
from notifications.models import Delivery, Notification
from notifications.services import outbox, send_again
from notifications.services.routing import route_new
from tests.factories.notifications import make_robot
from tests.notifications.conftest import MORNING, deliver
from users.models import Leave

MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
EIGHT = dt.datetime(2026, 3, 17, 0, tzinfo=dt.UTC)
"""Tuesday, 08:00 in Shanghai."""


def states():
    return list(Delivery.objects.order_by("pk").values_list("status", flat=True))


class TestMail:
    def test_goes_out_once_and_leads_to_what_it_is_about(self, office, alice, tell):
        note = tell([alice]).get()
        assert deliver().sent == 1
        assert deliver(MORNING + DAY).sent == 0

        [letter] = office.letters
        path = reverse("notifications:notification_open", args=[note.pk])
        text, html = letter.get_body(("plain",)).get_content(), letter.get_body(("html",)).get_content()
        assert letter["To"] == alice.email
        assert letter["Subject"] == note.sentence
        assert letter["Message-ID"].endswith("@kam.example.com>")
        for part in (text, html):
            assert f"https://kam.example.com{path}" in part
            assert "https://kam.example.com/notifications/preferences/" in part
            assert "token" not in part
        delivery = Delivery.objects.get()
        assert (delivery.status, delivery.sent_at, delivery.attempts) == ("sent", MORNING, 1)

    @pytest.mark.parametrize(
        ("code", "words"), [("en", "mentioned you"), ("zh-hans", "提到了您"), ("zh-hant", "提到了您")]
    )
    def test_in_the_language_of_the_reader(self, office, alice, tell, code, words):
        alice.language = code
        alice.save()
        tell([alice])
        deliver()

        [letter] = office.letters
        assert words in letter["Subject"]
        assert f'lang="{code}"' in letter.get_body(("html",)).get_content()

    def test_markup_is_text_and_a_subject_is_one_line(self, office, alice, tell):
        tell([alice], title="<b>x</b>\nBcc: other@example.com")
        deliver()

        [letter] = office.letters
        assert letter["Bcc"] is None
        assert "&lt;b&gt;x&lt;/b&gt;" in letter.get_body(("html",)).get_content()

    def test_what_was_read_in_the_meantime_is_not_sent(self, office, alice, tell):
        tell([alice])
        route_new(lambda: MORNING)
        Notification.objects.update(read_at=MORNING)

        assert outbox.send_due(lambda: MORNING).dropped == 1
        assert office.letters == []
        assert Delivery.objects.get().why == "Read in KAM before it was due"

    def test_who_was_deactivated_gets_nothing_more(self, office, alice, tell):
        tell([alice])
        route_new(lambda: MORNING)
        alice.is_active = False
        alice.save()
        deliver()

        assert (office.letters, states()) == ([], ["dropped"])
        assert Delivery.objects.get().why == "The user was deactivated"

    def test_to_the_address_of_now(self, office, alice, tell):
        tell([alice])
        route_new(lambda: MORNING)
        alice.email = "new@example.com"
        alice.save()
        deliver()

        assert office.addresses == ["new@example.com"]
        assert Delivery.objects.get().target == "new@example.com"


class TestRefused:
    def test_a_bounce_is_a_dead_letter_and_the_bell_says_so(self, office, alice, tell):
        office.refuse[alice.email] = "550 no such user here"
        tell([alice], key="1")
        tell([alice], "alert_escalated", key="2")
        assert deliver().dead == 2

        assert states() == ["dead", "dead"]
        [told] = alice.notifications.filter(kind="mail_refused")
        assert alice.email in told.sentence
        assert "550 no such user here" in told.sentence
        deliver(MORNING + MINUTE)
        assert not told.deliveries.exists(), "what tells of a broken channel is not sent by a channel"

    def test_a_server_that_is_down_is_asked_later_and_once(self, office, alice, ann, tell):
        office.close()
        tell([alice, ann])
        done = deliver()
        assert (done.put_back, states()) == (1, ["waiting", "waiting"])
        first, second = Delivery.objects.order_by("pk")
        assert (first.attempts, second.attempts) == (1, 0)
        assert MORNING + 0.7 * MINUTE < first.due_at < MORNING + 1.3 * MINUTE
        office.open()
        deliver(MORNING + 2 * MINUTE)
        assert sorted(office.addresses) == sorted([alice.email, ann.email])

    def test_greylisting_keeps_the_message_id(self, office, alice, tell):
        office.refuse[alice.email] = "451 come back later"
        tell([alice])
        deliver()
        office.refuse.clear()
        deliver(MORNING + 2 * MINUTE)

        assert states() == ["sent"]
        assert Delivery.objects.get().attempts == 2

    def test_after_many_tries_it_is_a_dead_letter(self, office, alice, tell):
        office.refuse[alice.email] = "451 come back later"
        tell([alice])
        now, tries = MORNING, 0
        while states() in ([], ["waiting"]):
            deliver(now)
            tries += 1
            now = max(now, Delivery.objects.get().due_at)
            assert tries < 30

        assert Delivery.objects.get().attempts == outbox.MOST_ATTEMPTS
        assert now - MORNING < 5 * DAY
        assert not alice.notifications.filter(kind="mail_refused").exists(), "the address may well be right"

    def test_a_connection_that_breaks_after_the_mail_is_uncertain(self, office, alice, tell):
        office.hang_up = "after"
        tell([alice])
        assert deliver().uncertain == 1
        deliver(MORNING + 5 * DAY)

        assert states() == ["uncertain"]
        assert len(office.letters) == 1

    def test_a_connection_that_breaks_before_the_mail_loses_nothing(self, office, alice, tell):
        office.hang_up = "before"
        tell([alice])
        deliver()
        office.hang_up = ""
        deliver(MORNING + 2 * MINUTE)

        assert (len(office.letters), states()) == (1, ["sent"])


class TestStale:
    def test_a_mail_whose_sender_died_is_uncertain(self, office, alice, tell):
        tell([alice])
        route_new(lambda: MORNING)
        Delivery.objects.update(status="sending", claimed_at=MORNING)
        deliver(MORNING + 14 * MINUTE)
        assert states() == ["sending"]
        deliver(MORNING + 16 * MINUTE)
        assert (states(), office.letters) == (["uncertain"], [])

    def test_a_channel_that_knows_its_messages_gets_it_again(self, alice, tell, chat, monkeypatch):
        monkeypatch.setattr(type(chat), "repeatable", True)
        make_robot(alice, channel="chat")
        chat.answers = [Retry("busy")]
        tell([alice])
        deliver()
        rows = Delivery.objects.filter(channel="chat")
        rows.update(status="sending", claimed_at=MORNING)
        deliver(MORNING + 16 * MINUTE)

        assert chat.heard[0][1].key == chat.heard[1][1].key
        assert rows.get().status == "sent"

    def test_what_was_claimed_and_not_sent_is_claimed_again(self, office, alice, tell):
        tell([alice])
        route_new(lambda: MORNING)
        Delivery.objects.update(claimed_at=MORNING)
        deliver(MORNING + 4 * MINUTE)
        assert office.letters == []
        deliver(MORNING + 6 * MINUTE)
        assert len(office.letters) == 1


class TestRepeats:
    def test_go_as_one_message_with_a_count(self, office, alice, tell):
        for number in range(3):
            tell([alice], key=f"same {number}")
        tell([alice], key="other", title="年会")
        assert deliver().sent == 1

        [letter] = office.letters
        text = letter.get_body(("plain",)).get_content()
        assert letter["Subject"].endswith("年会 (4 times)")
        assert text.count("季度会") == 1
        assert "季度会 (3 times)" in text
        assert states() == ["sent"] * 4

    def test_a_message_that_failed_stays_as_it_was(self, office, alice, tell):
        office.refuse[alice.email] = "451 later"
        tell([alice], key="1")
        deliver()
        office.refuse.clear()
        tell([alice], key="2", title="年会")
        deliver(MORNING + 2 * MINUTE)
        assert [("年会" in letter["Subject"]) for letter in office.letters] == [False]
        deliver(MORNING + 12 * MINUTE)
        assert [("年会" in letter["Subject"]) for letter in office.letters] == [False, True]


class TestQuietByNow:
    def test_leave_that_was_entered_later_counts(self, office, alice, tell):
        tell([alice])
        route_new(lambda: MORNING)
        Leave.objects.create(user=alice, from_date=dt.date(2026, 3, 16), until_date=dt.date(2026, 3, 16))
        deliver()
        assert office.letters == []
        deliver(EIGHT)
        assert len(office.letters) == 1


class TestRobots:
    def test_gets_the_target_and_the_message(self, alice, tell, chat):
        robot = make_robot(alice, channel="chat")
        note = tell([alice]).get()
        deliver()

        [(target, message)] = chat.heard
        assert target == robot.target
        assert message.title == note.sentence
        assert message.url.endswith(f"/notifications/{note.pk}/")

    def test_of_a_team_says_whom_it_is_for(self, alice, north, tell, chat):
        make_robot(team=north, channel="chat", groups=["mentions"], language="en")
        tell([alice])
        deliver()
        assert [message.title.startswith(f"For {alice.name}: ") for _target, message in chat.heard] == [True]

    def test_waits_as_long_as_it_is_asked_to(self, alice, tell, chat):
        make_robot(alice, channel="chat")
        chat.answers = [Retry("rate_limited 429", 1800)]
        tell([alice], key="1")
        tell([alice], key="2", account="另一家")
        deliver()
        assert len(chat.heard) == 1, "nor is anything else sent to it in this run"
        deliver(MORNING + 29 * MINUTE)
        assert len(chat.heard) == 2, "the other one"
        deliver(MORNING + 31 * MINUTE)
        assert len(chat.heard) == 3
        assert set(Delivery.objects.filter(channel="chat").values_list("status", flat=True)) == {"sent"}

    def test_that_refuses_for_good_is_told_to_its_owner(self, alice, tell, chat):
        make_robot(alice, channel="chat", name="Kanal")
        chat.answers = [Dead("robot_gone 404")]
        tell([alice])
        deliver()
        [told] = alice.notifications.filter(kind="robot_refused")
        assert "Kanal" in told.sentence
        assert "There is no such robot any more" in told.sentence

    def test_whose_secret_cannot_be_read_is_a_dead_letter(self, alice, tell, chat):
        robot = make_robot(alice, channel="chat")
        type(robot).objects.update(sealed_url="1.AAAA")
        tell([alice])
        deliver()
        assert chat.heard == []
        assert Delivery.objects.get(channel="chat").status == "dead"

    def test_unsure_is_uncertain(self, alice, tell, chat):
        make_robot(alice, channel="chat")
        chat.answers = [Unsure("no answer")]
        tell([alice])
        deliver()
        assert Delivery.objects.get(channel="chat").status == "uncertain"


class TestSendAgain:
    def dead(self, office, alice, tell):
        office.refuse[alice.email] = "550 no"
        tell([alice], key="1")
        tell([alice], key="2")
        deliver()
        office.refuse.clear()
        return Delivery.objects.messages().get()

    def test_the_whole_message_goes_out_again(self, office, alice, root, tell):
        row = self.dead(office, alice, tell)
        assert send_again([row.pk], actor=root, now=MORNING + MINUTE) == 1
        deliver(MORNING + MINUTE)

        assert len(office.letters) == 1
        assert states() == ["sent", "sent"]
        assert AuditEntry.objects.filter(action="delivery.sent_again", actor=root, object_id=row.pk).count() == 1

    def test_only_administrators_and_only_what_did_not_arrive(self, office, alice, dora, root, tell):
        row = self.dead(office, alice, tell)
        with pytest.raises(MayNotOwnNotifications):
            send_again([row.pk], actor=dora, now=MORNING)
        send_again([row.pk], actor=root, now=MORNING)
        with pytest.raises(NothingToSendAgain):
            send_again([row.pk], actor=root, now=MORNING)


def test_every_channel_can_be_asked_what_is_wrong_with_a_target():
    assert set(CHANNELS) == {"email", "wecom", "dingtalk", "feishu", "slack", "webhook"}
    assert CHANNELS["email"].check({"address": "a@example.com"}) == ""
    assert CHANNELS["email"].check({"address": "nobody"})
    assert CHANNELS["webhook"].check({"url": "https://127.0.0.1/", "secret": ""})
