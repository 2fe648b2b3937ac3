"""Which answers are reasons, and what an answer sets going."""

import datetime as dt
import threading
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from audit.models import AuditEntry
from core.models import CalendarDay
from notifications.models import Notification
from surveys.closing import Rule, default_rules, reasons
from surveys.definition import read
from surveys.models import FollowUp, FollowUpResponse, Response, SurveyPolicy
from surveys.services.closing import react
from tests.factories.accounts import AccountFactory
from tests.factories.surveys import (
    DEFINITION,
    NOW,
    CampaignFactory,
    FollowUpFactory,
    LoopRuleFactory,
    ResponseFactory,
)
from tests.factories.users import UserFactory

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


def at(text, zone=SHANGHAI):
    return dt.datetime.fromisoformat(text).replace(tzinfo=zone)


class TestReasons:
    def test_default_rules_follow_the_kinds_of_the_questions(self):
        rules = default_rules(read(DEFINITION).questions)
        assert rules == [
            Rule("recommend", 0, 6, "recovery"),
            Rule("recommend", 9, 10, "reference"),
            Rule("satisfied", 1, 2, "recovery"),
            Rule("easy", 1, 3, "recovery"),
        ]

    @pytest.mark.parametrize(
        ("answers", "found"),
        [
            ({"recommend": 6}, {"recovery": {"recommend": 6}}),
            ({"recommend": 0, "easy": 3}, {"recovery": {"recommend": 0, "easy": 3}}),
            ({"recommend": 7, "satisfied": 3, "easy": 4}, {}),
            ({"recommend": 9}, {"reference": {"recommend": 9}}),
            ({"recommend": 10, "satisfied": 1}, {"recovery": {"satisfied": 1}}),
            ({"comment": "x", "reasons": {"choices": ["price"]}}, {}),
            ({}, {}),
        ],
    )
    def test_both_ends_of_a_range_count(self, answers, found):
        assert reasons(default_rules(read(DEFINITION).questions), answers) == found

    def test_a_matrix_counts_row_by_row(self):
        rules = [Rule("aspects", 1, 2, "recovery")]
        assert reasons(rules, {"aspects": {"product": 5, "delivery": 2, "people": 1}}) == {"recovery": {"aspects": 1}}
        assert reasons(rules, {"aspects": {"product": 5, "delivery": 3}}) == {}
        assert reasons([Rule("aspects", 2, 3, "recovery")], {"aspects": {"product": 1, "people": 3}}) == {
            "recovery": {"aspects": 3}
        }
        assert reasons([Rule("aspects", 4, 5, "reference")], {"aspects": {"product": 4, "people": 5}}) == {
            "reference": {"aspects": 5}
        }

    def test_rules_that_overlap_make_one_reason(self):
        rules = [Rule("recommend", 0, 6, "recovery"), Rule("recommend", 0, 3, "recovery")]
        assert reasons(rules, {"recommend": 2}) == {"recovery": {"recommend": 2}}


@pytest.fixture
def campaign(db):
    campaign = CampaignFactory(name="年度满意度")
    for rule in default_rules(read(DEFINITION).questions):
        LoopRuleFactory(campaign=campaign, **rule._asdict())
    return campaign


def respond(campaign, account, **answers):
    return ResponseFactory(campaign=campaign, account=account, answers=answers)


