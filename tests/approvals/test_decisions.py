"""Deciding: step by step, one or all, stand-ins, sending back; exactly one of two at the same moment."""

import pytest

from approvals import services
from approvals.errors import (
    ApprovalClosed,
    CommentMissing,
    CommentTooLong,
    NotAsked,
    OwnRequest,
    StepDecided,
    StepMoved,
)
from approvals.models import ApprovalRequest, ApprovalVote
from audit.models import AuditEntry
from core.errors import Conflict
from notifications.models import Notification
from tests.factories.approvals import ALL, HOUR, NOW, make_request, make_rule
from tests.factories.users import UserFactory, make_leave
from tests.services import require
from tests.tiers.test_decisions import in_threads
from users.models import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("owner_app")]
LATER = NOW + HOUR


def states(asked):
    asked.refresh_from_db()
    return asked.status, [step.status for step in asked.steps.all()]


class Refused(Conflict):
    code = "refused_by_the_row"
    message = "The row says no."


class TestApprove:
    def test_one_step_after_another(self, alice, lee, dora, owner_app):
        make_rule("superior", "director")
        asked = make_request(alice)
        with pytest.raises(NotAsked):
            services.approve(asked, actor=dora, now=LATER)
        services.approve(asked, actor=lee, now=LATER, comment=" 好 ")
        assert states(asked) == ("pending", ["approved", "open"])
        assert owner_app.told == []
        assert dora.notifications.filter(kind="approval_asked").count() == 1
        services.approve(asked, actor=dora, now=LATER + HOUR)
        assert states(asked) == ("approved", ["approved", "approved"])
        assert owner_app.told == [("approved", asked.pk, dora, LATER + HOUR)]
        vote = ApprovalVote.objects.get(user=lee)
        assert (vote.status, vote.decided_by, vote.decided_at, vote.comment) == ("approved", lee, LATER, "好")

    def test_what_is_recorded_and_told(self, alice, lee, owner_app):
        make_rule()
        asked = make_request(alice)
        services.approve(asked, actor=lee, now=LATER, comment="好")
        entries = list(AuditEntry.objects.of(asked).values_list("action", "actor__username", "reason"))
        assert entries == [
            ("approval.approved", "lee", ""),
            ("approval.agreed", "lee", "好"),
            ("approval.requested", "alice", "请审批"),
        ]
        assert alice.notifications.get().kind == "approval_approved"

    def test_one_of_them_is_enough(self, alice, lee, dora):
        make_rule(("person", "one", [lee, dora]))
        asked = make_request(alice)
        services.approve(asked, actor=dora, now=LATER)
        assert states(asked) == ("approved", ["approved"])
        assert ApprovalVote.objects.get(user=lee).status == "closed"

    def test_all_of_them(self, alice, lee, dora, owner_app):
        make_rule(("person", ALL, [lee, dora]))
        asked = make_request(alice)
        services.approve(asked, actor=dora, now=LATER)
        assert states(asked) == ("pending", ["open"])
        with pytest.raises(StepDecided):
            services.approve(asked, actor=dora, now=LATER)
        services.approve(asked, actor=lee, now=LATER)
        assert states(asked) == ("approved", ["approved"])
        assert len(owner_app.told) == 1

    def test_refuses(self, alice, ann, lee, dora, mallory):
        make_rule()
        asked = make_request(alice)
        with pytest.raises(OwnRequest):
            services.approve(asked, actor=alice, now=LATER)
        for other in (ann, dora, mallory):
            with pytest.raises(NotAsked):
                services.approve(asked, actor=other, now=LATER)
        with pytest.raises(CommentTooLong):
            services.approve(asked, actor=lee, now=LATER, comment="x" * 2001)
        services.approve(asked, actor=lee, now=LATER)
        with pytest.raises(ApprovalClosed) as late:
            services.approve(asked, actor=lee, now=LATER)
        assert (late.value.code, late.value.status) == ("approval_closed", 409)
        with pytest.raises(NotAsked):
            services.approve(asked, actor=mallory, now=LATER)

    def test_a_step_that_was_not_looked_at(self, alice, lee, dora):
        """The same person in two steps, and a second click on the first page."""
        make_rule(("person", "one", [lee]), ("person", "one", [lee]))
        asked = make_request(alice)
        services.approve(asked, actor=lee, now=LATER, step=1)
        with pytest.raises(StepMoved):
            services.approve(asked, actor=lee, now=LATER, step=1)
        services.approve(asked, actor=lee, now=LATER, step=2)
        assert states(asked) == ("approved", ["approved", "approved"])

    def test_the_rows_app_refuses_and_nothing_is_kept(self, alice, lee, owner_app):
        make_rule()
        asked = make_request(alice)
        owner_app.refusal = Refused()
        for verb in (services.approve, services.send_back):
            with pytest.raises(Refused):
                verb(asked, actor=lee, now=LATER, comment="x")
        assert states(asked) == ("pending", ["open"])
        assert ApprovalVote.objects.get().status == "open"
        assert AuditEntry.objects.of(asked).count() == 1
        assert not alice.notifications.exists()


