"""Answers by token over the API: the questions, a part, the whole, changes; what is refused, and how."""

import datetime as dt
import json

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surveys.models import Answer, FollowUp, QuestionnaireVersion, Response
from surveys.services.folding import fold
from tests.factories import TODAY
from tests.factories.surveys import ANSWERS, CampaignFactory, InvitationFactory, LoopRuleFactory, token_of

URL = "/api/v1/survey-answers/"
NOW = dt.datetime.combine(TODAY, dt.time(4), tzinfo=dt.UTC)
SECRETS = ("晨光机械", "Dawn Machinery", "ALICE-1", "alice", "wang@example.com")


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def _today(clock):
    """Every test is at NOW."""


@pytest.fixture
def invitation(account):
    return InvitationFactory(account=account)


@pytest.fixture
def api(api_for):
    return api_for()


def send(api, invitation, answers, **fields):
    return api.post(URL, {"token": token_of(invitation), "answers": answers, **fields})


def read(api, invitation):
    return api.get(URL, {"token": token_of(invitation)})


class TestQuestions:
    def test_are_shown_to_who_has_the_token(self, api, invitation):
        response = read(api, invitation)
        data = response.json()
        assert data["definition"] == invitation.campaign.definition
        assert (data["status"], data["answers"], data["language"]) == ("", {}, "zh-hans")
        assert response.headers["Cache-Control"] == "no-store, private"
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert not any(secret in response.content.decode() for secret in SECRETS), "Nothing about the account leaks."
        invitation.refresh_from_db()
        assert invitation.status == "opened"

    @pytest.mark.parametrize("token", ["", "x", "A" * 43, "客" * 43, "\\", "A" * 5000])
    def test_forged_tokens_are_all_the_same(self, api, invitation, token):
        assert [api.get(URL, {"token": token}).json()["code"] for _ in range(2)] == ["token_unknown"] * 2
        sent = api.post(URL, {"token": token, "answers": {}})
        assert sent.status_code in {400, 404}

    def test_truncated_and_changed_tokens_are_unknown(self, api, invitation):
        token = token_of(invitation)
        for wrong in (token[:-1], token[1:], token + "A", token.swapcase(), f" {token}"):
            assert api.get(URL, {"token": wrong}).status_code == 404, wrong

    def test_refuses_parameters_that_it_does_not_know(self, api, invitation):
        assert api.get(URL, {"token": token_of(invitation), "account": "1"}).status_code == 400

    def test_a_login_changes_nothing(self, api_for, mallory, invitation):
        assert read(api_for(mallory), invitation).status_code == 200

    def test_a_page_elsewhere_may_ask_first(self, api):
        response = api.options(URL, headers={"Origin": "https://portal.example"})
        assert response.status_code == 200
        assert "POST" in response.headers["Access-Control-Allow-Methods"]
        assert "Access-Control-Allow-Credentials" not in response.headers


