"""The REST API of answers and follow-ups."""

import datetime as dt

import pytest
import time_machine

from audit.models import AuditEntry
from interactions.models import Interaction
from surveys.models import FollowUp
from tests.factories import TODAY
from tests.factories.interactions import make_interaction
from tests.factories.surveys import CampaignFactory, FollowUpFactory, InvitationFactory, ResponseFactory, answer

URL = "/api/v1/survey-follow-ups/"
RESPONSES = "/api/v1/survey-responses/"
NOW = dt.datetime.combine(TODAY, dt.time(4), tzinfo=dt.UTC)
CLOSED = {"cause": "delivery", "action": "每周两次配送", "customer_told": True, "outcome": "solved"}


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def api(api_for, alice, account):
    return api_for(alice)


@pytest.fixture
def follow_up(account):
    return FollowUpFactory(account=account)


def url(row, verb=""):
    return f"{URL}{row.pk}/{verb}{'/' if verb else ''}"


class TestFollowUps:
    def test_the_whole_way(self, api, follow_up):
        data = api.get(url(follow_up)).json()
        assert data["reasons"][0]["question"] == "recommend"
        contacted = api.post(url(follow_up, "contact"), {"minutes": "客户反映交期偏长", "outcome": "good"})
        assert contacted.json()["status"] == "contacted", contacted.data
        assert Interaction.objects.get().kind == "call"
        assert api.patch(url(follow_up), {"cause": "delivery"}).json()["cause"] == "delivery"
        incomplete = api.post(url(follow_up, "close"), {"outcome": "solved"})
        assert (incomplete.status_code, incomplete.json()["code"]) == (400, "follow_up_incomplete")
        assert incomplete.json()["errors"][0]["field"] == "action"
        closed = api.post(url(follow_up, "close"), {name: CLOSED[name] for name in CLOSED if name != "cause"}).json()
        assert (closed["status"], closed["cause"], closed["closed_by"]["name"]) == ("closed", "delivery", "Alice")
        again = api.post(url(follow_up, "close"), CLOSED)
        assert (again.status_code, again.json()["code"]) == (409, "follow_up_closed")
        assert api.post(url(follow_up, "reopen"), {"reason": "客户再次来电"}).json()["status"] == "contacted"
        assert AuditEntry.objects.of(follow_up).filter(via="api").count() == 4

    def test_links_what_is_logged_already(self, api, follow_up, account):
        interaction = make_interaction(account, 0)
        interaction.occurred_at = NOW
        interaction.save()
        data = api.post(url(follow_up, "contact"), {"interaction": interaction.pk}).json()
        assert (data["interaction"], data["status"]) == (interaction.pk, "contacted")

    @pytest.mark.parametrize(
        ("verb", "body", "status", "code"),
        [
            ("contact", {"kind": "note"}, 400, "no_contact"),
            ("contact", {"occurred_at": "2026-01-01T10:00:00Z"}, 400, "contact_too_early"),
            ("contact", {"interaction": 999999}, 400, "invalid"),
            ("contact", {"strange": 1}, 400, "invalid"),
            ("close", CLOSED, 400, "not_contacted"),
            ("close", {**CLOSED, "outcome": "reference_given"}, 400, "outcome_unfit"),
            ("close", {**CLOSED, "cause": "weather"}, 400, "invalid"),
            ("reopen", {"reason": "x"}, 409, "follow_up_open"),
            ("reopen", {}, 400, "invalid"),
        ],
    )
    def test_refuses(self, api, follow_up, verb, body, status, code):
        response = api.post(url(follow_up, verb), body)
        assert (response.status_code, response.json()["code"]) == (status, code)
        assert FollowUp.objects.get().status == "open"

    def test_readers_change_nothing(self, api_for, ann, mallory, follow_up):
        calls = [("contact", {}), ("close", CLOSED), ("reopen", {"reason": "x"})]
        for verb, body in calls:
            assert api_for(ann).post(url(follow_up, verb), body).json()["code"] == "account_read_only"
            assert api_for(mallory).post(url(follow_up, verb), body).status_code == 404
        assert api_for(ann).patch(url(follow_up), {"cause": "price"}).status_code == 403

    def test_filters(self, api, follow_up, account):
        FollowUpFactory(account=account, status="closed")
        assert [row["id"] for row in api.get(URL, {"state": "unfinished"}).json()["results"]] == [follow_up.pk]
        assert api.get(URL, {"state": "late"}).json()["results"] == []
        response = follow_up.responses.get()
        assert [row["id"] for row in api.get(URL, {"response": response.pk}).json()["results"]] == [follow_up.pk]


class TestResponses:
    def test_shows_named_answers_of_visible_accounts(self, api, account, foreign_account):
        mine = answer(InvitationFactory(account=account))
        ResponseFactory(account=foreign_account)
        ResponseFactory(campaign=CampaignFactory(anonymous=True), account=account)
        rows = api.get(RESPONSES).json()["results"]
        assert [row["id"] for row in rows] == [mine.pk]
        assert rows[0]["answers"]["recommend"] == 9
        assert (rows[0]["account"]["id"], rows[0]["source"], rows[0]["status"]) == (account.pk, "link", "complete")

    def test_an_anonymous_answer_is_not_found(self, api_for, dora, account):
        hidden = ResponseFactory(campaign=CampaignFactory(anonymous=True), account=account)
        assert api_for(dora).get(f"{RESPONSES}{hidden.pk}/").status_code == 404

    def test_finds_what_a_number_counted(self, api, account):
        campaign = CampaignFactory()
        low = ResponseFactory(campaign=campaign, account=account, answers={"recommend": 2})
        high = ResponseFactory(
            campaign=campaign, account=account, answers={"recommend": 9, "contact": {"choice": "visit"}}
        )
        for query, wanted in (
            ({"question": "recommend", "low": 0, "high": 6}, low),
            ({"question": "contact", "choice": "visit"}, high),
            ({"question": "recommend", "low": 9}, high),
        ):
            rows = api.get(RESPONSES, {"campaign": campaign.pk, **query}).json()["results"]
            assert [row["id"] for row in rows] == [wanted.pk], query

    def test_nobody_writes_here(self, api, account):
        row = ResponseFactory(account=account)
        assert api.post(RESPONSES, {}).status_code == 405
        assert api.delete(f"{RESPONSES}{row.pk}/").status_code == 405

    @pytest.mark.parametrize("key", ["team:²", "team:x", "team:99999999999999999999", "tier:", "region:%00"])
    def test_odd_slices_find_nothing_and_break_nothing(self, api, account, key):
        assert api.get(RESPONSES, {"slice": key}).status_code in {200, 400}
