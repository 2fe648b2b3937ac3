"""The REST API of invitations: in bulk with external ids, links, delivery reports; who sees them."""

import datetime as dt

import pytest
import time_machine

from audit.models import AuditEntry
from contacts.models import Employment
from surveys.models import AskedContact, Invitation, SurveyMail, SurveyPolicy
from surveys.services.reminders import queue_reminders
from surveys.services.responses import open_invitation
from tests.factories import TODAY
from tests.factories.contacts import make_contact
from tests.factories.integrations import make_token
from tests.factories.surveys import CampaignFactory, InvitationFactory, make_mail, token_of

URL = "/api/v1/survey-invitations/"
BULK = f"{URL}bulk-create/"
NOW = dt.datetime.combine(TODAY, dt.time(4), tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def api(api_for, alice, account):
    return api_for(alice)


@pytest.fixture
def campaign(db):
    return CampaignFactory(timing="event", event="case_closed")


@pytest.fixture
def wang(account):
    return make_contact(account, name="王芳", email="wang@example.com")


def send(api, campaign, *rows):
    response = api.post(BULK, {"campaign": campaign.pk, "invitations": list(rows)})
    assert response.status_code == 200, response.data
    return response.json()


def url(invitation, verb=""):
    return f"{URL}{invitation.pk}/{verb}{'/' if verb else ''}"


class TestBulk:
    def test_invites_and_again_changes_nothing(self, api, campaign, account, wang):
        row = {"external_id": "T-4711", "account": account.code, "email": "wang@example.com"}
        data = send(api, campaign, row)
        invitation = Invitation.objects.get()
        assert (data["created"], data["unchanged"], data["rejected"]) == (1, 0, 0)
        assert data["results"] == [
            {
                "index": 0, "external_id": "T-4711", "status": "created", "id": invitation.pk, "code": "",
                "message": "", "field": None,
            }
        ]  # fmt: skip
        assert (invitation.contact, invitation.occasion) == (wang, "case_closed:T-4711")
        assert SurveyMail.objects.get().invitation == invitation
        assert AuditEntry.objects.of(invitation).get().via == "api"
        again = send(api, campaign, row)
        assert (again["unchanged"], again["results"][0]["id"]) == (1, invitation.pk)
        assert Invitation.objects.count() == SurveyMail.objects.count() == 1

    def test_each_row_for_itself(self, api, campaign, account, foreign_account, wang):
        make_contact(account, email="out@example.com", no_surveys=True)
        silent = make_contact(account, email="")
        gone = make_contact(account, email="gone@example.com")
        Employment.objects.filter(contact=gone).update(until_date=TODAY - dt.timedelta(days=1))
        stranger = make_contact(foreign_account, email="stranger@example.com")
        rows = [
            ({"account": account.code, "contact": wang.pk}, "", None),
            ({"account": account.code, "contact": wang.pk, "external_id": "x"}, "same_person", None),
            ({"account": account.code, "email": "out@example.com"}, "opted_out", None),
            ({"account": account.code, "contact": silent.pk}, "no_address", None),
            ({"account": account.code, "email": "gone@example.com"}, "left", None),
            ({"account": account.code, "contact": stranger.pk}, "not_there", "contact"),
            ({"account": account.code, "email": "nobody@example.com"}, "not_there", "email"),
            ({"account": foreign_account.code, "contact": stranger.pk}, "unknown_account", "account"),
            ({"account": "NO-SUCH", "contact": 1}, "unknown_account", "account"),
            ({"contact": wang.pk}, "missing_value", "account"),
            ({"account": account.code}, "contact_or_email", "contact"),
            ({"account": account.code, "contact": wang.pk, "email": "wang@example.com"}, "contact_or_email", "contact"),
            ({"account": account.code, "contact": "1"}, "not_there", "contact"),
            ({"account": account.code, "contact": True}, "not_there", "contact"),
            ({"account": account.code, "contact": 2**70}, "not_there", "contact"),
            ({"account": 5, "contact": wang.pk}, "wrong_type", "account"),
            ({"account": account.code, "contact": wang.pk, "external_id": "x" * 81}, "too_long", "external_id"),
            ({"account": account.code, "contact": wang.pk, "strange": 1}, "unknown_field", "strange"),
            ("x", "not_an_object", None),
        ]
        data = send(api, campaign, *[row for row, _code, _field in rows])
        assert [(row["code"], row["field"]) for row in data["results"]] == [(code, field) for _r, code, field in rows]
        assert (data["created"], data["rejected"]) == (1, len(rows) - 1)
        assert all(row["message"] for row in data["results"][1:])
        assert Invitation.objects.get().contact == wang

    def test_the_days_between_two_surveys_hold(self, api, campaign, account, wang):
        other = CampaignFactory(timing="event", event="case_closed")
        row = {"external_id": "T-1", "account": account.code, "contact": wang.pk}
        send(api, campaign, row)
        assert send(api, other, row)["results"][0]["code"] == "recently"
        SurveyPolicy.objects.update(min_days_between=0)
        assert send(api, other, row)["created"] == 1

    def test_a_number_stands_for_one_contact(self, api, campaign, account, wang):
        send(api, campaign, {"external_id": "T-1", "account": account.code, "contact": wang.pk})
        other = make_contact(account, email="li@example.com")
        row = send(api, campaign, {"external_id": "T-1", "account": account.code, "contact": other.pk})["results"][0]
        assert (row["status"], row["code"], row["field"]) == ("rejected", "external_id_taken", "external_id")

    def test_an_occasion_is_asked_about_once(self, api, campaign, account, wang):
        SurveyPolicy.objects.create(min_days_between=0)
        row = {"account": account.code, "contact": wang.pk, "occasion": "case_closed:T-9"}
        first = send(api, campaign, row)["results"][0]["id"]
        again = send(api, campaign, {**row, "external_id": "T-9"})["results"][0]
        assert (again["status"], again["code"], again["id"]) == ("rejected", "asked", first)

    def test_long_numbers_of_events_stay_apart(self, api, campaign, account, wang):
        SurveyPolicy.objects.create(min_days_between=0)
        li = make_contact(account, email="li@example.com")
        rows = [
            {"account": account.code, "contact": who.pk, "external_id": "T" * 78 + end}
            for who, end in ((wang, "1"), (li, "2"))
        ]
        assert send(api, campaign, *rows)["created"] == 2
        occasions = set(Invitation.objects.values_list("occasion", flat=True))
        assert len(occasions) == 2
        assert max(map(len, occasions)) <= 60

    def test_the_mail_waits_for_the_days_after_the_event(self, api, account, wang):
        SurveyPolicy.objects.create(min_days_between=0)
        campaign = CampaignFactory(timing="event", event="case_closed", event_days=3)
        li = make_contact(account, email="li@example.com")
        yesterday, long_ago = TODAY - dt.timedelta(days=1), TODAY - dt.timedelta(days=30)
        rows = [
            {"account": account.code, "contact": who.pk, "external_id": str(who.pk), "happened_on": day.isoformat()}
            for who, day in ((wang, yesterday), (li, long_ago))
        ]
        assert send(api, campaign, *rows)["created"] == 2
        due = dict(SurveyMail.objects.values_list("invitation__contact", "due_at"))
        assert due == {wang.pk: dt.datetime(2026, 3, 18, 1, tzinfo=dt.UTC), li.pk: NOW}
        days = dict(Invitation.objects.values_list("contact", "expires_on"))
        assert days == {wang.pk: TODAY + dt.timedelta(days=32), li.pk: TODAY + dt.timedelta(days=30)}
        asked = {wang.pk: TODAY + dt.timedelta(days=2), li.pk: TODAY}  # the guard counts from the day of the mail
        assert dict(Invitation.objects.values_list("contact", "asked_on")) == asked
        assert dict(AskedContact.objects.values_list("contact", "asked_on")) == asked

    def test_the_reminder_counts_from_the_mail_not_from_the_call(self, api, account, wang):
        campaign = CampaignFactory(timing="event", event="case_closed", event_days=3, reminder_days=5)
        row = {"account": account.code, "contact": wang.pk, "happened_on": TODAY.isoformat()}
        assert send(api, campaign, row)["created"] == 1
        mail = SurveyMail.objects.get()
        for days in range(8):  # until the mail went out, and five days after it
            now = NOW + dt.timedelta(days=days)
            assert queue_reminders(today=TODAY + dt.timedelta(days=days), now=now) == 0
            if mail.due_at <= now and mail.status == "waiting":
                mail.status, mail.sent_at = "sent", now
                mail.save()
        assert mail.sent_at == NOW + dt.timedelta(days=3)
        assert queue_reminders(today=TODAY + dt.timedelta(days=8), now=NOW + dt.timedelta(days=8)) == 1
        assert queue_reminders(today=TODAY + dt.timedelta(days=9), now=NOW + dt.timedelta(days=9)) == 0

    @pytest.mark.parametrize(
        ("day", "code"), [("2026-13-01", "bad_date"), (20260301, "bad_date"), ("20260301", "bad_date"),
                          ("2026-03-17", "in_future")],
    )  # fmt: skip
    def test_refuses_days_that_are_none(self, api, campaign, account, wang, day, code):
        row = send(api, campaign, {"account": account.code, "contact": wang.pk, "happened_on": day})["results"][0]
        assert (row["code"], row["field"]) == (code, "happened_on")

    def test_in_a_recurring_campaign_for_the_period_of_the_tier(self, api, account, wang):
        campaign = CampaignFactory(timing="recurring", start_date=dt.date(2026, 1, 1), every_months_c=3)
        send(api, campaign, {"account": account.code, "contact": wang.pk})
        assert Invitation.objects.get().occasion == "2026-01-01"

    @pytest.mark.parametrize("status", ["draft", "paused", "ended"])
    def test_refuses_a_campaign_that_does_not_run(self, api, account, wang, status):
        rows = [{"account": account.code, "contact": wang.pk}]
        response = api.post(BULK, {"campaign": CampaignFactory(status=status).pk, "invitations": rows})
        assert (response.status_code, response.json()["code"]) == (409, "campaign_wrong_status")

    @pytest.mark.parametrize("rows", [[], "x", None, [{}] * 1001])
    def test_refuses_calls_of_the_wrong_size(self, api, campaign, rows):
        assert api.post(BULK, {"campaign": campaign.pk, "invitations": rows}).status_code == 400

    def test_readers_and_strangers_invite_nobody(self, api_for, ann, mallory, campaign, account, wang):
        row = {"account": account.code, "contact": wang.pk}
        assert send(api_for(ann), campaign, row)["results"][0]["code"] == "account_read_only"
        assert send(api_for(mallory), campaign, row)["results"][0]["code"] == "unknown_account"
        assert not Invitation.objects.exists()

    def test_costs_the_same_for_one_and_for_many(self, api, campaign, account, django_assert_max_num_queries):
        people = [make_contact(account, email=f"p{number}@example.com") for number in range(40)]
        with django_assert_max_num_queries(40) as one:
            send(api, campaign, {"account": account.code, "contact": people[0].pk})
        with django_assert_max_num_queries(len(one)):
            send(api, campaign, *[{"account": account.code, "contact": one.pk} for one in people[1:]])


class TestLink:
    def test_is_handed_to_who_may_change_the_account(self, api, account):
        invitation = InvitationFactory(account=account, campaign__channel="link", status="waiting")
        data = api.post(url(invitation, "link")).json()
        assert data["token"] == token_of(invitation)
        assert data["url"].endswith(f"/s/{data['token']}/") or data["url"].endswith(f"/s/{data['token']}")
        assert open_invitation(data["token"], now=NOW).invitation == invitation
        assert AuditEntry.objects.of(invitation).get().action == "invitation.link_shown"

    def test_of_one_that_is_over_there_is_none(self, api, account):
        response = api.post(url(InvitationFactory(account=account, status="answered"), "link"))
        assert (response.status_code, response.json()["code"]) == (409, "invitation_over")

    def test_readers_get_none(self, api_for, ann, account):
        invitation = InvitationFactory(account=account)
        assert api_for(ann).get(url(invitation)).status_code == 200
        response = api_for(ann).post(url(invitation, "link"))
        assert (response.status_code, response.json()["code"]) == (403, "account_read_only")

    def test_no_answer_of_the_api_has_the_token_beside(self, api, account):
        invitation = InvitationFactory(account=account)
        text = api.get(url(invitation)).content.decode() + api.get(URL).content.decode()
        assert token_of(invitation) not in text
        assert invitation.token_hash not in text
        assert invitation.seed not in text


class TestDelivery:
    @pytest.mark.parametrize(("report", "mail"), [("delivered", "delivered"), ("bounced", "bounced")])
    def test_is_noted(self, api, account, report, mail):
        invitation = InvitationFactory(account=account)
        make_mail(invitation, status="sent")
        data = api.post(url(invitation, "delivery"), {"status": report, "error": "550 no such user"}).json()
        assert data["status"] == ("bounced" if report == "bounced" else "sent")
        assert SurveyMail.objects.get().status == mail

    def test_refuses_other_words(self, api, account):
        assert api.post(url(InvitationFactory(account=account), "delivery"), {"status": "opened"}).status_code == 400

    def test_an_answer_is_no_bounce(self, api, account):
        invitation = InvitationFactory(account=account, status="answered")
        response = api.post(url(invitation, "delivery"), {"status": "bounced"})
        assert (response.status_code, response.json()["code"]) == (409, "invitation_over")


class TestList:
    def test_filters(self, api, account, foreign_account, campaign):
        mine = InvitationFactory(account=account, campaign=campaign, external_id="T-1", status="opened")
        InvitationFactory(account=account)
        InvitationFactory(account=foreign_account, campaign=campaign)
        for query in ({"campaign": campaign.pk}, {"external_id": "T-1"}, {"status": "opened"}):
            assert [row["id"] for row in api.get(URL, query).json()["results"]] == [mine.pk], query
        assert api.get(URL, {"account": foreign_account.pk}).status_code == 400
        assert api.get(URL, {"strange": 1}).status_code == 400

    def test_a_token_needs_the_scope(self, api_for, alice, account):
        InvitationFactory(account=account)
        for scopes, status in ((["accounts:read"], 403), (["surveys:read"], 200)):
            token = make_token(alice, *scopes)
            headers = {"Authorization": f"Bearer {token.text}"}
            assert api_for().get(URL, headers=headers).status_code == status
        assert api_for().post(BULK, {}, headers=headers).status_code == 403
