"""Follow-ups worked on: contact, findings, closing, opening again; escalation and hand-over."""

import datetime as dt

import pytest

from accounts import services as account_services
from accounts.errors import AccountReadOnly
from audit.models import AuditEntry
from contacts.models import Contact
from interactions.errors import InteractionElsewhere, ReasonNeeded
from interactions.models import Interaction
from notifications.models import Notification
from surveys import errors
from surveys.choices import FollowUpStatus
from surveys.models import FollowUp
from surveys.services import escalation, follow_ups
from surveys.services.follow_ups import Findings
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.contacts import make_contact
from tests.factories.interactions import make_interaction
from tests.factories.surveys import NOW, CampaignFactory, FollowUpFactory
from tests.factories.users import UserFactory
from users import services as user_services

HOUR = dt.timedelta(hours=1)
LATER = NOW + 3 * HOUR
ALL = Findings(cause="delivery", action="改走空运，两天内补齐。", customer_told=True, outcome="solved")


@pytest.fixture
def follow_up(account):
    return FollowUpFactory(account=account, campaign=CampaignFactory(name="年度满意度"))


def call(account, **fields):
    """An unsaved call an hour after the answer."""
    return Interaction(account=account, **{"kind": "call", "occurred_at": NOW + HOUR, **fields})


def contacted(follow_up, actor):
    return follow_ups.log_contact(follow_up, call(follow_up.account), actor=actor, now=LATER)


class TestLogContact:
    def test_logs_an_interaction_and_notes_the_moment(self, follow_up, account, alice):
        wang = make_contact(account, "王芳")
        follow_ups.log_contact(follow_up, call(account, minutes="道歉"), contacts=[wang], actor=alice, now=LATER)
        follow_up.refresh_from_db()
        assert (follow_up.status, follow_up.contacted_at) == ("contacted", NOW + HOUR)
        assert follow_up.interaction.author == alice
        assert list(follow_up.interaction.contacts.all()) == [wang]
        entry = AuditEntry.objects.get(action="follow_up.contacted")
        assert entry.actor == alice
        assert AuditEntry.objects.filter(action="interaction.logged").count() == 1

    def test_links_what_is_logged_already(self, follow_up, account, alice):
        logged = make_interaction(account, -1)
        follow_ups.log_contact(follow_up, logged, actor=alice, now=LATER + 24 * HOUR)
        follow_up.refresh_from_db()
        assert (follow_up.interaction, follow_up.contacted_at) == (logged, logged.occurred_at)
        assert Interaction.objects.count() == 1

    def test_the_first_contact_counts_for_the_time(self, follow_up, account, alice):
        contacted(follow_up, alice)
        follow_ups.log_contact(follow_up, call(account, occurred_at=LATER), actor=alice, now=LATER)
        follow_up.refresh_from_db()
        assert follow_up.contacted_at == NOW + HOUR
        assert follow_up.interaction.occurred_at == LATER

    def test_who_was_not_reached_was_not_contacted(self, follow_up, account, alice):
        follow_ups.log_contact(follow_up, call(account, outcome="not_reached"), actor=alice, now=LATER)
        follow_up.refresh_from_db()
        assert (follow_up.status, follow_up.contacted_at) == ("open", None)
        assert follow_up.interaction is not None
        assert AuditEntry.objects.filter(action="follow_up.attempted").exists()

    def test_seconds_do_not_count(self, account, alice):
        """People enter minutes: a call in the minute of the answer is after it."""
        follow_up = FollowUpFactory(account=account, opened_at=NOW + dt.timedelta(seconds=40))
        follow_ups.log_contact(follow_up, call(account, occurred_at=NOW), actor=alice, now=LATER)
        assert follow_up.contacted_at == follow_up.opened_at

    @pytest.mark.parametrize(
        ("fields", "error"),
        [
            ({"kind": "note"}, errors.NoContact),
            ({"occurred_at": NOW - HOUR}, errors.ContactTooEarly),
        ],
    )
    def test_refuses_what_is_no_contact(self, follow_up, account, alice, fields, error):
        with pytest.raises(error):
            follow_ups.log_contact(follow_up, call(account, **fields), actor=alice, now=LATER)
        assert not Interaction.objects.exists()

    def test_refuses_other_accounts_readers_and_closed_ones(self, follow_up, account, foreign_account, alice, ann):
        with pytest.raises(InteractionElsewhere):
            follow_ups.log_contact(follow_up, call(foreign_account), actor=alice, now=LATER)
        with pytest.raises(AccountReadOnly):
            follow_ups.log_contact(follow_up, call(account), actor=ann, now=LATER)
        FollowUp.objects.update(status="closed", closed_at=NOW, outcome="solved")
        with pytest.raises(errors.FollowUpClosed):
            follow_ups.log_contact(follow_up, call(account), actor=alice, now=LATER)


