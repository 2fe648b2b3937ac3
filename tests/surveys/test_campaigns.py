"""The life of a campaign, the policy, and inviting named contacts."""

import datetime as dt
import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from audit.models import AuditEntry
from contacts.services.privacy import erase_contact
from surveys.errors import (
    AudienceUnknown,
    CampaignFixed,
    CampaignTimeOver,
    CampaignWrongStatus,
    InvitationOver,
    MayNotOwnSurveys,
    NobodyToAsk,
    TextsUnknown,
    VersionNotPublished,
)
from surveys.models import AskedContact, Campaign, Invitation, LoopRule, SurveyMail, SurveyPolicy
from surveys.services import campaigns, invitations, inviting, jobs, waves
from surveys.services.policy import policy_now, update_policy
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.contacts import make_contact
from tests.factories.surveys import DEFINITION, NOW, CampaignFactory, InvitationFactory, VersionFactory, make_mail
from users.duties import duties_of

DAY = dt.timedelta(days=1)
pytestmark = pytest.mark.django_db


def draft(dora, **fields):
    fields = {
        "name": "年度调查",
        "questionnaire_version": VersionFactory(),
        "owner": dora,
        "start_date": TODAY,
        **fields,
    }
    return campaigns.create_campaign(Campaign(**fields), actor=dora)


def start(campaign, dora):
    return campaigns.start_campaign(campaign, actor=dora, today=TODAY, now=NOW)


@pytest.fixture
def contact(account):
    return make_contact(account, email="wang@example.com")


class TestCreate:
    def test_is_a_draft_with_the_usual_rules_for_follow_ups(self, dora):
        campaign = draft(dora)
        assert campaign.status == "draft"
        assert campaign.definition == {}
        assert LoopRule.objects.filter(campaign=campaign, question="recommend", low=0, high=6).exists()
        assert AuditEntry.objects.filter(action="survey_campaign.created", actor=dora).count() == 1

    def test_only_by_who_owns_policies(self, alice, lee):
        for person in (alice, lee):
            with pytest.raises(MayNotOwnSurveys):
                draft(person)
        assert not Campaign.objects.exists()

    @pytest.mark.parametrize(
        "audience", [{"tiers": ["D"]}, {"roles": "user"}, {"who": []}, {"accounts": [1]}, {"accounts": {"tag": 3}}]
    )
    def test_refuses_an_unknown_audience(self, dora, audience):
        with pytest.raises(AudienceUnknown):
            draft(dora, audience=audience)

    @pytest.mark.parametrize("texts", [{"fr": {"body": "x"}}, {"en": {"title": "x"}}, {"en": {"body": "x" * 5001}}])
    def test_refuses_unknown_texts(self, dora, texts):
        with pytest.raises(TextsUnknown):
            draft(dora, texts=texts)

    @pytest.mark.parametrize(
        "fields", [{"end_date": TODAY - DAY}, {"timing": "event"}, {"reply_to": "nobody"}, {"reminder_days": 0}]
    )
    def test_refuses_what_the_model_refuses(self, dora, fields):
        with pytest.raises(ValidationError):
            draft(dora, **fields)

    def test_keeps_only_what_says_something(self, dora):
        campaign = draft(dora, texts={"en": {"body": " Hello ", "subject": ""}, "zh-hans": {}}, audience={"tiers": []})
        assert (campaign.texts, campaign.audience) == ({"en": {"body": "Hello"}}, {})


