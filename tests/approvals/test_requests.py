"""Asking: who is asked in which step, what is recorded, who hears of it; withdrawing and talking."""

import pytest

from approvals import services
from approvals.errors import (
    AlreadyAsked,
    ApprovalClosed,
    CommentTooLong,
    MayNotSee,
    NobodyToAsk,
    NotRequester,
    TextMissing,
)
from approvals.models import ApprovalRequest
from audit.models import AuditEntry
from notifications.models import Notification
from tests.factories.approvals import ALL, HOUR, NOW, facts, make_request, make_rule
from tests.factories.users import TeamFactory, UserFactory, make_leave
from users.models import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("owner_app")]


def asked_in(request, position=1):
    return {vote.user for vote in request.steps.get(position=position).votes.select_related("user")}


def supervisor(team, name):
    return UserFactory(username=name, team=team, role=Role.SUPERVISOR)


class TestWhoIsAsked:
    def test_no_rule_fits(self, alice):
        make_rule(min_amount=200_000)
        asked = services.request_approval(
            "contract", 1, title="x", url="/contracts/", facts=facts(), actor=alice, now=NOW
        )  # fmt: skip
        assert asked is None
        assert not ApprovalRequest.objects.exists()

    def test_the_superior_is_the_supervisor_of_the_team(self, alice, north, lee, dora):
        norman = supervisor(north, "norman")
        UserFactory(team=north, role=Role.SUPERVISOR, is_active=False)
        make_rule("superior", "team_head", "director")
        asked = make_request(alice)
        assert [asked_in(asked, n) for n in (1, 2, 3)] == [{norman}, {lee}, {dora}]

    def test_or_the_next_one_up_the_tree(self, alice, lee, dora):
        make_rule("superior")
        asked = make_request(alice)
        assert asked_in(asked) == {lee}
        assert not asked.steps.get().nobody_fits

    def test_never_the_requester_nor_a_peer(self, lee, region, company, dora):
        supervisor(region, "peer")
        head = supervisor(company, "head")
        make_rule("superior", ("person", ALL, [lee, dora]), "director")
        asked = make_request(lee)
        assert [asked_in(asked, n) for n in (1, 2, 3)] == [{head}, {dora}, {dora}]

    def test_a_step_that_nobody_fits_goes_to_the_directors_and_says_so(self, alice, lee, dora):
        leaver = UserFactory()
        make_rule("team_head", ("person", ALL, [leaver]))
        leaver.is_active = False
        leaver.save()
        asked = make_request(alice)
        assert [asked_in(asked, n) for n in (1, 2)] == [{dora}, {dora}]
        assert [step.nobody_fits for step in asked.steps.all()] == [True, True]

    def test_a_director_asks_the_other_directors(self, dora, company, root):
        supervisor(company, "head")
        make_rule("superior")
        assert asked_in(make_request(dora)) == {root}, "without another director: the administrators"
        other = UserFactory(role=Role.DIRECTOR)
        assert asked_in(make_request(dora, 2)) == {other}

    def test_nobody_at_all(self, dora):
        make_rule("director")
        with pytest.raises(NobodyToAsk):
            make_request(dora)
        assert not ApprovalRequest.objects.exists()

    def test_without_a_team(self, dora):
        make_rule("superior")
        assert asked_in(make_request(UserFactory(team=None))) == {dora}

    def test_supervisors_of_other_branches_are_not_asked(self, alice, lee, south, dora):
        supervisor(south, "sid")
        supervisor(TeamFactory(parent=south), "sub")
        make_rule("superior")
        assert asked_in(make_request(alice)) == {lee}