class TestClose:
    def test_closes_with_everything_known(self, follow_up, alice):
        contacted(follow_up, alice)
        follow_ups.close(follow_up, ALL, actor=alice, now=LATER)
        follow_up.refresh_from_db()
        assert (follow_up.status, follow_up.closed_at, follow_up.closed_by) == ("closed", LATER, alice)
        assert (follow_up.cause, follow_up.outcome, follow_up.customer_told) == ("delivery", "solved", True)
        entry = AuditEntry.objects.get(action="follow_up.closed")
        assert entry.changes["outcome"] == ["", "solved"]

    @pytest.mark.parametrize("name", ["cause", "action", "customer_told", "outcome"])
    def test_refuses_while_something_is_missing(self, follow_up, alice, name):
        contacted(follow_up, alice)
        empty = Findings(**{**vars(ALL), name: "  " if name == "action" else type(getattr(ALL, name))()})
        with pytest.raises(errors.FollowUpIncomplete) as caught:
            follow_ups.close(follow_up, empty, actor=alice, now=LATER)
        assert caught.value.field == name
        assert FollowUp.objects.get().status == FollowUpStatus.CONTACTED

    def test_refuses_before_the_customer_was_contacted(self, follow_up, alice):
        with pytest.raises(errors.NotContacted):
            follow_ups.close(follow_up, ALL, actor=alice, now=LATER)

    def test_of_a_reference_the_outcome_is_enough(self, account, alice):
        follow_up = FollowUpFactory(account=account, kind="reference")
        follow_ups.close(follow_up, Findings(outcome="reference_given"), actor=alice, now=LATER)
        assert FollowUp.objects.get().status == "closed"

    def test_refuses_outcomes_of_the_other_kind_and_too_much_text(self, follow_up, alice):
        contacted(follow_up, alice)
        with pytest.raises(errors.OutcomeUnfit):
            follow_ups.close(follow_up, Findings(outcome="reference_given"), actor=alice, now=LATER)
        with pytest.raises(errors.ActionTooLong):
            follow_ups.save_findings(follow_up, Findings(action="长" * 5001), actor=alice)

    def test_what_is_known_so_far_is_kept(self, follow_up, alice):
        follow_ups.save_findings(follow_up, Findings(cause="price", action="核对报价"), actor=alice)
        follow_up.refresh_from_db()
        assert (follow_up.cause, follow_up.action, follow_up.status) == ("price", "核对报价", "open")
        follow_ups.save_findings(follow_up, Findings(cause="price", action="核对报价"), actor=alice)
        assert AuditEntry.objects.filter(action="follow_up.updated").count() == 1

    def test_twice_is_refused(self, follow_up, alice):
        contacted(follow_up, alice)
        follow_ups.close(follow_up, ALL, actor=alice, now=LATER)
        with pytest.raises(errors.FollowUpClosed):
            follow_ups.close(follow_up, ALL, actor=alice, now=LATER)


class TestReopen:
    def test_opens_with_a_new_deadline_and_keeps_what_is_known(self, account, alice):
        follow_up = FollowUpFactory(
            account=account, status="closed", cause="price", action="x", customer_told=True, escalated_at=NOW
        )
        follow_ups.reopen(follow_up, "客户说还没解决", actor=alice, now=LATER)
        follow_up.refresh_from_db()
        assert (follow_up.status, follow_up.closed_at, follow_up.outcome) == ("contacted", None, "")
        assert (follow_up.cause, follow_up.customer_told, follow_up.escalated_at) == ("price", False, None)
        # 40 working hours from Monday one o'clock.
        assert follow_up.due_at == dt.datetime(2026, 3, 20, 9, tzinfo=dt.UTC)
        assert AuditEntry.objects.get(action="follow_up.reopened").reason == "客户说还没解决"

    def test_refuses_open_ones_no_reason_and_a_second_open_one(self, follow_up, account, alice):
        with pytest.raises(errors.FollowUpNotClosed):
            follow_ups.reopen(follow_up, "x", actor=alice, now=LATER)
        closed = FollowUpFactory(account=account, campaign=follow_up.campaign, status="closed")
        with pytest.raises(ReasonNeeded):
            follow_ups.reopen(closed, " ", actor=alice, now=LATER)
        with pytest.raises(errors.AnotherFollowUp):
            follow_ups.reopen(closed, "x", actor=alice, now=LATER)
        closed.refresh_from_db()
        assert closed.status == "closed"


