"""Asking in batches: everybody once, wherever a batch ends, and as few statements as there are batches."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import AuditEntry
from contacts.models import Contact, Employment
from surveys.models import AskedContact, Invitation, SurveyMail, SurveyPolicy
from surveys.services import waves
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.contacts import make_contact
from tests.factories.surveys import NOW, CampaignFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def policy():
    SurveyPolicy.objects.create(min_days_between=30)


def people(account, count):
    return [make_contact(account, f"联系人{n}", email=f"c{n}@example.com") for n in range(count)]


def ask(campaign, today=TODAY):
    return waves.ask(campaign.pk, today=today, now=NOW)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_everybody_once_wherever_a_batch_ends(account, monkeypatch, size):
    monkeypatch.setattr(waves, "BATCH", size)
    guests = people(account, 7)
    better = AccountFactory(tier="A")
    Employment.objects.create(contact=guests[0], account=better)  # the same person, where the tier is higher
    make_contact(better, "同一邮箱", email="c1@example.com")
    campaign = CampaignFactory()
    assert ask(campaign) == 7
    asked = Invitation.objects.values_list("email", flat=True)
    assert sorted(asked) == [f"c{n}@example.com" for n in range(7)]
    assert set(Invitation.objects.filter(account=better).values_list("email", flat=True)) == {
        "c0@example.com", "c1@example.com",
    }  # fmt: skip
    assert AskedContact.objects.filter(asked_on=TODAY).count() == 7
    assert SurveyMail.objects.count() == AuditEntry.objects.filter(action="invitation.made").count() == 7
    assert ask(campaign) == ask(CampaignFactory()) == 0


def test_who_is_asked_elsewhere_meanwhile_is_not_asked_again(account, monkeypatch):
    """Between the look over all and the batch in which the contact stands."""
    monkeypatch.setattr(waves, "BATCH", 2)
    guests = people(account, 4)
    campaign, looked = CampaignFactory(), waves._batches

    def then_somebody_else_asks(*args):
        batches = looked(*args)
        AskedContact.objects.create(contact=guests[3], asked_on=TODAY)
        Contact.objects.filter(pk=guests[1].pk).update(no_surveys=True)
        return batches

    monkeypatch.setattr(waves, "_batches", then_somebody_else_asks)
    assert ask(campaign) == 2
    assert set(Invitation.objects.values_list("contact", flat=True)) == {guests[0].pk, guests[2].pk}


def test_statements_do_not_grow_with_people(account):
    def statements(count):
        campaign = CampaignFactory()
        Employment.objects.all().delete()
        AskedContact.objects.all().delete()
        people(account, count)
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert ask(campaign) == count
        return len(found)

    assert statements(3) == statements(30)


def test_asks_nobody_of_a_campaign_that_does_not_run(account):
    people(account, 2)
    assert ask(CampaignFactory(status="paused")) == 0
    assert ask(CampaignFactory(start_date=TODAY + dt.timedelta(days=1))) == 0
    assert waves.ask(0, today=TODAY, now=NOW) == 0