class TestSendBack:
    def test_one_is_enough_and_nobody_is_asked_any_more(self, alice, lee, dora, owner_app):
        make_rule(("person", ALL, [lee, dora]), "director")
        asked = make_request(alice)
        services.send_back(asked, actor=lee, now=LATER, comment=" 折扣太大 ")
        assert states(asked) == ("sent_back", ["sent_back", "closed"])
        assert asked.closed_at == LATER
        assert sorted(ApprovalVote.objects.values_list("user__username", "status")) == [
            ("dora", "closed"), ("dora", "closed"), ("lee", "sent_back"),
        ]  # fmt: skip
        assert owner_app.told == [("reopened", asked.pk, lee, LATER)]
        entry = AuditEntry.objects.of(asked).filter(action="approval.sent_back").get()
        assert entry.reason == "折扣太大"
        told = alice.notifications.get()
        assert (told.kind, told.params["comment"]) == ("approval_sent_back", "折扣太大")

    def test_needs_a_comment(self, alice, lee):
        make_rule()
        asked = make_request(alice)
        with pytest.raises(CommentMissing):
            services.send_back(asked, actor=lee, now=LATER, comment="  ")
        assert states(asked) == ("pending", ["open"])

    def test_a_new_round_is_a_new_request(self, alice, lee):
        make_rule()
        first = make_request(alice)
        services.send_back(first, actor=lee, now=LATER, comment="x")
        second = make_request(alice, now=LATER)
        services.approve(second, actor=lee, now=LATER)
        assert [row.status for row in ApprovalRequest.objects.of({"contract": [1]})] == ["approved", "sent_back"]


class TestStandIn:
    def test_decides_for_who_is_away(self, alice, lee, mallory, owner_app):
        make_leave(lee, days=0, delegate=mallory)
        make_rule()
        asked = make_request(alice)
        services.approve(asked, actor=mallory, now=LATER)
        vote = ApprovalVote.objects.get()
        assert (vote.user, vote.decided_by, vote.status) == (lee, mallory, "approved")
        entry = AuditEntry.objects.of(asked).filter(action="approval.agreed").get()
        assert entry.changes["stand_in_for"] == [None, "Lee"]
        assert owner_app.told[0][2] == mallory

    def test_the_one_who_is_away_may_still_decide(self, alice, lee, mallory):
        make_leave(lee, days=0, delegate=mallory)
        make_rule()
        asked = make_request(alice)
        services.approve(asked, actor=lee, now=LATER)
        with pytest.raises(ApprovalClosed):
            services.approve(asked, actor=mallory, now=LATER)

    @pytest.mark.parametrize("days", [1, -3])
    def test_only_during_the_leave(self, alice, lee, mallory, days):
        make_leave(lee, days=days, delegate=mallory)
        make_rule()
        asked = make_request(alice)
        with pytest.raises(NotAsked):
            services.approve(asked, actor=mallory, now=LATER)
        assert not ApprovalRequest.objects.to_decide(mallory, NOW.date()).exists()

    def test_never_the_requester(self, alice, lee):
        make_leave(lee, days=0, delegate=alice)
        make_rule()
        asked = make_request(alice)
        with pytest.raises(OwnRequest):
            services.approve(asked, actor=alice, now=LATER)
        assert not ApprovalRequest.objects.to_decide(alice, NOW.date()).exists()
        assert not alice.notifications.exists()

    def test_speaks_for_both_where_all_must_agree(self, alice, lee, dora):
        make_leave(lee, days=0, delegate=dora)
        make_rule(("person", ALL, [lee, dora]))
        asked = make_request(alice)
        services.approve(asked, actor=dora, now=LATER)
        assert states(asked) == ("approved", ["approved"])
        assert set(ApprovalVote.objects.values_list("decided_by", flat=True)) == {dora.pk}


