"""The planner's promises, for whatever policies, calendars, leaves, histories and capacities."""

import datetime as dt
import random
from collections import Counter
from dataclasses import dataclass, replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from interactions import plan_values
from interactions.cadence import Cadence, Rhythm, Rule, RuleBook, contact_due, early_days, last_contact, rule_for
from interactions.plan_values import Horizon, Need, Person, Slot
from interactions.planner import plan_person
from tests.factories import TODAY

DAY = dt.timedelta(days=1)
WEEKS = 6
LAST = TODAY + (7 * WEEKS - 1) * DAY


@dataclass(frozen=True)
class Days:
    """Monday to Friday, but for some days."""

    special: frozenset[dt.date] = frozenset()

    def is_working(self, day):
        return (day.weekday() < 5) != (day in self.special)


PLAIN = Horizon(TODAY, LAST, {"CN": Days(), "DE": Days()})
days = st.integers(0, 7 * WEEKS - 1).map(lambda number: TODAY + number * DAY)
around = st.integers(-3, 100).map(lambda number: TODAY + number * DAY)


@st.composite
def slots(draw, first_pk):
    dates = draw(st.lists(around, max_size=5, unique=True))
    fixed = {date: date < TODAY or draw(st.booleans()) for date in dates}
    dues = draw(st.lists(st.none() | around, min_size=len(dates), max_size=len(dates)))
    return tuple(Slot(first_pk + n, date, fixed[date], dues[n]) for n, date in enumerate(dates))


@st.composite
def needs(draw, account):
    own = draw(st.none() | st.integers(1, 40))
    rhythm = Rhythm(
        own_days=own,
        own_until=draw(st.none() | days) if own else None,
        paused_until=draw(st.none() | st.none() | around),
        weekday=draw(st.none() | st.none() | st.integers(0, 6)),
    )
    return Need(
        account=account,
        duty="manager",
        cadence=Cadence(draw(st.none() | st.integers(1, 90)), rhythm),
        created=TODAY - draw(st.integers(0, 400)) * DAY,
        last=draw(st.none() | st.integers(-1, 120).map(lambda number: TODAY - number * DAY)),
        tier=draw(st.sampled_from(["", "A", "B", "C"])),
        city=draw(st.sampled_from(["", "上海", "苏州"])),
        country=draw(st.sampled_from(["CN", "DE"])),
        slots=draw(slots(account * 100)),
        avoid=frozenset(draw(st.lists(days, max_size=2))),
        urgent=draw(st.booleans()),
    )


@st.composite
def worlds(draw, most=6):
    """A person with needs and a calendar."""
    horizon = Horizon(TODAY, LAST, {code: Days(frozenset(draw(st.lists(days, max_size=8)))) for code in ("CN", "DE")})
    found = [draw(needs(account)) for account in range(1, draw(st.integers(1, most)) + 1)]
    by_hand = [(slot.date, "") for need in found for slot in need.slots if slot.fixed and slot.date >= TODAY]
    elsewhere = draw(st.lists(st.tuples(days, st.sampled_from(["", "上海"])), max_size=4))
    first = draw(days)
    leave = {first + n * DAY for n in range(draw(st.integers(0, 14)))} | set(draw(st.lists(days, max_size=3)))
    capacity = draw(st.integers(0, 3))
    return Person(7, capacity, frozenset(leave), tuple(by_hand + elsewhere)), found, horizon


def by_need(found, plan):
    dates = {need.key: [] for need in found}
    for visit in plan.visits:
        dates[visit.need.key].append(visit.date)
    return dates


def afterwards(found, plan):
    """The needs as they are after the plan was written."""
    rows = {need.key: [slot for slot in need.slots if slot.fixed] for need in found}
    for number, visit in enumerate(plan.visits):
        pk = visit.slot.pk if visit.slot else 10_000 + number
        rows[visit.need.key].append(Slot(pk, visit.date, due=visit.due))
    return [replace(need, slots=tuple(rows[need.key])) for need in found]


def check_days(person, horizon, plan):
    for visit in plan.visits:
        if visit.date > horizon.last:
            assert visit.slot is not None
            assert not visit.moved  # it stays until its days come into sight
            continue
        need, rhythm = visit.need, visit.need.cadence.rhythm
        assert visit.date >= horizon.first
        assert horizon.calendars[need.country].is_working(visit.date)
        assert visit.date not in person.leave
        assert visit.date not in need.avoid
        assert rhythm.weekday in (None, visit.date.weekday())
        assert not rhythm.is_paused(visit.date)


