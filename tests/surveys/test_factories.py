"""The factories make rows that the constraints take."""

import pytest

from surveys.models import Answer
from surveys.tokens import is_genuine
from tests.factories.surveys import (
    CampaignFactory,
    FollowUpFactory,
    InvitationFactory,
    LoopRuleFactory,
    ResponseFactory,
    VersionFactory,
    answer,
    make_mail,
    token_of,
)

pytestmark = pytest.mark.django_db


def test_every_factory_makes_a_row(account):
    invitation = InvitationFactory(account=account)
    assert is_genuine(token_of(invitation))
    assert make_mail(invitation).pk
    assert LoopRuleFactory(campaign=invitation.campaign).pk
    response = answer(invitation, answers={"recommend": 2, "reasons": ["price"]})
    assert response.manager == account.manager
    assert response.team == account.manager.team
    assert Answer.objects.filter(response=response, question="reasons", part="price").exists()
    follow_up = FollowUpFactory(account=account, campaign=invitation.campaign)
    assert follow_up.reasons.get().value == 3
    assert FollowUpFactory(status="closed", response__none=True).reasons.count() == 0
    assert VersionFactory(status="draft").published_at is None


def test_an_anonymous_answer_leads_to_nobody(account):
    invitation = InvitationFactory(account=account, campaign=CampaignFactory(anonymous=True))
    response = answer(invitation)
    assert (response.account, response.contact, response.invitation) == (None, None, None)
    assert response.tier == account.tier
    assert response.key_hash
    assert ResponseFactory().answer_rows.count() == 13
