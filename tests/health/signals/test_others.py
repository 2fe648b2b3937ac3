"""Signals of contact, satisfaction, contracts and the relationship."""

import datetime as dt

import pytest

from accounts.choices import Stage
from health.facts.contact import ContactFacts
from health.facts.contracts import ContractFacts
from health.facts.people import PeopleFacts
from health.facts.surveys import Answered, SurveyFacts
from health.signals import find
from tests.factories import TODAY


def ago(days):
    return TODAY - dt.timedelta(days=days)


def answers(*values):
    """The answers of one person, a hundred days apart, the last one ten days ago."""
    return [Answered(ago(10 + 100 * back), value) for back, value in reversed(list(enumerate(reversed(values))))]


def read(key, facts):
    """(value, severity) of a signal, or None."""
    reading = find(key).assess(facts, TODAY)
    return reading and (reading.value, find(key).severity(reading.value))


class TestContactGap:
    def test_is_in_cadences(self):
        assert read("contact_gap", ContactFacts(ago(60), 30, ago(900))) == (2, pytest.approx(2 / 3))

    def test_within_the_cadence_is_fine(self):
        assert read("contact_gap", ContactFacts(ago(20), 30, ago(900)))[1] == 0

    def test_without_any_contact_counts_from_when_the_account_is_known(self):
        assert read("contact_gap", ContactFacts(None, 30, ago(90))) == (3, 1)

    @pytest.mark.parametrize(
        "facts", [ContactFacts(ago(900), None, ago(900)), ContactFacts(None, 30, TODAY + dt.timedelta(days=9))]
    )
    def test_without_a_cadence_nothing_is_late(self, facts):
        assert read("contact_gap", facts) is None


class TestSatisfaction:
    def test_nps_is_of_the_newest_answers(self):
        facts = SurveyFacts(nps={1: answers(9, 3), 2: answers(10), 3: answers(8), 4: answers(2)})

        assert read("nps_low", facts)[0] == pytest.approx(-25)

    def test_an_answer_of_more_than_a_year_ago_says_nothing(self):
        facts = SurveyFacts(nps={1: [Answered(ago(400), 0)]}, csat={1: [Answered(ago(400), 1)]})

        assert read("nps_low", facts) is None
        assert read("csat_low", facts) is None

    def test_a_fall_is_of_those_who_answered_twice(self):
        assert read("nps_fallen", SurveyFacts(nps={1: answers(9, 3), 2: answers(10)})) == (6, 1)
        assert read("nps_fallen", SurveyFacts(nps={2: answers(10)})) is None

    def test_csat(self):
        assert read("csat_low", SurveyFacts(csat={1: answers(5, 2), 2: answers(4)})) == (3, 0.5)

    def test_unanswered(self):
        assert read("survey_unanswered", SurveyFacts(asked=ago(40), unanswered=2)) == (2, 0.5)
        assert read("survey_unanswered", SurveyFacts()) is None


class TestContracts:
    def test_notice_date_near_with_nothing_done(self):
        assert read("renewal_near", ContractFacts(idle_notice=TODAY + dt.timedelta(days=30))) == (30, 0.5)
        assert read("renewal_near", ContractFacts(idle_notice=ago(3))) == (-3, 1)

    def test_somebody_is_at_it_is_fine(self):
        assert read("renewal_near", ContractFacts(next_notice=TODAY + dt.timedelta(days=5)))[1] == 0

    def test_without_a_notice_date_there_is_nothing_to_say(self):
        assert read("renewal_near", ContractFacts()) is None

    def test_overdue_since(self):
        facts = ContractFacts(has_instalments=True, overdue_since=ago(90), overdue_count=1, overdue_amount=5.0)

        assert read("payment_overdue", facts) == (90, 1)
        assert read("payment_overdue", ContractFacts(has_instalments=True)) == (0, 0)
        assert read("payment_overdue", ContractFacts()) is None


class TestRelationship:
    def test_contacts_who_left(self):
        facts = PeopleFacts(deciders=3, left=[(ago(30), "decision_maker"), (ago(200), "champion")])

        assert read("key_contact_left", facts) == (1, 0.5)
        assert read("key_contact_left", PeopleFacts()) is None

    def test_people_alive(self):
        assert read("single_threaded", PeopleFacts(present=4, alive=1, ever_noted=True)) == (1, 0.5)
        assert read("single_threaded", PeopleFacts(present=4, alive=0, ever_noted=True)) == (0, 1)

    def test_never_noted_with_whom_is_not_known(self):
        assert read("single_threaded", PeopleFacts(present=4)) is None

    def test_changes_of_the_manager(self):
        assert read("manager_changed", PeopleFacts(managers=[ago(900), ago(300), ago(20)])) == (2, 0.5)
        assert read("manager_changed", PeopleFacts(managers=[ago(20)])) == (0, 0)
        assert read("manager_changed", PeopleFacts()) is None

    def test_stage(self):
        assert read("stage_interrupted", PeopleFacts(stage=Stage.INTERRUPTED)) == (1, 1)
        assert read("stage_interrupted", PeopleFacts(stage=Stage.MID)) == (0, 0)