def check_capacity(person, plan):
    taken = Counter(day for day, _city in person.taken)
    placed = Counter(visit.date for visit in plan.visits if visit.date <= LAST)
    for day, number in placed.items():
        assert number + taken[day] <= person.capacity


def check_spacing(need, plan):
    """Each visit comes after the one before, and not much earlier than its cadence."""
    before = need.last
    for visit in sorted((v for v in plan.visits if v.need.key == need.key), key=lambda v: v.date):
        early = max(early_days(visit.cadence_days), 6 if need.cadence.rhythm.weekday is not None else 0)
        assert visit.date >= visit.due - early * DAY
        assert before is None or visit.date > before
        before = visit.date


def check_complete(need, plan, horizon):
    """Whatever is due in these weeks is planned or reported."""
    if any(gap.need.key == need.key for gap in plan.gaps):
        return
    dates = sorted({v.date for v in plan.visits if v.need.key == need.key} | {s.date for s in need.slots if s.fixed})
    anchors = [need.last, *[date for date in dates if need.last is None or date > need.last]]
    for anchor, following in zip(anchors, [*anchors[1:], None], strict=True):
        cadence = need.cadence.on(max(horizon.first, anchor or horizon.first))
        if cadence is None:
            return
        due = need.created if anchor is None else anchor + cadence * DAY
        paused = need.cadence.rhythm.paused_until
        if due <= horizon.last and (paused is None or paused < horizon.last):
            assert following is not None, (need, due)


def check_rows(found, plan):
    """Every generated visit has exactly one fate."""
    fates = Counter([v.slot.pk for v in plan.visits if v.slot] + [one.slot.pk for one in plan.dropped])
    assert fates == Counter(slot.pk for need in found for slot in need.slots if not slot.fixed)
    for need in found:
        dates = [v.date for v in plan.visits if v.need.key == need.key]
        assert len(dates) == len(set(dates))
        holding = {slot.date: slot.pk for slot in need.slots if not slot.fixed}
        for visit in plan.visits:
            if visit.need.key == need.key and visit.moved:
                assert visit.date not in holding  # one UPDATE can move them all


class TestPromises:
    @given(worlds())
    @settings(max_examples=400, deadline=None)
    def test_no_plan_breaks_a_rule_and_nothing_is_forgotten(self, world):
        person, found, horizon = world
        plan = plan_person(person, found, horizon)
        check_days(person, horizon, plan)
        check_capacity(person, plan)
        check_rows(found, plan)
        for need in found:
            check_spacing(need, plan)
            check_complete(need, plan, horizon)

    @given(worlds())
    @settings(max_examples=400, deadline=None)
    def test_planning_again_changes_nothing(self, world):
        person, found, horizon = world
        plan = plan_person(person, found, horizon)
        again = plan_person(person, afterwards(found, plan), horizon)
        assert by_need(found, again) == by_need(found, plan)
        assert not again.dropped
        assert not [visit for visit in again.visits if visit.slot is None or visit.moved]
        assert {(g.need.key, g.due, g.reason) for g in again.gaps} == {(g.need.key, g.due, g.reason) for g in plan.gaps}

    @given(worlds(), st.randoms(use_true_random=False))
    @settings(max_examples=150, deadline=None)
    def test_the_order_of_the_needs_does_not_matter(self, world, random):
        person, found, horizon = world
        shuffled = list(found)
        random.shuffle(shuffled)
        assert by_need(found, plan_person(person, found, horizon)) == by_need(
            found, plan_person(person, shuffled, horizon)
        )

    @given(worlds(most=5), needs(50))
    @settings(max_examples=250, deadline=None)
    def test_a_new_need_moves_only_what_ranks_below_it(self, world, newcomer):
        person, found, horizon = world
        newcomer = replace(newcomer, slots=())
        plan = plan_person(person, found, horizon)
        found = afterwards(found, plan)
        grown = plan_person(person, [*found, newcomer], horizon)
        first = min((v.due for v in grown.visits if v.need.key == newcomer.key), default=None)
        first = first or min((g.due for g in grown.gaps if g.need.key == newcomer.key), default=dt.date.max)
        if newcomer.urgent:
            return
        dates = by_need([*found, newcomer], grown)
        for visit in plan.visits:
            if visit.due < first:
                assert visit.date in dates[visit.need.key]

    @given(worlds(most=5), needs(50))
    @settings(max_examples=150, deadline=None)
    def test_with_room_for_all_a_change_moves_nobody_else(self, world, newcomer):
        person, found, horizon = world
        person = replace(person, capacity=100)
        plan = plan_person(person, found, horizon)
        found = afterwards(found, plan)
        grown = plan_person(person, [*found, replace(newcomer, slots=())], horizon)
        fewer = plan_person(person, found[1:], horizon)
        assert {key: by_need(found, plan)[key] for key in by_need(found, plan)} == {
            key: [v.date for v in grown.visits if v.need.key == key] for key in by_need(found, plan)
        }
        assert by_need(found[1:], fewer) == {need.key: by_need(found, plan)[need.key] for need in found[1:]}


