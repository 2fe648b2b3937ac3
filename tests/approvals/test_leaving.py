"""An approver leaves: their open votes go to who is above them, at once or by the job."""

import pytest

from approvals import services
from approvals.models import ApprovalRequest, ApprovalVote
from approvals.tasks import reassign_lost_votes
from audit.models import AuditEntry
from core.errors import Conflict
from tests.factories.approvals import ALL, HOUR, NOW, make_request, make_rule
from tests.factories.users import UserFactory
from tests.services import require
from tests.tiers.test_decisions import in_threads
from users import services as user_services
from users.models import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("owner_app")]
LATER = NOW + HOUR


@pytest.fixture
def norman(north):
    """Supervisor of Alice's own team, below Lee."""
    return UserFactory(username="norman", team=north, role=Role.SUPERVISOR)


def votes(asked, position=1):
    rows = ApprovalVote.objects.filter(step__request=asked, step__position=position)
    return set(rows.values_list("user__username", "status", "in_place_of__username"))


def deactivate(user):
    """Without the hook, as it would be missed."""
    user.is_active = False
    user.save(update_fields=["is_active"])


class TestDeactivation:
    def test_hands_on_to_the_superior(self, alice, norman, lee, dora, root):
        make_rule("superior", ("person", ALL, [norman, dora]))
        asked = make_request(alice)
        user_services.deactivate_user(norman, actor=root, now=LATER)
        assert votes(asked) == {("norman", "closed", None), ("lee", "open", "norman")}
        assert votes(asked, 2) == {
            ("norman", "closed", None), ("lee", "waiting", "norman"), ("dora", "waiting", None),
        }  # fmt: skip
        assert lee.notifications.filter(kind="approval_asked").count() == 1
        entries = AuditEntry.objects.of(asked).filter(action="approval.reassigned")
        assert [entry.changes["approver"] for entry in entries] == [["Norman", "Lee"]] * 2
        services.approve(asked, actor=lee, now=LATER)
        services.approve(asked, actor=dora, now=LATER)
        services.approve(asked, actor=lee, now=LATER)
        assert asked.status == "approved"

    def test_leaves_what_is_over(self, alice, norman, lee, dora, root):
        make_rule("superior", "director")
        over, under_way = make_request(alice), make_request(alice, 2)
        services.send_back(over, actor=norman, now=NOW, comment="x")
        services.approve(under_way, actor=norman, now=NOW)
        user_services.deactivate_user(norman, actor=root, now=LATER)
        assert votes(over) == {("norman", "sent_back", None)}
        assert votes(under_way) == {("norman", "approved", None)}
        assert not AuditEntry.objects.filter(action="approval.reassigned").exists()


class TestReassign:
    def test_up_to_the_directors_and_never_to_the_requester(self, lee, norman, dora):
        """Lee asks Norman by name; Norman leaves, and Norman's superior is Lee."""
        make_rule(("person", ALL, [norman]))
        asked = make_request(lee)
        deactivate(norman)
        assert services.reassign_votes_of(norman, now=LATER) == 1
        assert votes(asked) == {("norman", "closed", None), ("dora", "open", "norman")}

    def test_a_superior_who_is_asked_already(self, alice, norman, lee, dora):
        """One of them: the superior is enough. All of them: the next one up comes in."""
        make_rule(("person", "one", [norman, lee]))
        make_rule(("person", ALL, [norman, lee]), subject="amendment")
        one, everybody = make_request(alice), make_request(alice, subject="amendment")
        deactivate(norman)
        services.reassign_votes_of(norman, now=LATER)
        assert votes(one) == {("norman", "closed", None), ("lee", "open", None)}
        assert votes(everybody) == {("norman", "closed", None), ("lee", "open", None), ("dora", "open", "norman")}

    def test_the_last_open_vote_of_a_step(self, alice, lee, dora, owner_app):
        """All others have agreed and nobody is above: the step ends, by nobody's decision."""
        make_rule(("person", ALL, [lee, dora]))
        asked = make_request(alice)
        services.approve(asked, actor=lee, now=LATER)
        deactivate(dora)
        services.reassign_votes_of(dora, now=LATER)
        asked.refresh_from_db()
        assert asked.status == "approved"
        assert owner_app.told == [("approved", asked.pk, None, LATER)]
        assert alice.notifications.get().kind == "approval_approved_now"

    def test_the_rows_app_refuses_what_would_follow(self, alice, lee, dora, owner_app):
        make_rule(("person", ALL, [lee, dora]))
        asked = make_request(alice)
        services.approve(asked, actor=lee, now=LATER)
        deactivate(dora)
        owner_app.refusal = Conflict("no")
        assert services.reassign_votes_of(dora, now=LATER) == 0
        assert votes(asked) == {("lee", "approved", None), ("dora", "open", None)}

    def test_nobody_is_left(self, alice, dora):
        make_rule("director")
        asked = make_request(alice)
        deactivate(dora)
        assert services.reassign_votes_of(dora, now=LATER) == 0
        assert votes(asked) == {("dora", "open", None)}

    def test_who_comes_back_can_be_asked_again(self, alice, norman, lee, dora):
        make_rule()
        asked = make_request(alice)
        for leaver, back in ((norman, None), (lee, norman)):
            deactivate(leaver)
            services.reassign_votes_of(leaver, now=LATER)
            if back is not None:
                back.is_active = True
                back.save()
        assert votes(asked) == {
            ("norman", "closed", None), ("lee", "closed", "norman"), ("dora", "open", "lee"),
        }  # fmt: skip

    def test_a_step_that_opens_after_somebody_left(self, alice, norman, lee, dora):
        make_rule("director", ("person", ALL, [norman]))
        asked = make_request(alice)
        deactivate(norman)
        services.approve(asked, actor=dora, now=LATER)
        assert votes(asked, 2) == {("norman", "closed", None), ("lee", "open", "norman")}


class TestJob:
    def test_catches_what_was_missed_once(self, alice, norman, lee):
        make_rule()
        asked = [make_request(alice, number) for number in (1, 2, 3)]
        deactivate(norman)
        assert reassign_lost_votes() == 3
        assert reassign_lost_votes() == 0
        assert votes(asked[2]) == {("norman", "closed", None), ("lee", "open", "norman")}
        assert AuditEntry.objects.filter(action="approval.reassigned", via="job").count() == 3
        assert lee.notifications.count() == 3


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    @pytest.fixture(autouse=True)
    def _postgresql(self):
        require("postgresql")

    def test_somebody_decides_and_is_deactivated(self, alice, norman, lee, root):
        make_rule()
        for number in range(1, 6):
            make_request(alice, number)

        def decide():
            for asked in ApprovalRequest.objects.order_by("pk"):
                services.approve(asked, actor=norman, now=LATER)

        def leave():
            return user_services.deactivate_user(norman, actor=root, now=LATER)

        in_threads(decide, leave)
        services.reassign_lost_votes(now=LATER)
        for asked in ApprovalRequest.objects.all():
            asked_of_lee = votes(asked) == {("norman", "closed", None), ("lee", "open", "norman")}
            assert (asked.status == "approved") != asked_of_lee, (asked.status, votes(asked))
