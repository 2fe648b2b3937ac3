"""An alert worked on: acknowledged, snoozed, woken, commented on, given away, resolved, opened again."""

import datetime as dt

import pytest

from accounts.choices import Right
from accounts.errors import AccountReadOnly
from accounts.models import AccountSummary
from audit.models import AuditEntry
from health.choices import AlertOutcome
from health.errors import (
    AlertAcknowledged,
    AlertNotResolved,
    AlertNotSnoozed,
    AlertOwnerUnfit,
    AlertResolved,
    AlertSnoozed,
    AlertTextEmpty,
    AlertTextTooLong,
    AnotherAlert,
    LostCauseNeeded,
    OutcomeUnknown,
    SnoozeDateWrong,
)
from health.services import alerts as services
from notifications.models import Notification
from tests.factories import TODAY
from tests.factories.accounts import AccountMemberFactory
from tests.factories.health_alerts import NOW, make_alert

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
WEEK = TODAY + 7 * DAY


@pytest.fixture
def alert(account):
    return make_alert(account)


def acknowledge(alert, actor, **fields):
    return services.acknowledge_alert(alert, actor=actor, now=NOW, **fields)


def snooze(alert, actor, until=WEEK):
    return services.snooze_alert(alert, until, actor=actor, now=NOW)


def resolve(alert, actor, outcome="saved", **fields):
    return services.resolve_alert(alert, outcome, actor=actor, now=NOW, **fields)


VERBS = {
    "acknowledge": acknowledge,
    "snooze": snooze,
    "wake": lambda alert, actor: services.wake_alert(alert, actor=actor, now=NOW),
    "comment": lambda alert, actor: services.comment_on_alert(alert, "x", actor=actor, now=NOW),
    "resolve": resolve,
    "reopen": lambda alert, actor: services.reopen_alert(alert, actor=actor, now=NOW),
    "reassign": lambda alert, actor: services.reassign_alert(alert, alert.owner, actor=actor, now=NOW),
}


class TestWho:
    @pytest.mark.parametrize("verb", VERBS)
    def test_refuses_who_may_only_read_and_who_sees_nothing(self, alert, ann, mallory, verb):
        for actor in (ann, mallory):
            with pytest.raises(AccountReadOnly):
                VERBS[verb](alert, actor)
        assert not AuditEntry.objects.of(alert).exists()

    @pytest.mark.parametrize("verb", [verb for verb in VERBS if verb not in ("comment", "reopen")])
    def test_refuses_what_is_resolved(self, account, alice, verb):
        with pytest.raises(AlertResolved):
            VERBS[verb](make_alert(account, status="resolved"), alice)

    def test_sees_what_others_have_done_meanwhile(self, alert, alice, lee):
        stale = type(alert).objects.get(pk=alert.pk)
        resolve(alert, alice)
        with pytest.raises(AlertResolved):
            acknowledge(stale, lee)


class TestAcknowledge:
    def test_says_who_and_when(self, alert, alice):
        acknowledge(alert, alice)
        alert.refresh_from_db()
        assert (alert.status, alert.acknowledged_by, alert.acknowledged_at) == ("acknowledged", alice, NOW)
        entry = AuditEntry.objects.of(alert).get()
        assert (entry.action, entry.actor, entry.account_id) == ("alert.acknowledged", alice, alert.account_id)
        assert entry.changes["status"] == ["open", "acknowledged"]

    def test_is_still_counted_beside_the_account(self, alert, alice):
        acknowledge(alert, alice)
        assert AccountSummary.objects.get(account=alert.account).open_alerts == 1

    def test_of_one_that_was_held_back_begins_now(self, account, alice):
        alert = make_alert(account, status="held", due_at=None)
        acknowledge(alert, alice)
        assert (alert.status, alert.opened_at) == ("acknowledged", NOW)
        assert alert.due_at > NOW

    def test_refuses_a_second_time(self, alert, alice, lee):
        acknowledge(alert, alice)
        with pytest.raises(AlertAcknowledged, match="Alice"):
            acknowledge(alert, lee)

    def test_refuses_what_is_snoozed(self, alert, alice):
        snooze(alert, alice)
        with pytest.raises(AlertSnoozed, match="23 Mar 2026"):
            acknowledge(alert, alice)