class TestReact:
    def test_a_detractor_opens_a_follow_up_for_the_manager(self, campaign, account, alice):
        account.tier = "A"
        account.save()
        response = respond(campaign, account, recommend=3, satisfied=4)
        (follow_up,) = react(response, now=NOW)
        assert (follow_up.kind, follow_up.status, follow_up.owner) == ("recovery", "open", alice)
        assert follow_up.opened_at == NOW
        # 16 hours from Monday ten o'clock: eight that day, eight the next.
        assert follow_up.due_at == at("2026-03-17T17:00")
        assert list(follow_up.reasons.values_list("response", "question", "value")) == [(response.pk, "recommend", 3)]
        entry = AuditEntry.objects.get(action="follow_up.opened")
        assert (entry.account_id, entry.changes["recommend"]) == (account.pk, [None, 3])
        note = Notification.objects.get(user=alice)
        assert note.kind == "recovery_opened"
        assert note.url == follow_up.get_absolute_url()
        assert note.params["due_date"] == "2026-03-17"

    @pytest.mark.parametrize(
        ("tier", "due"), [("B", "2026-03-18T16:00"), ("C", "2026-03-20T14:00"), ("", "2026-03-20T14:00")]
    )
    def test_the_tier_sets_the_hours(self, campaign, alice, tier, due):
        account = AccountFactory(manager=alice, tier=tier)
        assert react(respond(campaign, account, recommend=0), now=NOW)[0].due_at == at(due)

    def test_policy_hours_country_and_the_owners_clock_count(self, campaign, north):
        SurveyPolicy.objects.create(follow_up_hours_c=10, day_from=dt.time(8), day_until=dt.time(16))
        manager = UserFactory(team=north, time_zone="Europe/Berlin")
        account = AccountFactory(manager=manager, country="Germany")
        CalendarDay.objects.create(country="DE", date=dt.date(2026, 3, 17), name="Streik", working=False)
        # NOW is three o'clock at night in Berlin.
        assert react(respond(campaign, account, recommend=0), now=NOW)[0].due_at == at("2026-03-18T10:00", BERLIN)

    def test_a_promoter_is_to_be_asked_for_a_reference(self, campaign, account, alice):
        (follow_up,) = react(respond(campaign, account, recommend=10), now=NOW)
        assert follow_up.kind == "reference"
        assert Notification.objects.get(user=alice).kind == "reference_opened"

    def test_a_further_answer_joins_the_open_one_and_keeps_its_deadline(self, campaign, account, alice):
        (first,) = react(respond(campaign, account, recommend=3), now=NOW)
        (again,) = react(respond(campaign, account, recommend=5), now=NOW + dt.timedelta(hours=5))
        assert again.pk == first.pk
        assert (again.due_at, again.opened_at) == (first.due_at, NOW)
        assert sorted(again.reasons.values_list("value", flat=True)) == [3, 5]
        assert set(Notification.objects.filter(user=alice).values_list("kind", flat=True)) == {
            "recovery_opened", "recovery_joined",
        }  # fmt: skip
        assert AuditEntry.objects.filter(action="follow_up.joined").count() == 1

    def test_after_a_closed_one_a_new_one_opens(self, campaign, account):
        FollowUpFactory(campaign=campaign, account=account, status="closed")
        (follow_up,) = react(respond(campaign, account, recommend=3), now=NOW)
        assert FollowUp.objects.count() == 2
        assert follow_up.status == "open"

    def test_other_campaigns_and_accounts_have_their_own(self, campaign, account, alice):
        react(respond(campaign, account, recommend=3), now=NOW)
        react(respond(campaign, AccountFactory(manager=alice), recommend=3), now=NOW)
        other = CampaignFactory()
        LoopRuleFactory(campaign=other)
        react(respond(other, account, recommend=3), now=NOW)
        assert FollowUp.objects.count() == 3

    def test_called_twice_it_does_nothing_twice(self, campaign, account):
        response = respond(campaign, account, recommend=3)
        react(response, now=NOW)
        assert react(response, now=NOW) == []
        assert FollowUp.objects.count() == FollowUpResponse.objects.count() == 1
        assert AuditEntry.objects.filter(action__startswith="follow_up.").count() == 1

    def test_the_reasons_follow_an_answer_that_is_changed(self, campaign, account):
        response = respond(campaign, account, recommend=3)
        (follow_up,) = react(response, now=NOW)
        response.answers = {"recommend": 5, "satisfied": 1}
        assert react(response, now=NOW) == [follow_up]
        assert sorted(follow_up.reasons.values_list("question", "value")) == [("recommend", 5), ("satisfied", 1)]
        assert AuditEntry.objects.get(action="follow_up.answer_changed").changes == {"recommend": [3, 5]}

    def test_a_corrected_answer_closes_nothing_and_is_said(self, campaign, account):
        response = respond(campaign, account, recommend=3)
        (follow_up,) = react(response, now=NOW)
        response.answers = {"recommend": 8}
        assert react(response, now=NOW) == []
        follow_up.refresh_from_db()
        assert follow_up.status == "open"
        assert follow_up.reasons.get().value == 3
        assert AuditEntry.objects.get(action="follow_up.answer_corrected").changes == {"recommend": [3, 8]}

    def test_an_answer_that_turns_low_within_the_day_opens_one(self, campaign, account):
        response = respond(campaign, account, recommend=8)
        assert react(response, now=NOW) == []
        response.answers = {"recommend": 2}
        assert [row.kind for row in react(response, now=NOW)] == ["recovery"]

    def test_a_settled_reason_is_not_opened_again_by_another_value(self, campaign, account):
        response = respond(campaign, account, recommend=3)
        (follow_up,) = react(response, now=NOW)
        FollowUp.objects.update(status="closed", closed_at=NOW, outcome="solved")
        response.answers = {"recommend": 1}
        assert react(response, now=NOW) == []
        assert follow_up.reasons.get().value == 1

    def test_without_a_manager_it_is_the_supervisors_or_a_directors(self, campaign, account, alice, lee, dora):
        alice.is_active = False
        alice.save()
        assert react(respond(campaign, account, recommend=3), now=NOW)[0].owner == lee
        orphan = AccountFactory()
        assert react(respond(campaign, orphan, recommend=3), now=NOW)[0].owner == dora

    def test_with_nobody_at_all_it_is_open_all_the_same(self, campaign, db):
        assert react(respond(campaign, AccountFactory(), recommend=3), now=NOW)[0].owner is None

    def test_anonymous_begun_and_terminated_set_nothing_going(self, campaign, account):
        hidden = CampaignFactory(anonymous=True)
        LoopRuleFactory(campaign=hidden)
        assert react(respond(hidden, account, recommend=0), now=NOW) == []
        begun = ResponseFactory(campaign=campaign, account=account, status="partial", answers={"recommend": 0})
        assert react(begun, now=NOW) == []
        account.status = "terminated"
        account.save()
        assert react(respond(campaign, account, recommend=0), now=NOW) == []
        assert not FollowUp.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="writers of SQLite follow one another anyway")
def test_two_answers_at_once_make_one_follow_up(alice, account):
    campaign = CampaignFactory()
    LoopRuleFactory(campaign=campaign)
    keys = [respond(campaign, account, recommend=n % 7).pk for n in range(6)]
    start, errors = threading.Barrier(len(keys)), []

    def answer(pk):
        try:
            response = Response.objects.select_related("campaign").get(pk=pk)
            start.wait()
            react(response, now=NOW)
        except Exception as error:  # noqa: BLE001  shown by the test
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=answer, args=[pk]) for pk in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert FollowUp.objects.get().reasons.count() == len(keys)
