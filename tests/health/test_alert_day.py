"""Alerts of a day, and of somebody who leaves."""

import datetime as dt

import pytest
from django.utils import timezone

from core.agenda import Question
from health.agenda import Alerts
from health.choices import Reason
from notifications.alert_words import REASONS, reason_words
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.health_alerts import NOW, make_alert
from users.duties import hand_on

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def day_of(user, day=TODAY):
    """Kind -> the items of it."""
    source, question = Alerts(), Question(user, [user.pk], day, TODAY)
    return {
        kind: [
            source.item(row, kind, question) for row in source.rows(question).filter(condition).order_by(*source.order)
        ]
        for kind, condition in source.conditions(question).items()
    }


def at(day, hour=4):
    return dt.datetime.combine(day, dt.time(hour), tzinfo=dt.UTC)


class TestAlerts:
    def test_overdue_due_and_soon(self, account, alice):
        for reason, days in [("order_gap", -2), ("unhappy", 0), ("contact_left", 1), ("other", 14), ("neglected", 15)]:
            make_alert(account, reason, due_at=at(TODAY + days * DAY))
        found = {kind: [item.detail for item in items] for kind, items in day_of(alice).items()}
        assert found == {
            "alerts_overdue": ["Orders stopped"],
            "alerts": ["Unhappy"],
            "alerts_soon": ["Key contact left", "Other reason"],
        }

    def test_of_another_day_what_is_due_on_it(self, account, alice):
        make_alert(account, due_at=at(TODAY + DAY))
        assert {kind: len(items) for kind, items in day_of(alice, TODAY + DAY).items()} == {"alerts": 1}

    @pytest.mark.parametrize("status", ["held", "snoozed", "resolved"])
    def test_not_what_wants_nobody_to_act(self, account, alice, status):
        make_alert(account, status=status, due_at=at(TODAY))
        assert day_of(alice)["alerts"] == []

    def test_not_of_others_nor_of_terminated_accounts(self, account, foreign_account, alice):
        make_alert(foreign_account, due_at=at(TODAY))
        make_alert(account, due_at=at(TODAY))
        account.status = "terminated"
        account.save()
        assert day_of(alice)["alerts"] == []

    def test_says_how_severe_how_late_and_who_was_told(self, account, alice):
        make_alert(account, due_at=at(TODAY - 2 * DAY), severity=4, escalation=1, cleared_on=TODAY)
        (item,) = day_of(alice)["alerts_overdue"]
        assert [chip.text for chip in item.chips] == [
            "severity: Critical", "2 days overdue", "escalated", "reason gone",
        ]  # fmt: skip
        assert item.overdue

    def test_an_acknowledged_one_offers_its_page_only(self, account, alice):
        make_alert(account, status="acknowledged", due_at=at(TODAY))
        (item,) = day_of(alice)["alerts"]
        assert [chip.text for chip in item.chips][1:] == ["by 12:00", "Acknowledged"]
        assert [action.name for action in item.actions] == ["handle"]

    def test_offers_nothing_to_press_to_who_may_only_read(self, account, ann, alice):
        alert = make_alert(account, due_at=at(TODAY))
        (item,) = day_of(alice)["alerts"]
        assert [(action.name, action.method) for action in item.actions] == [("acknowledge", "post"), ("handle", "get")]
        alert.owner = ann
        alert.save()
        (item,) = day_of(ann)["alerts"]
        assert item.actions == ()


class TestLeaving:
    def test_alerts_go_to_who_leads(self, account, alice, lee):
        alert = make_alert(account)
        alice.is_active = False
        alice.save()
        hand_on(alice, NOW)
        alert.refresh_from_db()
        assert alert.owner == lee

    def test_those_of_accounts_handed_over_before_to_their_manager(self, alice, ann, lee):
        account = AccountFactory(manager=ann)
        alert = make_alert(account, owner=alice)
        hand_on(alice, timezone.now())
        alert.refresh_from_db()
        assert alert.owner == ann


def test_there_are_words_for_every_reason():
    assert {code: str(words) for code, words in REASONS.items()} == {code: str(Reason(code).label) for code in Reason}
    assert reason_words("unknown") == "unknown"