class TestSnooze:
    @pytest.mark.parametrize("status", ["held", "open", "acknowledged", "snoozed"])
    def test_rests_until_the_day(self, account, alice, status):
        alert = make_alert(account, status=status)
        snooze(alert, alice)
        alert.refresh_from_db()
        assert (alert.status, alert.snoozed_until) == ("snoozed", WEEK)
        assert AccountSummary.objects.get(account=account).open_alerts == 0
        assert AuditEntry.objects.of(alert).get().action == "alert.snoozed"

    @pytest.mark.parametrize("until", [TODAY - DAY, TODAY, TODAY + 367 * DAY, dt.date.max, dt.date.min])
    def test_refuses_a_day_that_is_none(self, alert, alice, until):
        with pytest.raises(SnoozeDateWrong) as error:
            snooze(alert, alice, until)
        assert error.value.field == "until"

    def test_today_is_that_of_who_asks(self, alert, alice):
        late = dt.datetime.combine(TODAY, dt.time(20), tzinfo=dt.UTC)  # tomorrow in Shanghai
        alice.time_zone = "Asia/Shanghai"
        with pytest.raises(SnoozeDateWrong):
            services.snooze_alert(alert, TODAY + DAY, actor=alice, now=late)
        alice.time_zone = "Europe/Berlin"
        services.snooze_alert(alert, TODAY + DAY, actor=alice, now=late)

    def test_wakes_with_a_new_deadline(self, alert, alice):
        snooze(alert, alice)
        alert.escalation = 1
        alert.save()
        services.wake_alert(alert, actor=alice, now=NOW + 3 * DAY)
        assert (alert.status, alert.snoozed_until, alert.escalation) == ("open", None, 0)
        assert alert.due_at > NOW + 3 * DAY

    def test_only_what_is_snoozed_wakes(self, alert, alice):
        with pytest.raises(AlertNotSnoozed):
            services.wake_alert(alert, actor=alice, now=NOW)


class TestComment:
    def test_is_kept_with_its_author_and_told_to_the_owner(self, alert, alice, lee):
        comment = services.comment_on_alert(alert, "  价格问题 \n", actor=lee, now=NOW)
        assert (comment.text, comment.author, comment.created_at) == ("价格问题", lee, NOW)
        assert "Lee commented" in Notification.objects.get(user=alice).sentence
        assert AuditEntry.objects.of(alert).get().changes["comment"] == [None, "价格问题"]

    def test_of_its_owner_is_told_to_nobody(self, alert, alice):
        services.comment_on_alert(alert, "x", actor=alice, now=NOW)
        assert not Notification.objects.exists()

    def test_also_beside_what_is_resolved(self, account, alice):
        services.comment_on_alert(make_alert(account, status="resolved"), "x", actor=alice, now=NOW)

    @pytest.mark.parametrize(("text", "error"), [("  \n", AlertTextEmpty), ("x" * 5001, AlertTextTooLong)])
    def test_refuses_nothing_and_too_much(self, alert, alice, text, error):
        with pytest.raises(error) as caught:
            services.comment_on_alert(alert, text, actor=alice, now=NOW)
        assert caught.value.field == "text"
        assert not alert.comments.exists()