class TestStart:
    def test_freezes_the_questionnaire(self, dora, contact):
        campaign = start(draft(dora), dora)
        assert (campaign.status, campaign.definition, campaign.started_at) == ("running", DEFINITION, NOW)
        assert waves.ask(campaign.pk, today=TODAY, now=NOW) == 1

    def test_refuses_a_draft_of_a_questionnaire(self, dora, contact):
        with pytest.raises(VersionNotPublished):
            start(draft(dora, questionnaire_version=VersionFactory(status="draft")), dora)

    def test_refuses_when_nobody_would_be_asked(self, dora, account):
        make_contact(account, email="", no_surveys=True)
        with pytest.raises(NobodyToAsk) as refused:
            start(draft(dora), dora)
        assert "of 1 contacts" in str(refused.value)
        assert Campaign.objects.get().status == "draft"

    def test_a_recurring_one_may_begin_with_nobody(self, dora):
        assert start(draft(dora, timing="recurring"), dora).status == "running"

    def test_refuses_one_whose_end_has_passed(self, dora, contact):
        campaign = draft(dora, start_date=TODAY - 9 * DAY, end_date=TODAY - DAY)
        with pytest.raises(CampaignTimeOver):
            start(campaign, dora)

    def test_only_once_and_only_by_who_owns_policies(self, dora, lee, contact):
        campaign = draft(dora)
        with pytest.raises(MayNotOwnSurveys):
            start(campaign, lee)
        start(campaign, dora)
        with pytest.raises(CampaignWrongStatus):
            start(campaign, dora)

    def test_asks_nobody_before_its_first_day(self, dora, contact):
        campaign = start(draft(dora, start_date=TODAY + DAY), dora)
        assert waves.ask(campaign.pk, today=TODAY, now=NOW) == 0
        assert waves.ask(campaign.pk, today=TODAY + DAY, now=NOW) == 1


class TestChange:
    def test_a_draft_entirely(self, dora):
        campaign = draft(dora)
        campaign.name, campaign.anonymous, campaign.channel = "新名", True, "link"
        stored = campaigns.update_campaign(campaign, actor=dora)
        assert (stored.name, stored.anonymous) == ("新名", True)
        assert not LoopRule.objects.filter(campaign=stored).exists()
        entry = AuditEntry.objects.get(action="survey_campaign.updated")
        assert entry.changes["name"] == ["年度调查", "新名"]

    @pytest.mark.parametrize(
        ("field", "value"),
        [("anonymous", True), ("channel", "link"), ("timing", "recurring"), ("start_date", TODAY - DAY)],
    )
    def test_not_what_answers_rest_on_once_it_has_started(self, dora, contact, field, value):
        campaign = start(draft(dora), dora)
        setattr(campaign, field, value)
        with pytest.raises(CampaignFixed):
            campaigns.update_campaign(campaign, actor=dora)

    def test_the_rest_while_it_runs(self, dora, contact):
        campaign = start(draft(dora), dora)
        campaign.reminder_days, campaign.end_date = 3, TODAY + 30 * DAY
        assert campaigns.update_campaign(campaign, actor=dora).reminder_days == 3

    def test_a_later_version_of_the_questionnaire_changes_nothing_that_runs(self, dora, contact):
        campaign = start(draft(dora), dora)
        VersionFactory(questionnaire=campaign.questionnaire_version.questionnaire, number=2, definition={"pages": []})
        assert Campaign.objects.get().definition == DEFINITION

    def test_nothing_of_an_ended_one(self, dora):
        campaign = CampaignFactory(status="ended")
        with pytest.raises(CampaignWrongStatus):
            campaigns.update_campaign(campaign, actor=dora)


class TestPauseAndEnd:
    def test_paused_asks_nobody_and_resumed_goes_on(self, dora, contact):
        campaign = start(draft(dora), dora)
        campaigns.pause_campaign(campaign, actor=dora)
        assert waves.ask_due(today=TODAY, now=NOW) == 0
        campaigns.resume_campaign(campaign, actor=dora, today=TODAY)
        assert waves.ask_due(today=TODAY, now=NOW) == 1

    def test_ended_closes_links_and_drops_mails(self, dora, account):
        campaign = CampaignFactory()
        waiting = InvitationFactory(campaign=campaign, account=account, status="waiting")
        mail = make_mail(waiting)
        answered = InvitationFactory(campaign=campaign, account=account, status="answered")
        elsewhere = InvitationFactory(account=account)
        campaigns.end_campaign(campaign, actor=dora, now=NOW)
        for row, status in ((waiting, "expired"), (answered, "answered"), (elsewhere, "sent"), (mail, "dropped")):
            row.refresh_from_db()
            assert row.status == status
        with pytest.raises(CampaignWrongStatus):
            campaigns.resume_campaign(campaign, actor=dora, today=TODAY)

    def test_a_draft_is_discarded_and_nothing_else(self, dora):
        campaigns.discard_campaign(draft(dora), actor=dora)
        assert not Campaign.objects.exists()
        with pytest.raises(CampaignWrongStatus):
            campaigns.discard_campaign(CampaignFactory(), actor=dora)


