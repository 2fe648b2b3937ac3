"""The outbox against a real mail server: what goes out, what comes back, what waits."""

import datetime as dt
from itertools import pairwise

import pytest

from audit.models import AuditEntry
from surveys.errors import InvitationOver, MailNotUncertain
from surveys.models import Campaign, Invitation, SurveyMail
from surveys.services import outbox, reminders
from surveys.services.invitations import mark_bounced, mark_delivered
from surveys.services.policy import locked_policy
from surveys.tokens import token_for
from tests.factories import TODAY
from tests.factories.contacts import make_contact
from tests.factories.surveys import NOW, CampaignFactory, InvitationFactory, make_mail
from tests.surveys.post_office import PostOffice

pytestmark = pytest.mark.django_db
MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)


@pytest.fixture
def office(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "127.0.0.1", 5
    settings.DEFAULT_FROM_EMAIL = "KAM <kam@example.com>"
    settings.BASE_URL = "https://kam.example.com"
    with PostOffice() as office:
        settings.EMAIL_PORT = office.port
        yield office


@pytest.fixture
def campaign(db):
    return CampaignFactory(sender_name="晨星科技客户关系部", reply_to="care@example.com")


def invite(campaign, account, n=0, **fields):
    """An invitation that waits, with its mail, to a contact of its own."""
    contact = make_contact(account, f"联系人{n}", email=f"c{n}@example.com")
    invitation = InvitationFactory(campaign=campaign, account=account, contact=contact, status="waiting", **fields)
    return make_mail(invitation)


def send(now=NOW):
    return outbox.send_due(lambda: now)


def states():
    return dict(SurveyMail.objects.values_list("invitation__email", "status"))


class TestSending:
    def test_a_mail_goes_out_once_and_says_what_it_should(self, office, campaign, account):
        mail = invite(campaign, account, language="en")
        assert send().sent == 1
        assert send(NOW + 2 * MINUTE).sent == 0
        [letter] = office.letters
        token = token_for(mail.invitation.seed)
        assert letter["To"] == "c0@example.com"
        assert letter["From"].addresses[0].display_name == "晨星科技客户关系部"
        assert letter["From"].addresses[0].addr_spec == "kam@example.com"
        assert letter["Reply-To"] == "care@example.com"
        assert letter["List-Unsubscribe"].strip() == f"<https://kam.example.com/s/{token}/unsubscribe>"
        assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert letter["Message-ID"].endswith("@kam.example.com>")
        text, html = letter.get_body(("plain",)).get_content(), letter.get_body(("html",)).get_content()
        for part in (text, html):
            assert f"https://kam.example.com/s/{token}" in part
            assert "Dear 联系人0," in part
        mail.refresh_from_db()
        assert (mail.status, mail.sent_at, mail.attempts) == ("sent", NOW, 1)
        assert Invitation.objects.get().status == "sent"

    def test_no_number_of_ours_is_in_it(self, office, campaign, account):
        mail = invite(campaign, account)
        Campaign.objects.filter(pk=campaign.pk).update(name="campaign-name")
        send()
        whole = office.letters[0].as_string()
        assert "campaign-name" not in whole
        assert account.name not in office.letters[0].get_body(("plain",)).get_content()
        assert f"/{mail.invitation.pk}" not in whole

    @pytest.mark.parametrize(("language", "word"), [("zh-hans", "回答"), ("zh-hant", "回答"), ("en", "Answer")])
    def test_own_words_of_the_campaign_in_its_language(self, office, campaign, account, language, word):
        campaign.texts = {
            language: {"subject": f"{word}\n请", "body": "{name}: {sender} <b>bold</b>\n\n{last_day} {unknown}"}
        }
        campaign.save()
        invite(campaign, account, language=language)
        send()
        [letter] = office.letters
        assert letter["Subject"] == f"{word} 请"
        text = letter.get_body(("plain",)).get_content()
        assert "联系人0: 晨星科技客户关系部 <b>bold</b>" in text
        assert "{unknown}" in text
        assert "&lt;b&gt;bold" in letter.get_body(("html",)).get_content()

    def test_anonymous_says_so(self, office, account):
        invite(CampaignFactory(anonymous=True), account, language="en")
        send()
        assert "Your answers are anonymous" in office.letters[0].get_body(("plain",)).get_content()


class TestRate:
    def test_over_all_campaigns_in_any_minute(self, office, account):
        policy = locked_policy()
        policy.mails_per_minute = 3
        policy.save()
        for n in range(4):
            invite(CampaignFactory(), account, n)
            invite(CampaignFactory(), account, n + 4)
        sent = [send(NOW + dt.timedelta(seconds=seconds)).sent for seconds in (0, 15, 59, 60, 75, 120, 180)]
        assert sent == [3, 0, 0, 3, 0, 2, 0]
        assert sorted(office.addresses) == [f"c{n}@example.com" for n in range(8)]

    def test_what_there_is_no_time_for_is_given_back(self, office, campaign, account):
        for n in range(3):
            invite(campaign, account, n)
        times = iter([NOW, NOW, NOW, NOW, NOW + 2 * MINUTE])
        assert outbox.send_due(lambda: next(times)).sent == 1
        assert SurveyMail.objects.filter(status="waiting", claimed_at=None).count() == 2
        assert send(NOW + 2 * MINUTE).sent == 2


class TestNoLongerWanted:
    CHANGES = (
        ("contact", {"no_surveys": True}),
        ("contact", {"no_email": True}),
        ("contact", {"consent": "withdrawn"}),
        ("contact", {"erased": True}),
        ("employment", {"until_date": TODAY - DAY}),
        ("account", {"status": "terminated"}),
        ("invitation", {"status": "answered"}),
        ("invitation", {"expires_on": TODAY - DAY}),
        ("invitation", {"email": ""}),
    )

    @pytest.mark.parametrize(("what", "change"), CHANGES)
    def test_is_dropped(self, office, campaign, account, what, change):
        mail, other = invite(campaign, account), invite(campaign, account, 1)
        if what == "account":
            other.delete()
        rows = {
            "contact": type(mail.invitation.contact).objects.filter(pk=mail.invitation.contact_id),
            "employment": mail.invitation.contact.employments.all(),
            "account": type(account).objects.filter(pk=account.pk),
            "invitation": Invitation.objects.filter(pk=mail.invitation_id),
        }
        rows[what].update(**change)
        done = send()
        assert done.dropped == 1
        assert "c0@example.com" not in office.addresses
        mail.refresh_from_db()
        assert mail.status == "dropped"

    def test_a_paused_campaign_waits_and_goes_on(self, office, campaign, account):
        invite(campaign, account)
        Campaign.objects.update(status="paused")
        assert send().sent == 0
        Campaign.objects.update(status="running")
        assert send(NOW + DAY).sent == 1


class TestTrouble:
    def test_server_down_for_a_day_loses_and_doubles_nothing(self, office, campaign, account):
        for n in range(5):
            invite(campaign, account, n)
        office.close()
        now, tries = NOW, 0
        while now < NOW + DAY:
            done = send(now)
            tries += done.put_back
            assert done.sent == done.bounced == done.uncertain == done.dropped == 0
            now += 7 * MINUTE
        assert set(states().values()) == {"waiting"}
        assert tries < 5 * 40, "the delay grows"
        assert "Connection" in SurveyMail.objects.first().error
        office.open()
        for _ in range(20):
            now += 7 * MINUTE
            send(now)
        assert sorted(office.addresses) == [f"c{n}@example.com" for n in range(5)]
        assert set(states().values()) == {"sent"}

    def test_the_pause_between_two_tries_grows_to_an_hour(self, office, campaign, account):
        """Minute by minute over a day without a mail server; whose last day passes meanwhile is not written to."""
        mail, late = invite(campaign, account), invite(campaign, account, 1)
        Invitation.objects.filter(pk=late.invitation_id).update(expires_on=TODAY)
        office.close()
        tries = []
        for minute in range(24 * 60):
            mail.refresh_from_db()
            if mail.due_at <= NOW + minute * MINUTE and send(NOW + minute * MINUTE).put_back:
                tries.append(minute)
        pauses = [later - earlier for earlier, later in pairwise(tries)]
        assert pauses[:5] == [2, 5, 10, 20, 40]
        assert set(pauses[5:]) == {60}
        office.open()
        assert send(NOW + DAY + 60 * MINUTE).sent == 1
        assert states() == {"c0@example.com": "sent", "c1@example.com": "dropped"}
        assert office.addresses == ["c0@example.com"]

    def test_a_refused_address_bounces_and_the_next_still_goes(self, office, campaign, account):
        for n in range(3):
            invite(campaign, account, n)
        office.refuse["c1@example.com"] = "550 5.1.1 No such user"
        done = send()
        assert (done.sent, done.bounced) == (2, 1)
        mail = SurveyMail.objects.get(invitation__email="c1@example.com")
        assert (mail.status, mail.error, mail.invitation.status) == ("bounced", "550 5.1.1 No such user", "bounced")
        assert AuditEntry.objects.filter(action="invitation.bounced").count() == 1

    def test_later_is_tried_later(self, office, campaign, account):
        invite(campaign, account)
        office.refuse["c0@example.com"] = "450 4.2.0 Greylisted"
        assert send().put_back == 1
        assert states() == {"c0@example.com": "waiting"}
        office.refuse.clear()
        assert send(NOW + MINUTE).sent == 0
        assert send(NOW + 3 * MINUTE).sent == 1

    def test_connection_that_breaks_before_the_letter_was_given_is_tried_again(self, office, campaign, account):
        invite(campaign, account)
        office.hang_up = "before"
        assert send().put_back == 1
        office.hang_up = ""
        assert send(NOW + 10 * MINUTE).sent == 1
        assert len(office.letters) == 1

    def test_connection_that_breaks_after_it_is_unsure_and_never_tried_again(self, office, campaign, account):
        invite(campaign, account)
        office.hang_up = "after"
        assert send().uncertain == 1
        office.hang_up = ""
        assert send(NOW + DAY).sent == 0
        assert states() == {"c0@example.com": "uncertain"}
        assert len(office.letters) == 1

    def test_a_sender_that_died_leaves_an_uncertain_mail(self, office, campaign, account):
        mail = invite(campaign, account)
        SurveyMail.objects.update(status="sending", claimed_at=NOW)
        assert send(NOW + 14 * MINUTE).uncertain == 0
        assert send(NOW + 16 * MINUTE).uncertain == 1
        mail.refresh_from_db()
        assert mail.status == "uncertain"
        assert office.letters == []

    def test_a_sender_that_died_before_is_followed_by_another(self, office, campaign, account):
        invite(campaign, account)
        assert outbox.claim(NOW)[0]
        assert send(NOW + 4 * MINUTE).sent == 0
        assert send(NOW + 6 * MINUTE).sent == 1

    def test_an_address_that_no_mail_can_carry_bounces(self, office, campaign, account):
        mail = invite(campaign, account)
        Invitation.objects.update(email="a b@exa mple.com\n")
        assert send().bounced == 1
        mail.refresh_from_db()
        assert mail.status == "bounced"


class TestSendAgain:
    def test_an_uncertain_mail_on_demand(self, office, campaign, account, dora):
        mail = invite(campaign, account)
        SurveyMail.objects.update(status="uncertain")
        reminders.send_again(mail, actor=dora, now=NOW)
        assert send().sent == 1
        assert AuditEntry.objects.filter(action="survey_mail.sent_again", actor=dora, account_id=account.pk).exists()

    def test_a_bounced_one_after_the_address_was_corrected(self, office, campaign, account, dora):
        mail = invite(campaign, account)
        mark_bounced(mail.invitation, error="550", actor=None, now=NOW)
        SurveyMail.objects.update(status="bounced")
        with pytest.raises(MailNotUncertain):
            reminders.send_again(mail, actor=dora, now=NOW)
        type(mail.invitation.contact).objects.update(email="new@example.com")
        reminders.send_again(mail, actor=dora, now=NOW)
        assert send().sent == 1
        assert office.addresses == ["new@example.com"]
        assert Invitation.objects.get().status == "sent"

    @pytest.mark.parametrize("status", ["waiting", "sent", "delivered", "dropped", "sending"])
    def test_no_other(self, campaign, account, dora, status):
        mail = invite(campaign, account)
        SurveyMail.objects.update(status=status)
        with pytest.raises(MailNotUncertain):
            reminders.send_again(mail, actor=dora, now=NOW)

    def test_not_when_the_link_is_over(self, campaign, account, dora):
        mail = invite(campaign, account)
        SurveyMail.objects.update(status="uncertain")
        Invitation.objects.update(expires_on=TODAY - DAY)
        with pytest.raises(InvitationOver):
            reminders.send_again(mail, actor=dora, now=NOW)


class TestReminders:
    def sent(self, campaign, account, n=0, *, days=7, **fields):
        mail = invite(campaign, account, n, **fields)
        SurveyMail.objects.filter(pk=mail.pk).update(status="sent", sent_at=NOW - days * DAY)
        Invitation.objects.filter(pk=mail.invitation_id).update(status="sent")
        return mail

    def test_one_after_the_days_that_the_campaign_says(self, office, campaign, account):
        self.sent(campaign, account)
        self.sent(campaign, account, 1, days=6)
        assert reminders.queue_reminders(today=TODAY, now=NOW) == 1
        assert reminders.queue_reminders(today=TODAY, now=NOW) == 0
        assert send().sent == 1
        [letter] = office.letters
        assert letter["To"] == "c0@example.com"
        assert reminders.queue_reminders(today=TODAY + 9 * DAY, now=NOW + 9 * DAY) == 1
        assert SurveyMail.objects.filter(kind="reminder").count() == 2

    def test_has_another_message_id_and_the_same_link(self, office, campaign, account):
        invite(campaign, account)
        send()
        SurveyMail.objects.update(sent_at=NOW - 7 * DAY)
        reminders.queue_reminders(today=TODAY, now=NOW)
        send(NOW + 2 * MINUTE)
        first, second = office.letters
        assert first["Message-ID"] != second["Message-ID"]
        assert first["List-Unsubscribe"].strip() == second["List-Unsubscribe"].strip()

    @pytest.mark.parametrize("status", ["answered", "bounced", "withdrawn", "expired"])
    def test_not_who_answered_or_is_out(self, campaign, account, status):
        mail = self.sent(campaign, account)
        Invitation.objects.filter(pk=mail.invitation_id).update(status=status)
        assert reminders.queue_reminders(today=TODAY, now=NOW) == 0

    def test_not_where_the_campaign_wants_none_or_rests(self, account):
        self.sent(CampaignFactory(reminder_days=None), account)
        self.sent(CampaignFactory(status="paused"), account, 1)
        assert reminders.queue_reminders(today=TODAY, now=NOW) == 0


class TestReports:
    def test_bounce_reported_from_outside(self, campaign, account, dora):
        mail = invite(campaign, account)
        SurveyMail.objects.update(status="sent")
        mark_bounced(mail.invitation, error="mailbox full", actor=dora, now=NOW)
        mail.refresh_from_db()
        assert (mail.status, mail.error) == ("bounced", "mailbox full")
        assert Invitation.objects.get().status == "bounced"
        mark_bounced(mail.invitation, error="again", actor=dora, now=NOW)
        assert AuditEntry.objects.filter(action="invitation.bounced").count() == 1

    def test_bounce_of_an_answered_one_is_refused(self, campaign, account, dora):
        mail = invite(campaign, account)
        Invitation.objects.update(status="answered")
        with pytest.raises(InvitationOver):
            mark_bounced(mail.invitation, actor=dora, now=NOW)

    def test_delivered_makes_an_uncertain_one_certain(self, campaign, account, dora):
        mail = invite(campaign, account)
        SurveyMail.objects.update(status="uncertain")
        mark_delivered(mail.invitation, actor=dora)
        mail.refresh_from_db()
        assert mail.status == "delivered"
        assert Invitation.objects.get().status == "sent"