class TestResolve:
    @pytest.mark.parametrize("status", ["held", "open", "acknowledged", "snoozed"])
    def test_keeps_how_it_ended(self, account, alice, status):
        alert = make_alert(account, status=status)
        resolve(alert, alice, "lost", lost_cause="competitor", resolution=" 被抢单 ")
        alert.refresh_from_db()
        assert (alert.status, alert.outcome, alert.lost_cause) == ("resolved", "lost", "competitor")
        assert (alert.resolution, alert.resolved_at, alert.resolved_by) == ("被抢单", NOW, alice)
        assert alert.snoozed_until is None
        assert AccountSummary.objects.get(account=account).open_alerts == 0

    def test_a_cause_of_anything_but_a_loss_is_dropped(self, alert, alice):
        assert resolve(alert, alice, "saved", lost_cause="price").lost_cause == ""

    @pytest.mark.parametrize("outcome", ["withdrawn", "", "won", AlertOutcome.WITHDRAWN])
    def test_refuses_an_outcome_that_is_none_of_theirs(self, alert, alice, outcome):
        with pytest.raises(OutcomeUnknown):
            resolve(alert, alice, outcome)

    @pytest.mark.parametrize("cause", ["", "weather"])
    def test_a_loss_needs_its_cause(self, alert, alice, cause):
        with pytest.raises(LostCauseNeeded) as error:
            resolve(alert, alice, "lost", lost_cause=cause)
        assert error.value.field == "lost_cause"

    def test_refuses_too_many_words(self, alert, alice):
        with pytest.raises(AlertTextTooLong) as error:
            resolve(alert, alice, resolution="x" * 5001)
        assert error.value.field == "resolution"


class TestReopen:
    def test_begins_anew(self, account, alice):
        alert = make_alert(account, status="resolved", outcome="lost", lost_cause="price", escalation=2)
        services.reopen_alert(alert, actor=alice, now=NOW)
        alert.refresh_from_db()
        assert (alert.status, alert.outcome, alert.lost_cause, alert.escalation) == ("open", "", "", 0)
        assert (alert.resolved_at, alert.resolved_by) == (None, None)
        assert alert.due_at > NOW
        assert AccountSummary.objects.get(account=account).open_alerts == 1

    def test_refuses_what_is_not_resolved(self, alert, alice):
        with pytest.raises(AlertNotResolved):
            services.reopen_alert(alert, actor=alice, now=NOW)

    def test_refuses_where_another_one_was_raised_since(self, account, alice):
        old = make_alert(account, status="resolved")
        make_alert(account)
        with pytest.raises(AnotherAlert):
            services.reopen_alert(old, actor=alice, now=NOW)


class TestReassign:
    def test_tells_the_new_owner_and_keeps_the_deadline(self, alert, alice, ann, lee):
        AccountMemberFactory._meta.model.objects.filter(user=ann).update(right=Right.EDIT)
        due = alert.due_at
        services.reassign_alert(alert, ann, actor=alice, now=NOW)
        alert.refresh_from_db()
        assert (alert.owner, alert.assigned_at, alert.due_at) == (ann, NOW, due)
        assert "Alice gave you the alert" in Notification.objects.get(user=ann).sentence
        assert AuditEntry.objects.of(alert).get().action == "alert.reassigned"

    def test_to_oneself_tells_nobody(self, alert, lee):
        services.reassign_alert(alert, lee, actor=lee, now=NOW)
        assert not Notification.objects.exists()

    def test_to_the_same_owner_changes_nothing(self, alert, alice):
        services.reassign_alert(alert, alice, actor=alice, now=NOW)
        assert not AuditEntry.objects.of(alert).exists()

    def test_refuses_who_could_do_nothing(self, alert, alice, ann, mallory):
        gone = make_alert(alert.account, "unhappy").owner
        for owner in (ann, mallory):
            with pytest.raises(AlertOwnerUnfit) as error:
                services.reassign_alert(alert, owner, actor=alice, now=NOW)
            assert error.value.field == "owner"
        assert gone == alice


def test_the_worst_of_several_stands_beside_the_account(account, alice):
    make_alert(account, "unhappy", severity=2, rank=5)
    worst = make_alert(account, "order_gap", severity=4, rank=3)
    acknowledge(worst, alice)
    summary = AccountSummary.objects.get(account=account)
    assert (summary.open_alerts, summary.alert_severity, summary.alert_reason) == (2, 4, "order_gap")
    resolve(worst, alice)
    summary.refresh_from_db()
    assert (summary.open_alerts, summary.alert_severity, summary.alert_reason) == (1, 2, "unhappy")