class TestAsk:
    def test_what_it_leaves(self, alice, lee, dora):
        rule = make_rule("superior", "director")
        asked = make_request(alice, given=facts(account_id=7, discount=None))
        assert (asked.status, asked.rule_name, asked.note) == ("pending", rule.name, "请审批")
        assert [(s.status, s.opened_at) for s in asked.steps.all()] == [("open", NOW), ("waiting", None)]
        assert [vote.status for step in asked.steps.all() for vote in step.votes.all()] == ["open", "waiting"]
        assert asked.facts["amount"] == "100000"
        entry = AuditEntry.objects.of(asked).get()
        assert (entry.action, entry.account_id, entry.reason) == ("approval.requested", 7, "请审批")
        told = Notification.objects.get()
        assert (told.user, told.kind, told.url) == (lee, "approval_asked", asked.get_absolute_url())
        assert "合同 1" in told.sentence

    def test_the_stand_in_hears_of_it_as_well(self, alice, ann, lee, dora, mallory):
        make_leave(lee, days=0, delegate=mallory)
        make_leave(dora, days=1, delegate=ann)
        make_rule(("person", ALL, [lee, dora]))
        make_request(alice)
        told = set(Notification.objects.values_list("user__username", "kind"))
        assert told == {("lee", "approval_asked"), ("dora", "approval_asked"), ("mallory", "approval_asked_for")}

    def test_one_at_a_time_for_a_row(self, alice, ann, lee):
        make_rule()
        make_rule(subject="amendment")
        first = make_request(alice)
        with pytest.raises(AlreadyAsked):
            make_request(ann)
        make_request(ann, 2)
        make_request(ann, subject="amendment")
        services.withdraw(first, actor=alice, now=NOW)
        assert make_request(ann).pk != first.pk

    def test_refuses_a_note_that_is_too_long(self, alice, lee):
        make_rule()
        with pytest.raises(CommentTooLong) as error:
            make_request(alice, note="x" * 2001)
        assert error.value.field == "note"


class TestWithdraw:
    def test_by_the_requester(self, alice, lee, dora, owner_app):
        make_rule("superior", "director")
        asked = make_request(alice)
        services.withdraw(asked, actor=alice, now=NOW + HOUR)
        assert (asked.status, asked.closed_at) == ("withdrawn", NOW + HOUR)
        assert {step.status for step in asked.steps.all()} == {"closed"}
        assert owner_app.told == [("reopened", asked.pk, alice, NOW + HOUR)]
        assert AuditEntry.objects.of(asked).filter(action="approval.withdrawn", actor=alice).count() == 1
        assert lee.notifications.filter(kind="approval_withdrawn").count() == 1
        assert not dora.notifications.exists(), "whose turn it was not yet has heard nothing"

    def test_refuses(self, alice, lee, dora):
        make_rule()
        asked = make_request(alice)
        for other in (lee, dora):
            with pytest.raises(NotRequester):
                services.withdraw(asked, actor=other, now=NOW)
        services.approve(asked, actor=lee, now=NOW)
        with pytest.raises(ApprovalClosed):
            services.withdraw(asked, actor=alice, now=NOW)


class TestComment:
    def test_by_who_sees_it(self, alice, lee, dora, mallory, ann, owner_app):
        make_rule("superior", "director")
        asked = make_request(alice)
        owner_app.readers = {ann.pk}
        for person in (alice, lee, dora, ann):
            services.add_comment(asked, actor=person, now=NOW, text=f" von {person} ")
        assert asked.comments.order_by("pk").values_list("text", flat=True)[0] == f"von {alice}"
        assert asked.comments.count() == 4
        assert AuditEntry.objects.of(asked).filter(action="approval.commented").count() == 4
        assert alice.notifications.filter(kind="approval_commented").count() == 3
        assert lee.notifications.filter(kind="approval_commented").count() == 3
        assert not ann.notifications.exists()
        with pytest.raises(MayNotSee):
            services.add_comment(asked, actor=mallory, now=NOW, text="x")

    def test_also_after_the_end(self, alice, lee):
        make_rule()
        asked = make_request(alice)
        services.withdraw(asked, actor=alice, now=NOW)
        services.add_comment(asked, actor=lee, now=NOW, text="x")
        assert asked.comments.count() == 1

    def test_refuses(self, alice, lee):
        make_rule()
        asked = make_request(alice)
        with pytest.raises(TextMissing):
            services.add_comment(asked, actor=alice, now=NOW, text="  ")
        with pytest.raises(CommentTooLong):
            services.add_comment(asked, actor=alice, now=NOW, text="x" * 2001)