class TestLink:
    def test_handing_it_over_is_recorded(self, alice, account):
        campaign = CampaignFactory(channel="link")
        invitation = InvitationFactory(campaign=campaign, account=account, status="waiting")
        assert invitations.hand_over_link(invitation, actor=alice, today=TODAY).status == "sent"
        assert AuditEntry.objects.get(action="invitation.link_shown").actor == alice

    @pytest.mark.parametrize("fields", [{"status": "answered"}, {"expires_on": TODAY - DAY}])
    def test_not_of_one_that_is_over(self, alice, account, fields):
        with pytest.raises(InvitationOver):
            invitations.hand_over_link(InvitationFactory(account=account, **fields), actor=alice, today=TODAY)


class TestPolicy:
    def test_one_row_with_an_audit_entry(self, dora):
        assert policy_now().pk is None
        policy = SurveyPolicy(min_days_between=30)
        update_policy(policy, actor=dora)
        update_policy(SurveyPolicy(min_days_between=60), actor=dora)
        assert SurveyPolicy.objects.get().min_days_between == 60
        assert AuditEntry.objects.filter(action="survey_policy.updated").first().changes == {
            "min_days_between": [30, 60]
        }

    def test_refuses(self, lee, dora):
        with pytest.raises(MayNotOwnSurveys):
            update_policy(SurveyPolicy(), actor=lee)
        for wrong in ({"mails_per_minute": 0}, {"day_from": dt.time(18), "day_until": dt.time(9)}, {"answer_days": 0}):
            with pytest.raises(ValidationError):
                update_policy(SurveyPolicy(**wrong), actor=dora)


class TestInviteByName:
    def row(self, contact, **fields):
        return inviting.InvitationRow(contact.employments.get().account_id, contact.pk, **fields)

    def invite(self, campaign, rows, actor):
        found = inviting.invite(campaign, rows, actor=actor, today=TODAY, now=NOW)
        return [(outcome.status, outcome.code) for outcome in found]

    def test_each_row_for_itself(self, dora, account):
        campaign = CampaignFactory(timing="event", event="case_closed", audience={"tiers": ["A"]})
        good = make_contact(account, email="a@example.com")
        out = make_contact(account, email="b@example.com", no_surveys=True)
        none = make_contact(account, email="")
        ended = make_contact(AccountFactory(status="terminated"), email="c@example.com")
        elsewhere = inviting.InvitationRow(AccountFactory().pk, good.pk)
        rows = [
            self.row(good, external_id="T-1", occasion="case_closed:T-1"), self.row(out), self.row(none),
            self.row(ended), elsewhere, self.row(good, external_id="T-2", occasion="case_closed:T-2"),
        ]  # fmt: skip
        expected = [
            ("created", ""), ("refused", "opted_out"), ("refused", "no_address"), ("refused", "terminated"),
            ("refused", "not_there"), ("refused", "same_person"),
        ]  # fmt: skip
        assert self.invite(campaign, rows, dora) == expected
        assert self.invite(campaign, rows[:1], dora) == [("unchanged", "")]
        assert self.invite(campaign, rows[5:], dora) == [("refused", "recently")]
        assert Invitation.objects.get().occasion == "case_closed:T-1"
        assert SurveyMail.objects.count() == 1

    def test_a_number_names_one_contact(self, dora, account):
        campaign = CampaignFactory()
        first, second = (make_contact(account, email=f"{n}@example.com") for n in "ab")
        assert self.invite(campaign, [self.row(first, external_id="T-1")], dora) == [("created", "")]
        taken = self.invite(campaign, [self.row(second, external_id="T-1")], dora)
        assert taken == [("refused", "external_id_taken")]

    def test_only_at_accounts_that_one_may_change(self, alice, ann, mallory, contact):
        campaign, rows = CampaignFactory(), [self.row(contact)]
        assert self.invite(campaign, rows, mallory) == self.invite(campaign, rows, ann) == [("refused", "not_there")]
        assert self.invite(campaign, rows, alice) == [("created", "")]

    def test_refuses_a_campaign_that_does_not_run(self, dora, contact):
        with pytest.raises(CampaignWrongStatus):
            self.invite(CampaignFactory(status="paused"), [self.row(contact)], dora)


