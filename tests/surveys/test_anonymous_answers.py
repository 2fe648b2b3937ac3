"""Answers of anonymous campaigns, which lead to nobody; and the way out of all surveys."""

import datetime as dt

import pytest

from audit.models import AuditEntry
from surveys.choices import InvitationStatus
from surveys.errors import AnswerFinal, LinkWithdrawn
from surveys.models import Answer, FollowUp, Invitation, Response
from surveys.services import optouts, responses
from tests.factories import TODAY
from tests.factories.contacts import make_contact
from tests.factories.surveys import (
    ANSWERS,
    NOW,
    CampaignFactory,
    InvitationFactory,
    LoopRuleFactory,
    answer,
    make_mail,
    token_of,
)

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def invitation(account):
    return InvitationFactory(account=account)


@pytest.fixture
def token(invitation):
    return token_of(invitation)


def keep(token, given, *, now=NOW, language="zh-hans"):
    return responses.save_partial(token, given, language=language, now=now)


def send(token, given=ANSWERS, *, now=NOW, language="zh-hans", **fields):
    return responses.submit(token, given, language=language, now=now, **fields)


def status_of(invitation):
    return Invitation.objects.get(pk=invitation.pk).status


@pytest.mark.django_db
class TestAnonymous:
    @pytest.fixture
    def invitation(self, account):
        account.tier = "B"
        account.save()
        return InvitationFactory(account=account, campaign=CampaignFactory(anonymous=True))

    def test_no_row_leads_to_the_person(self, invitation, token, alice):
        LoopRuleFactory(campaign=invitation.campaign)
        before = AuditEntry.objects.count()
        responses.open_invitation(token, now=NOW)
        keep(token, {"recommend": 1})
        row = send(token, {"comment": "秘密"})
        row.refresh_from_db()
        midnight = dt.datetime(2026, 3, 16, tzinfo=dt.UTC)
        assert (row.invitation, row.account, row.contact, row.entered_by) == (None, None, None, None)
        assert (row.completed_at, row.created_at, row.updated_at) == (midnight, midnight, midnight)
        assert (row.tier, row.manager, row.team, row.date) == ("B", alice, alice.team, TODAY)
        invitation.refresh_from_db()
        assert (invitation.status, invitation.opened_at, invitation.answered_on) == ("answered", None, None)
        assert AuditEntry.objects.count() == before
        assert not FollowUp.objects.exists()

    def test_no_time_of_a_part_either(self, invitation, token):
        keep(token, {"recommend": 1})
        row = Response.objects.get()
        assert row.created_at == row.updated_at
        assert (row.created_at.hour, row.created_at.minute, row.created_at.second) == (0, 0, 0)

    def test_the_link_finds_its_answer_again(self, invitation, token):
        send(token)
        other = InvitationFactory(account=invitation.account, campaign=invitation.campaign)
        assert responses.open_invitation(token_of(other), now=NOW).response is None
        assert responses.open_invitation(token, now=NOW).is_complete
        send(token, {"easy": 1}, now=NOW + 23 * HOUR)
        assert Response.objects.get().answers["easy"] == 1
        with pytest.raises(AnswerFinal):
            send(token, now=NOW + 96 * HOUR)

    def test_nobody_sees_the_row(self, invitation, token, alice, dora):
        send(token)
        for user in (alice, dora):
            assert not Response.objects.visible_to(user).exists()
            assert not Answer.objects.visible_to(user).exists()


@pytest.mark.django_db
class TestUnsubscribe:
    def test_asks_no_more(self, invitation, token):
        optouts.unsubscribe(token)
        optouts.unsubscribe(token)
        invitation.contact.refresh_from_db()
        assert invitation.contact.no_surveys
        assert status_of(invitation) == InvitationStatus.WITHDRAWN
        entry = AuditEntry.objects.get(action="contact.unsubscribed")
        assert (entry.actor, entry.account_id) == (None, invitation.account_id)
        assert entry.changes == {"no_surveys": [False, True]}
        with pytest.raises(LinkWithdrawn):
            send(token)

    def test_closes_other_links_too_but_touches_no_answer(self, invitation, token):
        other = InvitationFactory(account=invitation.account, contact=invitation.contact)
        mail = make_mail(other, kind="reminder")
        given = InvitationFactory(account=invitation.account, contact=invitation.contact)
        answer(given)
        stranger = InvitationFactory(account=invitation.account, contact=make_contact(invitation.account, "别人"))
        optouts.unsubscribe(token)
        assert [status_of(row) for row in (other, given, stranger)] == ["withdrawn", "answered", "sent"]
        mail.refresh_from_db()
        assert mail.status == "dropped"

    def test_works_long_after_the_link_is_over(self, account):
        invitation = InvitationFactory(account=account, status="expired", expires_on=TODAY - dt.timedelta(days=400))
        optouts.unsubscribe(token_of(invitation))
        invitation.contact.refresh_from_db()
        assert invitation.contact.no_surveys

    def test_of_somebody_who_was_deleted(self, account):
        invitation = InvitationFactory(account=account)
        invitation.contact.delete()
        optouts.unsubscribe(token_of(invitation))
        assert status_of(invitation) == InvitationStatus.WITHDRAWN