class TestWhoSees:
    def test_requester_asked_stand_in_director(self, alice, ann, lee, dora, mallory, root):
        make_leave(lee, days=0, delegate=mallory)
        make_rule()
        asked = make_request(alice)
        seen = [user for user in (alice, ann, lee, dora, mallory, root) if self.sees(user)]
        assert seen == [alice, lee, dora, mallory, root]
        lee.is_active = False
        assert not self.sees(lee)
        assert asked.pk

    def test_a_stand_in_sees_what_was_open_during_the_leave(self, alice, lee, mallory, ann):
        make_leave(lee, days=-30, delegate=ann)
        make_leave(lee, days=30, delegate=mallory)
        make_rule()
        asked = make_request(alice)
        assert not self.sees(ann), "over before it was asked"
        services.approve(asked, actor=lee, now=LATER)
        assert not self.sees(mallory), "decided before the leave"

    def sees(self, user):
        return ApprovalRequest.objects.visible_to(user).exists()


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    """Real connections: exactly one decision counts, the other is told so."""

    @pytest.fixture(autouse=True)
    def _postgresql(self):
        require("postgresql")

    def test_approve_and_send_back(self, alice, lee, dora, owner_app):
        make_rule(("person", "one", [lee, dora]))
        asked = make_request(alice)

        def approve():
            return services.approve(ApprovalRequest.objects.get(pk=asked.pk), actor=lee, now=LATER)

        def send_back():
            found = ApprovalRequest.objects.get(pk=asked.pk)
            return services.send_back(found, actor=dora, now=LATER, comment="x")

        results = in_threads(approve, send_back, approve, send_back)
        late = [result for result in results if isinstance(result, Conflict)]
        assert len(late) == 3, results
        assert {error.code for error in late} == {"approval_closed"}
        assert len(owner_app.told) == 1
        assert AuditEntry.objects.filter(action__in=["approval.approved", "approval.sent_back"]).count() == 1
        assert Notification.objects.filter(user=alice).count() == 1
        assert ApprovalVote.objects.filter(status="closed").count() == 1

    def test_two_of_one_step_with_another_after_it(self, alice, lee, dora):
        """The second must not count for the step that the first has opened."""
        director = UserFactory(username="dirk", role=Role.DIRECTOR)
        make_rule("director", ("director", ALL))
        asked = make_request(alice)

        def approve(user):
            return lambda: services.approve(
                ApprovalRequest.objects.get(pk=asked.pk), actor=user, now=LATER, step=1
            )  # fmt: skip

        results = in_threads(approve(dora), approve(director))
        assert sum(isinstance(result, StepMoved) for result in results) == 1, results
        assert states(asked) == ("pending", ["approved", "open"])
        assert asked.steps.get(position=2).votes.filter(status="open").count() == 2

    def test_two_requests_for_one_row(self, alice, ann, lee):
        make_rule()
        results = in_threads(lambda: make_request(alice), lambda: make_request(ann))
        assert sum(isinstance(result, Conflict) for result in results) == 1, results
        assert ApprovalRequest.objects.count() == 1
