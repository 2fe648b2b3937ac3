"""Coverage per person from what was logged, and the gaps in words."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interactions.relations import Coverage, Facts, Person, contact_facts, coverage_level, find_gaps
from tests.factories import TODAY
from tests.factories.contacts import make_contact
from tests.factories.interactions import make_interaction


def ago(days):
    return TODAY - dt.timedelta(days=days)


def person(pk=1, name="王建国", *, days=5, **fields):
    """Somebody with one visit `days` ago (None: never)."""
    met = fields.pop("met", days)
    facts = Facts(
        last_date=None if days is None else ago(days),
        last_met=None if met is None else ago(met),
        recent=int(days is not None and days < 90),
        year=int(days is not None and days < 365),
        outbound=int(days is not None),
    )
    return Person(pk=pk, contact_id=pk, name=name, facts=facts, **fields)


def codes(people, left=(), **more):
    return [gap.code for gap in find_gaps(people, left, today=TODAY, **more)]


BOSS = {"decision_role": "decision_maker", "owner": "Alice"}


class TestCoverage:
    @pytest.mark.parametrize(
        ("year", "recent", "inbound", "level"),
        [
            (0, 0, 0, Coverage.NONE),
            (1, 1, 0, Coverage.BRIEF),
            (2, 2, 1, Coverage.BRIEF),
            (3, 1, 0, Coverage.MULTIPLE),
            (3, 0, 0, Coverage.BRIEF),
            (11, 5, 5, Coverage.MULTIPLE),
            (12, 3, 1, Coverage.IN_DEPTH),
            (12, 2, 1, Coverage.MULTIPLE),
            (12, 3, 0, Coverage.MULTIPLE),
            (12, 0, 4, Coverage.BRIEF),
        ],
    )
    def test_bounds(self, year, recent, inbound, level):
        assert coverage_level(Facts(year=year, recent=recent, inbound=inbound, outbound=year - inbound)) == level

    @given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
    def test_more_contact_is_never_less_coverage(self, year, recent, inbound):
        recent, inbound = min(recent, year), min(inbound, year)
        one = Facts(year=year, recent=recent, inbound=inbound, outbound=year - inbound)
        more = Facts(year=year + 1, recent=recent + 1, inbound=inbound, outbound=year + 1 - inbound)
        assert coverage_level(more) >= coverage_level(one)


@pytest.mark.django_db
class TestFacts:
    def test_per_person_both_ways_and_by_whom(self, account, alice, ann):
        wang, li = make_contact(account), make_contact(account, "李娜")
        make_interaction(account, 400, contacts=[wang, li])
        make_interaction(account, 100, contacts=[wang], kind="call")
        make_interaction(account, 20, contacts=[wang], direction="in", kind="email", author=ann)
        make_interaction(account, 3, contacts=[wang], kind="note")
        make_interaction(account, 2, contacts=[wang], kind="call", outcome="not_reached")
        make_interaction(account, -1, contacts=[wang])
        facts = contact_facts(account, today=TODAY)
        assert facts[wang.pk] == Facts(ago(20), str(ann), ago(400), recent=1, year=2, inbound=1, outbound=1)
        assert facts[wang.pk].both_ways
        assert facts[li.pk] == Facts(ago(400), str(alice), ago(400))

    def test_the_edges_of_90_and_365_days(self, account):
        wang = make_contact(account)
        for days in (89, 90, 364, 365):
            make_interaction(account, days, contacts=[wang])
        facts = contact_facts(account, today=TODAY)[wang.pk]
        assert (facts.recent, facts.year) == (1, 3)

    def test_other_accounts_do_not_count(self, account, foreign_account):
        wang = make_contact(account)
        make_interaction(foreign_account, 1, contacts=[wang])
        assert contact_facts(account, today=TODAY) == {}

    def test_two_statements(self, account, django_assert_num_queries):
        for number in range(8):
            make_interaction(account, number, contacts=[make_contact(account, f"人{number}")])
        with django_assert_num_queries(2):
            contact_facts(account, today=TODAY)


class TestGaps:
    def test_nothing_is_missing(self):
        assert codes([person(**BOSS), person(2, "李娜", decision_role="champion")]) == []

    def test_nobody_is_known(self):
        assert codes([]) == ["nobody"]

    def test_no_decision_maker(self):
        people = [person(), person(2, "李娜", decision_role="user")]
        gap = find_gaps(people, [], today=TODAY)[0]
        assert gap.code == "no_decider"
        assert "none of the 2 people" in gap.text

    @pytest.mark.parametrize("role", ["economic_buyer", "decision_maker"])
    def test_either_decides(self, role):
        assert "no_decider" not in codes([person(decision_role=role, owner="Alice"), person(2)])

    def test_only_one_person_known(self):
        gap = find_gaps([person(**BOSS)], [], today=TODAY)[0]
        assert (gap.code, gap.action) == ("single_thread", "person")
        assert "王建国" in gap.text

    def test_only_one_person_alive(self):
        gap = find_gaps([person(**BOSS), person(2, "李娜", days=91)], [], today=TODAY)[0]
        assert (gap.code, gap.contact_id) == ("single_thread", 1)
        assert "of 2 people known here only 王建国" in gap.text
        assert "90 days" in gap.text

    def test_nobody_alive(self):
        people = [person(days=200, **BOSS), person(2, "李娜", days=None)]
        gap = find_gaps(people, [], today=TODAY)[0]
        assert "none of the 2 people" in gap.text
        assert "王建国" in gap.text
        never = [person(days=None, **BOSS), person(2, days=None)]
        assert "has ever had contact" in find_gaps(never, [], today=TODAY)[0].text

    def test_counts_of_very_many_are_given(self):
        people = [person(**BOSS), person(2, days=None)]
        assert codes(people, known=3000, alive=40) == []
        assert "of 3000 people" in find_gaps(people, [], today=TODAY, known=3000, alive=1)[0].text

    @pytest.mark.parametrize(("days", "silent"), [(29, False), (30, True), (None, True)])
    def test_champion_silent_for_30_days(self, days, silent):
        people = [person(**BOSS), person(2, "李娜", days=days, decision_role="champion"), person(3)]
        found = [gap for gap in find_gaps(people, [], today=TODAY) if gap.code == "champion_silent"]
        assert bool(found) == silent
        if silent and days:
            assert "李娜 has been silent for 30 days (bound: 30)" in found[0].text
            assert (found[0].action, found[0].contact_id) == ("log", 2)

    @pytest.mark.parametrize(
        ("fields", "missed"),
        [
            ({"decision_role": "economic_buyer"}, True),
            ({"decision_role": "champion"}, True),
            ({"influence": 3}, True),
            ({"decision_role": "user"}, False),
            ({"decision_role": "champion", "until_date": ago(90)}, True),
            ({"decision_role": "champion", "until_date": ago(91)}, False),
            ({"decision_role": "champion", "position": "厂长"}, False),
        ],
    )
    def test_somebody_who_mattered_left(self, fields, missed):
        gone = person(9, "赵六", **{"until_date": ago(10), **fields})
        people = [person(position="厂长", **BOSS), person(2)]
        assert ("key_left" in codes(people, [gone])) == missed

    def test_a_successor_took_up_the_role(self):
        gone = person(9, "赵六", decision_role="champion", until_date=ago(10))
        for begun, missed in ((ago(5), False), (ago(99), False), (ago(101), True), (None, True)):
            heir = person(2, decision_role="champion", from_date=begun)
            assert ("key_left" in codes([person(**BOSS), heir], [gone])) == missed

    def test_a_decision_maker_without_owner(self):
        people = [person(decision_role="decision_maker"), person(2)]
        gap = next(gap for gap in find_gaps(people, [], today=TODAY) if gap.code == "no_owner")
        assert (gap.action, gap.employment_id) == ("edit", 1)
        inactive = person(decision_role="decision_maker", owner="Bob", owner_is_active=False)
        assert "Bob" in next(gap.text for gap in find_gaps([inactive, person(2)], [], today=TODAY))

    def test_a_decision_maker_whom_nobody_met(self):
        called = person(met=None, **BOSS)
        gap = next(gap for gap in find_gaps([called, person(2)], [], today=TODAY) if gap.code == "never_met")
        assert (gap.action, gap.contact_id) == ("visit", 1)

    @given(st.lists(st.tuples(st.sampled_from(["", "champion", "decision_maker", "user"]), st.integers(0, 500))))
    def test_no_gap_is_without_words(self, drawn):
        people = [person(pk, f"人{pk}", days=days, decision_role=role) for pk, (role, days) in enumerate(drawn, 1)]
        for gap in find_gaps(people, [], today=TODAY):
            assert gap.text
            assert "%" not in gap.text