class TestNightlyJob:
    def test_does_all_and_the_second_time_nothing(self, account):
        running = CampaignFactory()
        over = CampaignFactory(end_date=TODAY - DAY)
        gone = InvitationFactory(campaign=over, account=account)
        late = InvitationFactory(campaign=running, account=account, expires_on=TODAY - DAY)
        left = InvitationFactory(campaign=running, account=account)
        left.contact.employments.update(until_date=TODAY - DAY)
        make_contact(account, "新人", email="new@example.com")
        report = jobs.run_surveys(today=TODAY, now=NOW)
        assert (report.ended, report.expired, report.withdrawn, report.asked) == (1, 1, 1, 2), (
            "the one of the campaign that is over, too"
        )
        assert {row.pk: row.status for row in Invitation.objects.filter(pk__in=[gone.pk, late.pk, left.pk])} == {
            gone.pk: "expired", late.pk: "expired", left.pk: "withdrawn",
        }  # fmt: skip
        assert not jobs.run_surveys(today=TODAY, now=NOW)

    def test_dry_run_says_the_same_and_writes_nothing(self, account, contact):
        CampaignFactory()
        before = AuditEntry.objects.count()
        report = jobs.run_surveys(today=TODAY, now=NOW, dry_run=True)
        assert report.asked == 1
        assert (Invitation.objects.count(), AuditEntry.objects.count()) == (0, before)
        assert jobs.run_surveys(today=TODAY, now=NOW).asked == 1


def test_who_owns_a_campaign_hands_it_over_before_leaving(dora, alice):
    campaign = CampaignFactory(owner=dora)
    CampaignFactory(owner=dora, status="ended")
    found = {str(duty): duty.url for duty in duties_of(dora) if duty.count}
    assert found == {"owner of 1 survey campaign": found["owner of 1 survey campaign"]}
    assert f"owner={dora.pk}&status=draft" in found["owner of 1 survey campaign"]
    campaign.owner = alice
    campaigns.update_campaign(campaign, actor=dora)
    assert not any(duty.count for duty in duties_of(dora))


def test_an_erased_person_leaves_no_address_behind(lee, account):
    invitation = InvitationFactory(account=account, status="waiting")
    mail = make_mail(invitation)
    erase_contact(invitation.contact, actor=lee, today=TODAY)
    for row in (invitation, mail):
        row.refresh_from_db()
    assert (invitation.email, invitation.status, mail.status) == ("", "withdrawn", "dropped")


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer: there is no race")
class TestAtTheSameTime:
    """Two askings at once: no contact is asked twice within the policy's days."""

    def test_two_campaigns_and_a_client(self, dora, account):
        SurveyPolicy.objects.create(pk=1)  # else making it would let one wait for the other
        people = [make_contact(account, f"n{n}", email=f"n{n}@example.com") for n in range(40)]
        one, two, three = CampaignFactory(), CampaignFactory(), CampaignFactory(audience={"tiers": ["A"]})
        rows = [inviting.InvitationRow(account.pk, person.pk) for person in people]
        gate, failures = threading.Barrier(5), []

        def run(work):
            gate.wait()
            try:
                work()
            except Exception as error:  # noqa: BLE001  whatever goes wrong in a thread fails the test
                failures.append(error)
            finally:
                connection.close()

        works = [
            *(lambda pk=pk: waves.ask(pk, today=TODAY, now=NOW) for pk in (one.pk, two.pk, one.pk)),
            lambda: inviting.invite(three, rows, actor=dora, today=TODAY, now=NOW),
            lambda: waves.ask_due(today=TODAY, now=NOW),
        ]
        threads = [threading.Thread(target=run, args=(work,)) for work in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures
        assert Invitation.objects.count() == 40
        assert Invitation.objects.values("contact").distinct().count() == 40
        assert AskedContact.objects.count() == SurveyMail.objects.count() == 40