class TestSmallChanges:
    @pytest.mark.parametrize("capacity", [4, 5, 6])
    def test_a_day_off_in_a_full_calendar_moves_few(self, capacity):
        """Two hundred accounts and more to do than there is time for: a day with n visits is lost."""
        lost = moved = 0
        for seed in range(8):
            chance = random.Random(seed)
            found = []
            for account in range(200):
                tier, cadence = chance.choice([("A", 14), ("B", 30), ("B", 30), ("C", 90), ("C", 90), ("C", 90)])
                last = -chance.randint(0, cadence * 13 // 10)
                found.append(need(account, cadence, last, tier=tier, city=chance.choice("甲乙丙丁戊己")))
            person = Person(7, capacity)
            plan = plan_person(person, found, PLAIN)
            day = min(visit.date for visit in plan.visits if visit.date > TODAY)
            again = plan_person(replace(person, leave=frozenset({day})), afterwards(found, plan), PLAIN)
            lost += sum(visit.date == day for visit in plan.visits)
            moved += sum(visit.moved for visit in again.visits)
        assert lost == 8 * capacity
        assert moved <= 8 * lost


def need(account=1, cadence=14, last=-14, **fields):
    """Due today, unless said otherwise."""
    rhythm = fields.pop("rhythm", Rhythm())
    last = None if last is None else TODAY + last * DAY
    created = TODAY - 400 * DAY
    return Need(account, "manager", Cadence(cadence, rhythm), created, last, **fields)


def dates(*found, person=None, horizon=PLAIN):
    plan = plan_person(person or Person(7, 4), found, horizon)
    return [(visit.need.account, (visit.date - TODAY).days) for visit in plan.visits], plan.gaps


class TestPlacement:
    def test_one_visit_each_cadence_until_the_horizon(self):
        placed, gaps = dates(need(cadence=14))
        assert placed == [(1, 0), (1, 14), (1, 28)]
        assert not gaps

    def test_the_most_overdue_goes_first_then_the_higher_tier(self):
        queue = [need(1, 60, -70, tier="C"), need(2, 60, -90), need(3, 60, -70, tier="A")]
        placed, _gaps = dates(*queue, person=Person(7, 1))
        assert placed == [(1, 2), (2, 0), (3, 1)]

    def test_what_is_urgent_goes_before(self):
        placed, _gaps = dates(need(1, 60, -90), need(2, 60, -61, urgent=True), person=Person(7, 1))
        assert placed == [(1, 1), (2, 0)]

    def test_same_city_together(self):
        placed, _gaps = dates(
            need(1, 60, -50, city="苏州"),
            person=Person(7, 4, taken=[(TODAY + 8 * DAY, "苏州"), (TODAY + 9 * DAY, "上海")]),
        )
        assert placed == [(1, 8)]

    def test_weeks_are_levelled(self):
        placed, _gaps = dates(*[need(n, 60, -50) for n in range(1, 11)], person=Person(7, 4))
        weeks = Counter(day // 7 for _account, day in placed)
        assert weeks == {0: 5, 1: 5}

    def test_never_on_leave_and_back_to_work_at_once(self):
        away = frozenset(TODAY + n * DAY for n in range(9))
        assert dates(need(cadence=60, last=-61), person=Person(7, 4, away))[0] == [(1, 9)]

    def test_make_up_days_are_used_and_holidays_are_not(self):
        sunday, monday = TODAY + 6 * DAY, TODAY + 7 * DAY
        calendar = {"CN": Days(frozenset({sunday, monday}))}
        busy = frozenset(TODAY + n * DAY for n in range(5))
        person = Person(7, 4, busy)
        assert dates(need(cadence=60, last=-61), person=person, horizon=Horizon(TODAY, LAST, calendar))[0] == [(1, 6)]

    def test_a_fixed_weekday(self):
        placed, _gaps = dates(need(cadence=14, rhythm=Rhythm(weekday=3)))
        assert {(TODAY + day * DAY).weekday() for _account, day in placed} == {3}

    def test_after_a_pause(self):
        placed, _gaps = dates(need(cadence=60, last=-70, rhythm=Rhythm(paused_until=TODAY + 10 * DAY)))
        assert placed == [(1, 11)]
        assert dates(need(rhythm=Rhythm(paused_until=LAST)))[0] == []

    def test_a_move_by_hand_stays_and_counts(self):
        moved = Slot(5, TODAY + 9 * DAY, fixed=True)
        placed, gaps = dates(need(cadence=30, last=-30, slots=(moved,)))
        assert (placed, gaps) == ([(1, 39)], [])

    def test_what_moves_keeps_its_row(self):
        plan = plan_person(
            Person(7, 4, frozenset({TODAY})), [need(cadence=60, last=-60, slots=(Slot(5, TODAY),))], PLAIN
        )
        assert [(visit.slot.pk, visit.date) for visit in plan.visits] == [(5, TODAY + DAY)]

    def test_a_contact_meanwhile_takes_the_visit_away(self):
        plan = plan_person(Person(7, 4), [need(cadence=90, last=0, slots=(Slot(5, TODAY + 3 * DAY),))], PLAIN)
        assert (plan.visits, plan.dropped[0].reason) == ([], plan_values.NOT_DUE)

    def test_a_proposal_beyond_the_horizon_stays(self):
        plan = plan_person(Person(7, 4), [need(cadence=90, last=0, slots=(Slot(5, TODAY + 88 * DAY),))], PLAIN)
        assert [visit.date for visit in plan.visits] == [TODAY + 88 * DAY]


class TestGaps:
    @pytest.mark.parametrize(
        ("person", "fields", "reason"),
        [
            (Person(7, 0), {}, plan_values.NO_CAPACITY),
            (Person(7, 1, taken=[(TODAY + n * DAY, "") for n in range(42)]), {}, plan_values.OVER_CAPACITY),
            (Person(7, 1, frozenset(TODAY + n * DAY for n in range(42))), {}, plan_values.ON_LEAVE),
            (Person(7, 1), {"rhythm": Rhythm(weekday=6)}, plan_values.NO_WORKING_DAY),
            (Person(7, 1, active=False), {}, plan_values.INACTIVE),
            (Person(None, 0), {}, plan_values.NOBODY),
        ],
    )
    def test_says_why(self, person, fields, reason):
        placed, gaps = dates(need(**fields), person=person)
        assert placed == []
        assert [(gap.reason, gap.due) for gap in gaps] == [(reason, TODAY)]

    def test_the_deactivated_keep_their_rows_for_their_heir(self):
        plan = plan_person(Person(7, 4, active=False), [need(slots=(Slot(5, TODAY),))], PLAIN)
        assert (plan.visits, plan.dropped) == ([], [])


class TestCadence:
    @pytest.mark.parametrize("number", [0, -1])
    def test_a_cadence_below_a_day_is_refused(self, number):
        with pytest.raises(ValueError, match="1 or more"):
            Rule(number)

    def test_the_most_specific_rule_counts(self):
        rules = [
            Rule(90, pk=1),
            Rule(60, region="east", pk=2),
            Rule(30, stage="mid", pk=3),
            Rule(14, tier="A", pk=4),
            Rule(7, tier="A", region="east", pk=5),
            Rule(5, duty="sponsor", pk=6),
        ]
        found = [
            rule_for(rules, "manager", *account).cadence_days
            for account in [
                ("", "", ""),
                ("B", "", "east"),
                ("B", "mid", "east"),
                ("A", "mid", ""),
                ("A", "mid", "east"),
            ]
        ]
        assert found == [90, 60, 30, 14, 7]
        assert RuleBook(rules[3:5]).rule_for("manager", "B", "", "") is None

    def test_of_equal_rules_the_oldest(self):
        assert rule_for([Rule(9, tier="A", pk=2), Rule(8, tier="A", pk=1)], "manager", "A", "", "").cadence_days == 8

    def test_channel_and_level_count(self):
        rule = Rule(14, channels=frozenset({"visit"}), minimum_seniority=3)
        contacts = {("visit", 2): TODAY, ("call", 4): TODAY, ("visit", 3): TODAY - DAY}
        assert last_contact(rule, contacts) == TODAY - DAY
        assert last_contact(None, {**contacts, ("note", 4): TODAY + DAY}) == TODAY

    @given(st.integers(1, 730), st.integers(0, 800))
    @example(1, 0)
    def test_due_is_never_before_the_contact(self, cadence, ago):
        last = TODAY - ago * DAY
        due = contact_due(Cadence(cadence), last, TODAY, TODAY)
        assert last < due
        assert last < due - early_days(cadence) * DAY
