"""Answers given through a link: kept in part, sent once, changed for a day, refused afterwards."""

import datetime as dt
import threading

import pytest
from django.db import connection, connections

from audit.models import AuditEntry
from surveys.choices import InvitationStatus, ResponseSource
from surveys.errors import (
    AnswerComplete,
    AnswerFinal,
    AnswersRefused,
    CampaignOver,
    LinkExpired,
    LinkWithdrawn,
    TokenUnknown,
)
from surveys.models import Answer, Campaign, FollowUp, Invitation, Response, VerbatimTag
from surveys.services import optouts, responses
from surveys.tokens import LENGTH, token_for
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.surveys import (
    ANSWERS,
    DEFINITION,
    NOW,
    CampaignFactory,
    InvitationFactory,
    LoopRuleFactory,
    VersionFactory,
    definition,
    page,
    question,
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


def faults(token, given):
    """The code of what is refused, by question."""
    with pytest.raises(AnswersRefused) as refused:
        send(token, given)
    return {key: fault.code for key, fault in refused.value.faults.items()}


@pytest.mark.django_db
class TestOpen:
    def test_marks_the_invitation_once(self, invitation, token):
        responses.open_invitation(token, now=NOW, mark=False)
        assert status_of(invitation) == InvitationStatus.SENT
        responses.open_invitation(token, now=NOW)
        responses.open_invitation(token, now=NOW + HOUR)
        invitation.refresh_from_db()
        assert (invitation.status, invitation.opened_at) == (InvitationStatus.OPENED, NOW)

    @pytest.mark.parametrize(
        "mangle",
        [
            lambda token: token[:-1],
            lambda token: token + "A",
            lambda token: token[:-1] + ("A" if token[-1] != "A" else "Q"),
            lambda token: ("A" if token[0] != "A" else "B") + token[1:],
            lambda token: "A" * LENGTH,
            lambda token: "",
            lambda token: "é" * LENGTH,
            lambda token: "' OR 1=1 --",
            lambda token: token_for("0" * 32),  # made with our key, but no invitation's
        ],
    )
    def test_knows_no_forged_token(self, token, mangle):
        for call in (lambda t: responses.open_invitation(t, now=NOW), send, optouts.unsubscribe):
            with pytest.raises(TokenUnknown):
                call(mangle(token))

    def test_a_forged_token_costs_no_query(self, db, token, django_assert_num_queries):
        with django_assert_num_queries(0), pytest.raises(TokenUnknown):
            responses.open_invitation("A" * LENGTH, now=NOW)

    def test_a_token_of_another_secret_key_is_unknown(self, invitation, token, settings):
        settings.SECRET_KEY = "another"
        with pytest.raises(TokenUnknown):
            responses.open_invitation(token, now=NOW)

    def test_the_last_day_is_the_companys(self, invitation, token):
        evening = dt.datetime(2026, 4, 6, 15, 59, tzinfo=dt.UTC)  # 23:59 in Shanghai
        assert invitation.expires_on == dt.date(2026, 4, 6)
        assert responses.open_invitation(token, now=evening)
        with pytest.raises(LinkExpired):
            responses.open_invitation(token, now=evening + dt.timedelta(minutes=1))
        with pytest.raises(LinkExpired):
            send(token, now=evening + dt.timedelta(minutes=1))

    @pytest.mark.parametrize(
        ("status", "error"),
        [("expired", LinkExpired), ("withdrawn", LinkWithdrawn), ("answered", AnswerFinal)],
    )
    def test_what_is_over(self, account, status, error):
        token = token_of(InvitationFactory(account=account, status=status, language="en"))
        with pytest.raises(error) as over:
            send(token)
        assert over.value.language == "en"
        assert not Response.objects.exists()

    def test_a_bounced_mail_closes_no_link(self, account):
        invitation = InvitationFactory(account=account, status="bounced")
        assert send(token_of(invitation)).pk
        assert status_of(invitation) == InvitationStatus.ANSWERED

    def test_an_ended_campaign_takes_nothing_and_a_paused_one_does(self, invitation, token):
        Campaign.objects.update(status="paused")
        keep(token, {"recommend": 3})
        Campaign.objects.update(status="ended")
        for call in (lambda: responses.open_invitation(token, now=NOW), lambda: keep(token, {}), lambda: send(token)):
            with pytest.raises(CampaignOver):
                call()


@pytest.mark.django_db
class TestKeepAPart:
    def test_keeps_and_adds(self, invitation, token):
        assert not keep(token, {"recommend": "3", "reasons": ["price"]}).faults
        saved = keep(token, {"easy": 5}, language="en")
        row = Response.objects.get()
        assert row.answers == {"recommend": 3, "reasons": {"choices": ["price"]}, "easy": 5}
        assert (row.status, row.language, row.date, row.completed_at) == ("partial", "en", None, None)
        assert (row.invitation, row.account, row.contact) == (invitation, invitation.account, invitation.contact)
        assert saved.opened.language == "en"
        assert status_of(invitation) == InvitationStatus.STARTED
        assert not Answer.objects.exists()

    def test_what_is_wrong_is_told_and_not_kept(self, token):
        saved = keep(token, {"recommend": 11, "satisfied": 5, "nonsense": 1, "years": "many"})
        assert {key: fault.code for key, fault in saved.faults.items()} == {
            "recommend": "out_of_range", "nonsense": "unknown_question", "years": "not_a_number",
        }  # fmt: skip
        assert Response.objects.get().answers == {"satisfied": 5}

    def test_an_empty_answer_takes_back(self, token):
        keep(token, {"satisfied": 5, "easy": 2})
        keep(token, {"satisfied": None})
        assert Response.objects.get().answers == {"easy": 2}

    def test_nothing_given_makes_no_row(self, invitation, token):
        keep(token, {"satisfied": None, "comment": ""})
        assert not Response.objects.exists()
        assert status_of(invitation) == InvitationStatus.SENT

    def test_what_is_not_shown_is_not_kept(self, token):
        keep(token, {"recommend": 3, "reasons": ["price"]})
        keep(token, {"recommend": 9})
        assert Response.objects.get().answers == {"recommend": 9}

    def test_not_after_the_whole(self, token):
        send(token)
        with pytest.raises(AnswerComplete):
            keep(token, {"easy": 1})
        assert Response.objects.get().answers["easy"] == 6


@pytest.mark.django_db
class TestSend:
    def test_everything_is_written_at_once(self, invitation, token, alice):
        account = invitation.account
        account.tier, account.region = "A", "east"
        account.save()
        row = send(token, language="en")
        row.refresh_from_db()
        assert (row.status, row.completed_at, row.date, row.source) == ("complete", NOW, TODAY, "link")
        assert (row.tier, row.region, row.manager, row.team) == ("A", "east", alice, alice.team)
        assert (row.language, row.entered_by, row.counted) == ("en", None, False)
        assert row.answer_rows.count() == 13
        assert row.answer_rows.get(question="order", part="quality").value == 1
        invitation.refresh_from_db()
        assert (invitation.status, invitation.answered_on) == (InvitationStatus.ANSWERED, TODAY)
        entry = AuditEntry.objects.get(action="survey_response.completed")
        assert (entry.account_id, entry.object_id, entry.actor) == (account.pk, row.pk, None)

    def test_a_part_that_was_kept_counts(self, token):
        keep(token, {"recommend": 2, "reasons": ["price"]})
        assert send(token, {"satisfied": 1}).answers == {
            "recommend": 2, "reasons": {"choices": ["price"]}, "satisfied": 1,
        }  # fmt: skip

    def test_a_part_begun_before_the_mail_was_sent_again_is_found(self, token):
        """The invitation waits again then, as if nothing had been answered."""
        begun = keep(token, {"recommend": 2, "reasons": ["price"]}).opened.response
        Invitation.objects.update(status=InvitationStatus.WAITING)
        assert send(token, {"satisfied": 1}) == begun
        assert Response.objects.get().answers["recommend"] == 2

    def test_statements_of_an_answer_that_nobody_has_to_act_on(self, token, django_assert_max_num_queries):
        with django_assert_max_num_queries(9):
            send(token, {"recommend": 9})

    @pytest.mark.parametrize(
        ("given", "refused"),
        [
            ({}, {"recommend": "required"}),
            ({"recommend": ""}, {"recommend": "required"}),
            ({"recommend": 11}, {"recommend": "out_of_range"}),
            ({"recommend": -1}, {"recommend": "out_of_range"}),
            ({"recommend": "9" * 4000}, {"recommend": "not_a_number"}),
            ({"recommend": 9, "nonsense": 1}, {"nonsense": "unknown_question"}),
            ({"recommend": 9, "easy": 8}, {"easy": "out_of_range"}),
            ({"recommend": 9, "aspects": {"product": 6}}, {"aspects": "out_of_range"}),
            ({"recommend": 9, "aspects": {"nonsense": 1}}, {"aspects": "unknown_choice"}),
            ({"recommend": 9, "contact": "nonsense"}, {"contact": "unknown_choice"}),
            ({"recommend": 3, "reasons": ["quality", "delivery", "price", "other"]}, {"reasons": "too_many"}),
            ({"recommend": 9, "order": ["price"]}, {"order": "not_all_ranked"}),
            ({"recommend": 9, "years": "NaN"}, {"years": "not_a_number"}),
            ({"recommend": 9, "years": "1e400"}, {"years": "too_long"}),
            ({"recommend": 9, "since": "2026-02-30"}, {"since": "not_a_date"}),
            ({"recommend": 9, "since": "1999-12-31"}, {"since": "out_of_range"}),
            ({"recommend": 9, "comment": "字" * 1001}, {"comment": "too_long"}),
            ({"recommend": 9, "comment": "x" * 1_000_000}, {"comment": "too_long"}),
        ],
    )
    def test_refuses(self, token, given, refused):
        assert faults(token, given) == refused
        assert not Response.objects.exists()

    @pytest.mark.parametrize(
        "text", ["😀👩\u200d👧 很好", "مرحبا \u200fبكم", "<script>alert(1)</script>", "a" * 1000, "{{ 7*7 }} %s"]
    )
    def test_takes_any_text_as_it_is(self, token, text):
        row = send(token, {"recommend": 9, "comment": text})
        assert row.answer_rows.get(question="comment").text == text

    def test_an_answer_of_another_campaign_does_not_fit(self, account, token):
        other = CampaignFactory(definition=definition(page("p", question("elsewhere", "csat"))))
        stranger = token_of(InvitationFactory(account=account, campaign=other))
        assert faults(stranger, ANSWERS)["recommend"] == "unknown_question"
        assert send(stranger, {"elsewhere": 5}).campaign == other

    def test_a_changed_questionnaire_changes_no_question(self, invitation, token):
        keep(token, {"recommend": 9})
        fresh = definition(page("p", question("fresh", "text", required=True)))
        old = invitation.campaign.questionnaire_version
        newer = VersionFactory(questionnaire=old.questionnaire, number=2, definition=fresh)
        Campaign.objects.update(questionnaire_version=newer)
        assert send(token, {"easy": 4}).answers == {"recommend": 9, "easy": 4}

    def test_two_languages_of_one_person_are_one_answer(self, token):
        keep(token, {"recommend": 5}, language="zh-hant")
        assert send(token, {"easy": 4}, language="en").language == "en"
        assert send(token, {"easy": 3}, language="fr").language == "en"
        assert Response.objects.count() == 1

    def test_opens_a_follow_up(self, invitation, token):
        LoopRuleFactory(campaign=invitation.campaign)
        keep(token, {"recommend": 3})
        assert not FollowUp.objects.exists()
        send(token, {})
        assert FollowUp.objects.get().reasons.get().value == 3
        assert AuditEntry.objects.filter(action="survey_response.completed").count() == 1

    def test_keeps_number_elsewhere_apart(self, token):
        assert send(token, source=ResponseSource.API).source == "api"


@pytest.mark.django_db
class TestChange:
    def test_within_a_day(self, token):
        first = send(token)
        tag = VerbatimTag.objects.create(name="准时")
        first.answer_rows.get(question="comment").tags.add(tag)
        account = first.account
        account.tier = "C"
        account.save()
        send(token, {"recommend": 4, "reasons": ["price"], "years": None}, now=NOW + 23 * HOUR)
        row = Response.objects.get()
        assert (row.completed_at, row.date, row.tier) == (NOW, TODAY, "")  # of the day of the answer
        assert row.answers == {
            **{key: value for key, value in ANSWERS.items() if key != "years"},
            "recommend": 4, "reasons": {"choices": ["price"]},
        }  # fmt: skip
        assert row.answer_rows.get(question="recommend").value == 4
        assert not row.answer_rows.filter(question="years").exists()
        assert row.answer_rows.get(question="comment").tags.get() == tag
        entry = AuditEntry.objects.get(action="survey_response.changed")
        assert entry.changes == {"recommend": [9, 4], "reasons": [None, {"choices": ["price"]}], "years": ["3", None]}

    def test_the_same_once_more_is_no_change(self, token):
        send(token)
        send(token, now=NOW + HOUR)
        assert not AuditEntry.objects.filter(action="survey_response.changed").exists()
        assert Answer.objects.count() == 13

    def test_not_after_a_day(self, token):
        send(token)
        send(token, {"easy": 1}, now=NOW + 23 * HOUR)
        with pytest.raises(AnswerFinal):
            send(token, {"easy": 2}, now=NOW + 24 * HOUR)
        with pytest.raises(AnswerFinal):
            responses.open_invitation(token, now=NOW + 24 * HOUR)
        assert Response.objects.get().answers["easy"] == 1

    def test_not_once_it_is_counted(self, token):
        send(token)
        Response.objects.update(counted=True)
        with pytest.raises(AnswerFinal):
            send(token, {"easy": 2})

    def test_not_once_the_campaign_has_ended(self, token):
        send(token)
        Campaign.objects.update(status="ended")
        with pytest.raises(AnswerFinal):
            send(token, {"easy": 2})

    def test_a_day_also_where_the_link_expires_meanwhile(self, invitation, token):
        last = dt.datetime(2026, 4, 6, 15, 59, tzinfo=dt.UTC)
        send(token, now=last)
        assert send(token, {"easy": 2}, now=last + 23 * HOUR).answers["easy"] == 2

    def test_a_refused_change_changes_nothing(self, token):
        send(token)
        with pytest.raises(AnswersRefused):
            send(token, {"recommend": 12, "easy": 1})
        assert Response.objects.get().answers == {**ANSWERS, "years": "3"}


def test_definition_of_the_factory_is_what_these_tests_think():
    assert [p["key"] for p in DEFINITION["pages"]] == ["one", "two", "three"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one writer in at a time")
class TestAtOnce:
    def run(self, *calls):
        """Each call in a thread of its own; what they returned or raised."""
        found = []

        def work(call):
            try:
                found.append(call())
            except Exception as error:  # noqa: BLE001  it is what the test looks at
                found.append(error)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=work, args=[call]) for call in calls]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return found

    @pytest.mark.parametrize("anonymous", [False, True])
    def test_one_answer_whatever_comes_in_at_once(self, anonymous):
        account = AccountFactory()
        invitation = InvitationFactory(account=account, campaign=CampaignFactory(anonymous=anonymous))
        LoopRuleFactory(campaign=invitation.campaign)
        token = token_of(invitation)
        calls = [lambda n=n: send(token, {"recommend": n % 7}) for n in range(6)]
        calls += [lambda: keep(token, {"easy": 3}) for _ in range(4)]
        found = self.run(*calls)
        strange = [error for error in found if isinstance(error, Exception) and not isinstance(error, AnswerComplete)]
        assert not strange
        row = Response.objects.get()
        assert row.status == "complete"
        assert row.answer_rows.get(question="recommend").value == row.answers["recommend"]
