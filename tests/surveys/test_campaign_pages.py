"""The pages of campaigns: what they show, what they save, what they say when refused."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from surveys.models import AskedContact, Campaign, Invitation, SurveyMail, SurveyPolicy
from tests.factories.accounts import AccountFactory
from tests.factories.contacts import make_contact
from tests.factories.surveys import CampaignFactory, InvitationFactory, VersionFactory, make_mail

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client_for, dora):
    return client_for(dora)


def url(name, *args):
    return reverse(f"surveys:{name}", args=args)


def form(version, owner, **fields):
    return {
        "name": "年度调查", "questionnaire_version": version.pk, "owner": owner.pk, "timing": "once",
        "channel": "email", "start_date": timezone.localdate().isoformat(), "every_months_a": 6, "every_months_b": 12,
        "every_months_c": 0, "event_days": 2, "reminder_days": 7, **fields,
    }  # fmt: skip


class TestForm:
    def test_saves_who_what_and_words(self, client, dora):
        answer = client.post(url("campaign_create"), form(
            VersionFactory(), dora, tiers=["A", "none"], roles=["champion"],
            **{"accounts-region": "north", "accounts-status": ["active", "prospect"], "text_en_body": "Hello {name}"},
        ))  # fmt: skip
        campaign = Campaign.objects.get()
        assert answer["Location"] == campaign.get_absolute_url()
        assert campaign.audience == {
            "tiers": ["A", "none"], "roles": ["champion"],
            "accounts": {"region": ["north"], "status": ["active", "prospect"]},
        }  # fmt: skip
        assert campaign.texts == {"en": {"body": "Hello {name}"}}
        page = client.get(url("campaign_update", campaign.pk)).content.decode()
        assert "Hello {name}" in page
        assert '<option value="north" selected>' in page
        detail = client.get(campaign.get_absolute_url()).content.decode()
        assert "North China" in detail
        assert "Champion" in detail

    def test_what_was_typed_stays_when_refused(self, client, dora):
        wrong = form(VersionFactory(), dora, name="", end_date="2020-01-01", text_en_body="Kept")
        page = client.post(url("campaign_create"), wrong)
        assert page.status_code == 200
        assert "Nothing was saved yet" in page.content.decode()
        assert "Kept" in page.content.decode()
        assert not Campaign.objects.exists()

    def test_the_filters_of_the_account_list_come_along(self, client):
        VersionFactory()
        page = client.get(url("campaign_create") + "?accounts-region=north").content.decode()
        assert '<option value="north" selected>' in page

    def test_without_a_questionnaire_says_what_comes_first(self, client):
        assert "No questionnaire is published yet" in client.get(url("campaign_create")).content.decode()

    def test_fixed_fields_of_one_that_runs_are_closed(self, client, dora):
        campaign = CampaignFactory(owner=dora)
        data = form(campaign.questionnaire_version, dora, name="Neu", channel="link", anonymous="on")
        client.post(url("campaign_update", campaign.pk), data)
        campaign.refresh_from_db()
        assert (campaign.name, campaign.channel, campaign.anonymous) == ("Neu", "email", False)


class TestPreview:
    def test_counts_reasons_and_pages(self, client, dora, account):
        campaign = CampaignFactory(status="draft", owner=dora)
        for n in range(60):
            make_contact(account, f"可问{n}", email=f"c{n}@example.com")
        make_contact(account, "不愿意", email="x@example.com", no_surveys=True)
        page = client.get(url("campaign_preview", campaign.pk))
        assert "60 of 61 would be asked" in page.content.decode()
        assert len(page.context["page"]) == 50
        refused = client.get(url("campaign_preview", campaign.pk) + "?reason=opted_out").content.decode()
        assert "不愿意" in refused
        assert "可问1" not in refused

    def test_nobody_in_it(self, client, dora):
        campaign = CampaignFactory(status="draft", owner=dora)
        page = client.get(url("campaign_preview", campaign.pk)).content.decode()
        assert "Nobody would be asked" in page
        answer = client.post(url("campaign_start", campaign.pk), follow=True)
        assert "Nobody would be asked: of 0 contacts" in answer.content.decode()
        assert Campaign.objects.get().status == "draft"


class TestSteps:
    def test_start_pause_resume_end(self, client, dora, account):
        make_contact(account, email="a@example.com")
        campaign = CampaignFactory(status="draft", owner=dora)
        assert "1 contact is asked at once" in client.get(url("campaign_start", campaign.pk)).content.decode()
        for step, status in (("start", "running"), ("pause", "paused"), ("resume", "running"), ("end", "ended")):
            client.post(url(f"campaign_{step}", campaign.pk))
            campaign.refresh_from_db()
            assert campaign.status == status
        page = client.post(url("campaign_resume", campaign.pk), follow=True).content.decode()
        assert "this cannot be done with it now" in page

    def test_discard(self, client, dora):
        campaign = CampaignFactory(status="draft", owner=dora)
        assert "The draft is deleted" in client.get(url("campaign_end", campaign.pk)).content.decode()
        assert client.post(url("campaign_end", campaign.pk))["Location"] == url("campaign_list")
        assert not Campaign.objects.exists()


class TestInvitations:
    def test_link_and_code_on_request_only(self, client_for, alice, ann, account):
        invitation = InvitationFactory(
            campaign=CampaignFactory(channel="link"), account=account, expires_on="2099-01-01"
        )
        first = client_for(alice).get(url("invitation_link", invitation.pk)).content.decode()
        assert "data:image/svg" not in first
        shown = client_for(alice).post(url("invitation_link", invitation.pk)).content.decode()
        assert "data:image/svg" in shown
        assert "/s/" in shown
        assert client_for(ann).post(url("invitation_link", invitation.pk)).status_code == 404

    def test_uncertain_mail_is_shown_and_sent_again(self, client, account):
        invitation = InvitationFactory(account=account, expires_on="2099-01-01")
        mail = make_mail(invitation, status="uncertain")
        detail = client.get(invitation.campaign.get_absolute_url()).content.decode()
        assert "nobody knows whether it was sent" in detail
        rows = client.get(url("campaign_invitations", invitation.campaign_id) + "?mail=uncertain").content.decode()
        assert "Send again" in rows
        client.post(url("mail_again", mail.pk))
        mail.refresh_from_db()
        assert mail.status == "waiting"

    def test_bounce(self, client, account):
        invitation = InvitationFactory(account=account, expires_on="2099-01-01")
        make_mail(invitation, status="sent")
        client.post(url("invitation_bounce", invitation.pk), {"error": "mailbox full"})
        assert Invitation.objects.get().status == "bounced"
        assert SurveyMail.objects.get().error == "mailbox full"

    def test_only_of_accounts_that_one_sees(self, client_for, alice, account, foreign_account):
        campaign = CampaignFactory()
        InvitationFactory(campaign=campaign, account=account)
        InvitationFactory(campaign=campaign, account=foreign_account)
        page = client_for(alice).get(url("campaign_invitations", campaign.pk)).content.decode()
        assert "Dawn Machinery" in page
        assert "Southern" not in page
        detail = client_for(alice).get(campaign.get_absolute_url())
        assert detail.context["invited"] == 1

    def test_filters_by_state_tier_and_name(self, client):
        campaign = CampaignFactory()
        for tier, name in (("A", "甲公司"), ("B", "乙公司")):
            InvitationFactory(campaign=campaign, account=AccountFactory(tier=tier, name=name, name_en=""))
        for query in ("tier=A", "q=甲"):
            page = client.get(url("campaign_invitations", campaign.pk) + f"?{query}").content.decode()
            assert "甲公司" in page
            assert "乙公司" not in page


def test_lists_cost_the_same_at_3_and_30_rows(client, account):
    campaign = CampaignFactory()

    def cost(address):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    pages = (url("campaign_list"), campaign.get_absolute_url(), url("campaign_invitations", campaign.pk),
             url("campaign_preview", campaign.pk))  # fmt: skip

    def grow(rows):
        for _ in range(rows):
            make_mail(InvitationFactory(campaign=campaign, account=AccountFactory()))
            CampaignFactory()

    grow(3)
    for address in pages:
        client.get(address)
    few = [cost(address) for address in pages]
    grow(27)
    assert [cost(address) for address in pages] == few
    assert max(few) <= 14


def test_policy(client):
    data = {
        "min_days_between": 60, "answer_days": 20, "mails_per_minute": 120, "follow_up_hours_a": 8,
        "follow_up_hours_b": 16, "follow_up_hours_c": 24, "day_from": "09:00", "day_until": "17:30",
    }  # fmt: skip
    client.post(url("policy_update"), data)
    policy = SurveyPolicy.objects.get()
    assert (policy.min_days_between, policy.day_until) == (60, dt.time(17, 30))
    page = client.post(url("policy_update"), {**data, "day_until": "08:00"}).content.decode()
    assert "The working day ends before it begins." in page
    assert AskedContact.objects.count() == 0
