"""The REST API of campaigns: drafted, started, paused, ended; preview, rules, results; who may."""

import datetime as dt

import pytest
import time_machine

from audit.models import AuditEntry
from surveys.models import Campaign, LoopRule
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.contacts import make_contact
from tests.factories.surveys import CampaignFactory, InvitationFactory, ResponseFactory, VersionFactory, answer

URL = "/api/v1/survey-campaigns/"
NOW = dt.datetime.combine(TODAY, dt.time(4), tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def api(api_for, dora):
    return api_for(dora)


def body(**fields):
    return {
        "name": "2026 年度关系调查",
        "questionnaire_version": VersionFactory().pk,
        "start_date": TODAY.isoformat(),
        "audience": {"tiers": ["A", "none"], "roles": ["decision_maker"]},
        "texts": {"en": {"subject": "Two minutes for us"}},
        **fields,
    }


def url(campaign, verb=""):
    return f"{URL}{campaign.pk}/{verb}{'/' if verb else ''}"


class TestDraft:
    def test_creates_with_the_usual_rules(self, api, dora):
        response = api.post(URL, body())
        assert response.status_code == 201, response.data
        data = response.json()
        assert (data["status"], data["owner"]["id"], data["definition"]) == ("draft", dora.pk, {})
        assert data["audience"] == {"tiers": ["A", "none"], "roles": ["decision_maker"]}
        assert {"question": "recommend", "low": 0, "high": 6, "kind": "recovery"} in data["loop_rules"]
        entry = AuditEntry.objects.of(Campaign.objects.get()).filter(action="survey_campaign.created").get()
        assert entry.via == "api"

    @pytest.mark.parametrize(
        ("fields", "code"),
        [
            ({"audience": {"tiers": ["Z"]}}, "audience_unknown"),
            ({"audience": {"tiers": "A"}}, "audience_unknown"),
            ({"audience": {"strange": []}}, "audience_unknown"),
            ({"audience": {"accounts": [1]}}, "audience_unknown"),
            ({"texts": {"fr": {"subject": "x"}}}, "texts_unknown"),
            ({"texts": {"en": {"strange": "x"}}}, "texts_unknown"),
            ({"questionnaire_version": 999999}, "invalid"),
            ({"status": "running"}, "invalid"),
            ({"strange": 1}, "invalid"),
            ({"timing": "event"}, "invalid"),
            ({"end_date": "2026-01-01"}, "invalid"),
            ({"reminder_days": 0}, "invalid"),
        ],
    )
    def test_refuses(self, api, fields, code):
        response = api.post(URL, body(**fields))
        assert (response.status_code, response.json()["code"]) == (400, code), response.data
        assert not Campaign.objects.exists()

    def test_changes_and_discards_a_draft(self, api):
        pk = api.post(URL, body()).json()["id"]
        response = api.patch(f"{URL}{pk}/", {"anonymous": True, "reminder_days": None})
        assert (response.status_code, response.json()["anonymous"]) == (200, True)
        assert response.json()["loop_rules"] == [], "Nobody would know whom to call."
        read = api.get(f"{URL}{pk}/").json()
        assert api.put(f"{URL}{pk}/", read).status_code == 200, "What was read can be sent back."
        assert api.delete(f"{URL}{pk}/").status_code == 204
        assert not Campaign.objects.exists()

    @pytest.mark.parametrize("person", ["alice", "lee", "mallory"])
    def test_is_for_who_owns_policies(self, request, api_for, person, db):
        campaign = CampaignFactory(status="draft")
        client = api_for(request.getfixturevalue(person))
        calls = [
            client.post(URL, body()), client.patch(url(campaign), {"name": "x"}), client.delete(url(campaign)),
            client.post(url(campaign, "start")), client.post(url(campaign, "end")),
            client.get(url(campaign, "preview")), client.put(url(campaign, "loop-rules"), {"loop_rules": []}),
        ]  # fmt: skip
        assert [(call.status_code, call.json()["code"]) for call in calls] == [(403, "not_survey_owner")] * 7
        assert client.get(url(campaign)).status_code == 200


class TestLife:
    @pytest.fixture
    def campaign(self, account):
        make_contact(account, email="wang@example.com")
        return CampaignFactory(status="draft", start_date=TODAY)

    def test_starts_pauses_resumes_ends(self, api, campaign):
        assert api.post(url(campaign, "start")).json()["status"] == "running"
        assert api.get(url(campaign)).json()["definition"]["pages"], "The questions are frozen into the campaign."
        assert api.post(url(campaign, "pause")).json()["status"] == "paused"
        assert api.post(url(campaign, "resume")).json()["status"] == "running"
        assert api.post(url(campaign, "end")).json()["status"] == "ended"
        again = api.post(url(campaign, "end"))
        assert (again.status_code, again.json()["code"]) == (409, "campaign_wrong_status")

    def test_refuses_a_campaign_with_nobody_in_it(self, api):
        response = api.post(url(CampaignFactory(status="draft", start_date=TODAY), "start"))
        assert (response.status_code, response.json()["code"]) == (409, "audience_empty")

    def test_refuses_an_unpublished_version(self, api, campaign):
        campaign.questionnaire_version = VersionFactory(status="draft")
        campaign.save()
        response = api.post(url(campaign, "start"))
        assert (response.status_code, response.json()["code"]) == (409, "version_not_published")

    def test_what_invitations_rest_on_is_fixed(self, api, campaign):
        api.post(url(campaign, "start"))
        response = api.patch(url(campaign), {"channel": "link"})
        assert (response.status_code, response.json()["code"]) == (409, "campaign_fixed")
        assert response.json()["errors"][0]["field"] == "channel"
        assert api.patch(url(campaign), {"name": "另一个名字"}).json()["name"] == "另一个名字"

    def test_actions_take_no_body(self, api, campaign):
        assert api.post(url(campaign, "start"), {"force": True}).status_code == 400


class TestPreview:
    def test_says_who_and_who_not(self, api, account):
        make_contact(account, name="王芳", email="wang@example.com")
        make_contact(account, name="李雷", email="")
        make_contact(account, name="韩梅", email="han@example.com", no_surveys=True)
        alone = AccountFactory()
        data = api.get(url(CampaignFactory(status="draft", start_date=TODAY), "preview")).json()
        assert data["asked"] == 1
        assert [row["contact_name"] for row in data["first"]] == ["王芳"]
        reasons = {row["reason"]: row for row in data["not_asked"]}
        assert {name: row["count"] for name, row in reasons.items()} == {
            "no_address": 1,
            "opted_out": 1,
            "no_contact": 1,
        }
        assert reasons["no_contact"]["first"][0]["account"] == alone.pk
        assert reasons["opted_out"]["text"] == "Wants no surveys"


class TestRules:
    def test_replaces_all(self, api):
        campaign = CampaignFactory()
        rules = [{"question": "satisfied", "low": 1, "high": 2, "kind": "recovery"}]
        assert api.put(url(campaign, "loop-rules"), {"loop_rules": rules}).json()["loop_rules"] == rules
        assert LoopRule.objects.get().question == "satisfied"

    @pytest.mark.parametrize(
        "rule",
        [
            {"question": "comment", "low": 0, "high": 6, "kind": "recovery"},
            {"question": "none", "low": 0, "high": 6, "kind": "recovery"},
            {"question": "recommend", "low": 6, "high": 0, "kind": "recovery"},
            {"question": "recommend", "low": 0, "high": 11, "kind": "recovery"},
        ],
    )
    def test_refuses_what_does_not_fit(self, api, rule):
        response = api.put(url(CampaignFactory(), "loop-rules"), {"loop_rules": [rule]})
        assert (response.status_code, response.json()["code"]) == (400, "rule_unfit")


class TestResults:
    def values(self, data):
        return {row["question"]: row for row in data["questions"]}

    def test_counts_what_the_caller_sees(self, api_for, dora, mallory, account):
        campaign = CampaignFactory()
        for given in (10, 9, 9, 3):
            answer(InvitationFactory(campaign=campaign, account=account), answers={"recommend": given})
        data = api_for(dora).get(url(campaign, "results")).json()
        assert (data["responses"], data["question"], data["anonymous"]) == (4, "recommend", False)
        recommend = self.values(data)["recommend"]
        assert (recommend["answers"], recommend["score"]["n"], recommend["score"]["value"]) == (4, 4, 50.0)
        assert recommend["score"]["low"] < 50 < recommend["score"]["high"]
        assert [bar["answers"] for bar in recommend["distribution"]] == [0, 0, 0, 1, 0, 0, 0, 0, 0, 2, 1]
        assert data["response_rates"][0] == {"tier": None, "asked": 4, "answered": 4, "share": 1.0}
        assert data["cut"]["rows"][0]["score"]["value"] == 50.0
        assert self.values(data)["aspects"]["rows"][0]["part"] == "product"
        assert self.values(data)["contact"]["distribution"][0]["choice"] == "visit"
        assert api_for(mallory).get(url(campaign, "results")).json()["responses"] == 0

    def test_of_an_anonymous_campaign_from_five_answers_up(self, api, account):
        campaign = CampaignFactory(anonymous=True)
        for number in range(5):
            data = api.get(url(campaign, "results")).json()
            assert (data["responses"], self.values(data)["recommend"]["hidden"]) == (0, True), number
            ResponseFactory(campaign=campaign, account=account)
        data = api.get(url(campaign, "results")).json()
        assert (data["responses"], self.values(data)["recommend"]["score"]["n"]) == (5, 5)

    def test_compares_two_periods(self, api, account):
        campaign = CampaignFactory()
        for months_ago, given in ((1, 10), (1, 9), (13, 2), (13, 10)):
            when = NOW - dt.timedelta(days=30 * months_ago)
            ResponseFactory(campaign=campaign, account=account, completed_at=when, answers={"recommend": given})
        data = api.get(url(campaign, "results"), {"compare": "year"}).json()
        recommend = self.values(data)["recommend"]
        assert (data["responses"], data["responses_before"]) == (2, 2)
        assert (recommend["score"]["value"], recommend["before"]["value"]) == (100.0, 0.0)
        assert recommend["change"]["value"] == 100.0

    @pytest.mark.parametrize(
        "query",
        [
            {"from_month": "2026-13"}, {"compare": "x"}, {"by": "x"}, {"slice": "x"}, {"slice": "tier"},
            {"question": "comment"}, {"question": "none"}, {"strange": "1"}, {"page_size": "5"},
        ],
    )  # fmt: skip
    def test_refuses_parameters_that_it_does_not_know(self, api, query):
        campaign = CampaignFactory()
        assert api.get(url(campaign, "results"), query).status_code == 400

    def test_a_draft_has_none(self, api):
        response = api.get(url(CampaignFactory(status="draft"), "results"))
        assert (response.status_code, response.json()["code"]) == (409, "campaign_not_started")

    def test_speaks_the_callers_language(self, api_for, dora):
        dora.language = "zh-hans"
        dora.save()
        data = api_for(dora).get(url(CampaignFactory(), "results")).json()
        assert self.values(data)["recommend"]["text"] == "问题 recommend"


class TestQuestionnaires:
    def test_are_read_with_their_versions(self, api_for, alice):
        version = VersionFactory()
        api = api_for(alice)
        row = api.get("/api/v1/survey-questionnaires/").json()["results"][0]
        assert row["versions"] == [version.pk]
        listed = api.get("/api/v1/survey-versions/", {"questionnaire": row["id"], "status": "published"}).json()
        assert "definition" not in listed["results"][0]
        assert api.get(f"/api/v1/survey-versions/{version.pk}/").json()["definition"] == version.definition


class TestPolicy:
    URL = "/api/v1/survey-policy/"

    def test_is_shown_and_replaced(self, api):
        policy = api.get(self.URL).json()
        assert (policy["min_days_between"], policy["day_from"]) == (90, "09:00:00")
        changed = api.put(self.URL, {**policy, "min_days_between": 60, "day_from": "08:30"})
        assert (changed.status_code, changed.json()["day_from"]) == (200, "08:30:00")
        assert api.get(self.URL).json()["min_days_between"] == 60

    def test_refuses(self, api, api_for, alice):
        policy = api.get(self.URL).json()
        for wrong in ({"mails_per_minute": 0}, {"day_until": "08:00"}, {"day_from": "25:00"}, {"strange": 1}):
            assert api.put(self.URL, {**policy, **wrong}).status_code == 400, wrong
        assert api.put(self.URL, {"min_days_between": 60}).status_code == 400
        response = api_for(alice).put(self.URL, policy)
        assert (response.status_code, response.json()["code"]) == (403, "not_survey_owner")