class TestAnswer:
    def test_takes_the_whole(self, api, invitation, account):
        LoopRuleFactory(campaign=invitation.campaign)
        response = send(api, invitation, {**ANSWERS, "recommend": 3, "reasons": ["price"]}, language="en")
        assert response.status_code == 200, response.data
        data = response.json()
        assert (data["status"], data["language"]) == ("complete", "en")
        assert data["editable_until"] == "2026-03-17T04:00:00Z"
        stored = Response.objects.get()
        assert (stored.account, stored.source, stored.date) == (account, "api", TODAY)
        assert stored.answers["reasons"] == {"choices": ["price"]}
        assert Answer.objects.get(question="recommend").value == 3
        assert FollowUp.objects.get().account == account, "The loop is to be closed."

    def test_keeps_a_part_and_goes_on(self, api, invitation):
        part = send(api, invitation, {"recommend": 9, "easy": 99}, partial=True).json()
        assert (part["status"], part["answers"]) == ("partial", {"recommend": 9})
        assert [(fault["question"], fault["code"]) for fault in part["faults"]] == [("easy", "out_of_range")]
        assert read(api, invitation).json()["answers"] == {"recommend": 9}
        assert send(api, invitation, {"satisfied": 5}).json()["answers"] == {"recommend": 9, "satisfied": 5}
        late = send(api, invitation, {"easy": 1}, partial=True)
        assert (late.status_code, late.json()["code"]) == (409, "answer_complete")

    def test_is_changed_within_a_day_and_not_after(self, api, invitation, clock):
        send(api, invitation, {"recommend": 9})
        clock.move_to(NOW + dt.timedelta(hours=23))
        assert send(api, invitation, {"recommend": 10}).json()["answers"] == {"recommend": 10}
        assert fold(NOW + dt.timedelta(hours=23)) == 0, "What may change is not in the sums."
        clock.move_to(NOW + dt.timedelta(hours=25))
        assert fold(NOW + dt.timedelta(hours=25)) == 1
        for response in (send(api, invitation, {"recommend": 1}), read(api, invitation)):
            assert (response.status_code, response.json()["code"]) == (410, "answer_final")
        assert Response.objects.get().answers == {"recommend": 10}

    def test_every_fault_is_named(self, api, invitation):
        response = send(api, invitation, {"satisfied": 9, "strange": 1, "contact": "x", "comment": "字" * 1001})
        problem = response.json()
        assert (response.status_code, problem["code"]) == (400, "answers_refused")
        assert response.headers["Content-Type"] == "application/problem+json"
        assert {(error["field"], error["code"]) for error in problem["errors"]} == {
            ("answers.recommend", "required"),
            ("answers.satisfied", "out_of_range"),
            ("answers.strange", "unknown_question"),
            ("answers.contact", "unknown_choice"),
            ("answers.comment", "too_long"),
        }
        assert not Response.objects.exists()

    def test_keeps_emoji_right_to_left_and_html_as_text(self, api, invitation):
        text = "很好 👍🏽 <script>alert(1)</script> مرحبا \u202eabc"
        assert send(api, invitation, {"recommend": 9, "comment": text}).json()["answers"]["comment"] == text

    def test_a_token_answers_its_own_campaign_alone(self, api, account, invitation):
        other = CampaignFactory()
        other.definition = {**other.definition, "pages": other.definition["pages"][1:2]}
        other.save()
        foreign = InvitationFactory(account=account, campaign=other)
        refused = send(api, foreign, {"recommend": 9})
        assert [error["code"] for error in refused.json()["errors"]] == ["unknown_question"]
        assert not Response.objects.exists()

    def test_the_questions_stay_while_the_questionnaire_changes(self, api, invitation):
        send(api, invitation, {"recommend": 9}, partial=True)
        version = invitation.campaign.questionnaire_version
        QuestionnaireVersion.objects.create(
            questionnaire=version.questionnaire, number=2, definition={**version.definition, "pages": []},
            status="published", published_at=NOW,
        )  # fmt: skip
        assert send(api, invitation, {"satisfied": 5}).json()["answers"] == {"recommend": 9, "satisfied": 5}

    @pytest.mark.parametrize(
        ("state", "code"),
        [
            ({"expires_on": TODAY - dt.timedelta(days=1)}, "link_expired"),
            ({"status": "expired"}, "link_expired"),
            ({"status": "withdrawn"}, "link_withdrawn"),
            ({"status": "answered"}, "answer_final"),
        ],
    )
    def test_over_is_over(self, api, account, state, code):
        invitation = InvitationFactory(account=account, **state)
        for response in (read(api, invitation), send(api, invitation, {"recommend": 9})):
            assert (response.status_code, response.json()["code"]) == (410, code)

    def test_the_end_of_the_campaign(self, api, account):
        invitation = InvitationFactory(account=account, campaign=CampaignFactory(status="ended"))
        assert send(api, invitation, {"recommend": 9}).json()["code"] == "campaign_ended"

    def test_anonymous_answers_have_no_owner(self, api, account):
        invitation = InvitationFactory(account=account, campaign=CampaignFactory(anonymous=True))
        data = send(api, invitation, {"recommend": 9}).json()
        assert data["status"] == "complete"
        stored = Response.objects.get()
        assert (stored.account, stored.contact, stored.invitation) == (None, None, None)
        assert send(api, invitation, {"recommend": 8}).json()["answers"] == {"recommend": 8}
        assert Response.objects.count() == 1

    @pytest.mark.parametrize(
        "body",
        [{}, [], "x", {"answers": {}}, {"token": 1, "answers": {}}, {"answers": [], "token": "x"}, {"strange": 1}],
    )
    def test_refuses_other_bodies(self, db, api, body):
        assert api.post(URL, body).status_code in {400, 404}

    def test_refuses_a_megabyte_before_reading_it(self, api, invitation):
        response = send(api, invitation, {"comment": "x" * 1_000_000})
        assert (response.status_code, response.json()["code"]) == (413, "too_large")

    def test_languages_that_there_are_not(self, api, invitation):
        assert send(api, invitation, {"recommend": 9}, language="fr").status_code == 400

    def test_is_bounded_in_rate(self, api, invitation):
        statuses = [read(api, invitation).status_code for _ in range(121)]
        assert (statuses[119], statuses[120]) == (200, 429)
        other = InvitationFactory(campaign=invitation.campaign)
        assert read(api, other).status_code == 200, "The bound is that of the link."


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)


@pytest.mark.django_db
class TestAnything:
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(key=st.sampled_from([*ANSWERS, "reasons", "strange"]), value=JSON, whole=st.booleans())
    def test_is_taken_or_refused(self, api, invitation, key, value, whole):
        """Whatever JSON stands where an answer is expected: no server error, and what is kept reads back."""
        body = {"token": token_of(invitation), "answers": {"recommend": 9, key: value}, "partial": not whole}
        try:
            json.dumps(body).encode()
        except UnicodeEncodeError:
            return
        response = api.post(URL, body)
        assert response.status_code in {200, 400, 409, 429}, (key, value, response.content)