class TestEscalate:
    def test_tells_the_supervisor_once(self, follow_up, lee):
        assert escalation.escalate(now=NOW + 23 * HOUR) == 0
        late = NOW + 25 * HOUR
        assert escalation.escalate(now=late) == 1
        assert escalation.escalate(now=late + HOUR) == 0
        follow_up.refresh_from_db()
        assert follow_up.escalated_at == late
        note = Notification.objects.get(kind="follow_up_escalated")
        assert (note.user, note.url) == (lee, follow_up.get_absolute_url())
        assert AuditEntry.objects.get(action="follow_up.escalated").account_id == follow_up.account_id

    def test_contacted_is_not_closed(self, follow_up, alice, lee):
        contacted(follow_up, alice)
        assert escalation.escalate(now=NOW + 25 * HOUR) == 1

    def test_closed_ones_references_and_ended_relationships_are_let_be(self, account, alice):
        FollowUpFactory(account=account, status="closed")
        FollowUpFactory(account=account, kind="reference")
        FollowUpFactory(account=AccountFactory(manager=alice, status="terminated"))
        assert escalation.escalate(now=NOW + 100 * HOUR) == 0

    def test_opened_again_it_can_be_late_again(self, follow_up, alice, lee):
        escalation.escalate(now=NOW + 25 * HOUR)
        contacted(follow_up, alice)
        follow_ups.close(follow_up, ALL, actor=alice, now=LATER)
        follow_ups.reopen(follow_up, "x", actor=alice, now=LATER)
        assert escalation.escalate(now=NOW + 1000 * HOUR) == 1
        assert Notification.objects.filter(user=lee, kind="follow_up_escalated").count() == 2

    def test_works_in_batches(self, account, monkeypatch, django_assert_max_num_queries, lee):
        monkeypatch.setattr(escalation, "BATCH", 3)
        for _number in range(7):
            FollowUpFactory(account=account)
        assert escalation.escalate(now=NOW + 25 * HOUR) == 7
        assert Notification.objects.filter(user=lee).count() == 7

    def test_costs_the_same_for_many(self, account, django_assert_max_num_queries):
        for _number in range(20):
            FollowUpFactory(account=account)
        with django_assert_max_num_queries(12):
            escalation.escalate(now=NOW + 25 * HOUR)


class TestHandOver:
    def test_follows_the_account_to_its_new_manager(self, follow_up, account, alice, dora, north):
        heir = UserFactory(team=north)
        account_services.assign_manager(account, heir, actor=dora, reason="x", today=TODAY)
        due = follow_up.due_at
        assert escalation.hand_over(now=LATER) == 1
        assert escalation.hand_over(now=LATER) == 0
        follow_up.refresh_from_db()
        assert (follow_up.owner, follow_up.due_at) == (heir, due)
        assert AuditEntry.objects.get(action="follow_up.handed_over").changes == {"owner": [str(alice), str(heir)]}
        assert Notification.objects.get(user=heir).kind == "follow_up_inherited"

    def test_closed_ones_stay(self, account, dora, north):
        FollowUpFactory(account=account, status="closed")
        account_services.assign_manager(account, UserFactory(team=north), actor=dora, reason="x", today=TODAY)
        assert escalation.hand_over(now=LATER) == 0

    def test_without_a_manager_the_supervisor_takes_over_and_keeps_it(self, follow_up, account, alice, lee, dora):
        account.manager = None
        account.save()
        assert escalation.hand_over(now=LATER) == 1
        follow_up.refresh_from_db()
        assert follow_up.owner == lee
        assert escalation.hand_over(now=LATER) == 0

    def test_who_leaves_hands_on_at_once(self, follow_up, account, alice, lee, dora, root):
        FollowUp.objects.update(owner=dora)
        user_services.deactivate_user(dora, actor=root, now=LATER)
        follow_up.refresh_from_db()
        assert follow_up.owner == alice


def test_a_person_who_is_erased_leaves_the_follow_up(follow_up, account):
    """The row stays for the numbers."""
    Contact.objects.all().delete()
    follow_up.refresh_from_db()
    assert follow_up.reasons.exists()
