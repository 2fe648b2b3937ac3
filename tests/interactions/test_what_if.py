"""The what-if: its arithmetic against counting account by account, whatever rules, rhythms and histories there are."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.choices import MemberRole, Region, Stage
from accounts.models import Account, AccountMember, AccountSummary
from core.workdays import work_calendars
from interactions import services
from interactions.cadence import MANAGER, Rhythm, Rule, RuleBook, cadence_of, contact_due
from interactions.models import AccountRhythm, Capacity, ContactPolicy, PolicyRule
from interactions.policy_load import Group, Single, manager_loads
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory, AccountMemberFactory
from tests.factories.interactions import make_contact_policy

TIERS, STAGES, REGIONS = ["", "A", "B"], ["", "early", "mid"], ["", "east", "north"]
KEYS = st.tuples(st.sampled_from(TIERS), st.sampled_from(STAGES), st.sampled_from(REGIONS))
RULES = st.dictionaries(KEYS, st.integers(1, 120), max_size=6)


def book_of(rules) -> RuleBook:
    return RuleBook(Rule(days, MANAGER, *key) for key, days in rules.items())


def as_rows(rules) -> list[dict]:
    return [{"tier": t, "stage": s, "region": r, "cadence_days": days} for (t, s, r), days in rules.items()]


def draft(*rules, **fields):
    """An unsaved policy and its unsaved rules."""
    return ContactPolicy(**fields), [PolicyRule(**rule) for rule in rules]


def load_of(result, user):
    return next(person for person in result.people if person.user == user)


class TestArithmetic:
    @given(
        RULES,
        st.lists(
            st.tuples(
                st.sampled_from([1, 2, None]),
                st.sampled_from(["", "A", "B", "C"]),
                st.sampled_from(["early", "mid"]),
                st.sampled_from(REGIONS),
                st.integers(0, 200),
                st.one_of(st.none(), st.integers(1, 90)),
                st.booleans(),
            ),
            max_size=12,
        ),
    )
    def test_groups_and_singles_add_up_to_the_accounts_one_by_one(self, rules, accounts):
        book, created = book_of(rules), TODAY - dt.timedelta(days=300)
        groups, singles, expected = [], [], {}
        for manager, tier, stage, region, ago, own, paused in accounts:
            rhythm = Rhythm(own, None, TODAY if paused else None)
            last = TODAY - dt.timedelta(days=ago)
            rule = book.rule_for(MANAGER, tier, stage, region)
            cadence = cadence_of(rule, rhythm, MANAGER)
            due = contact_due(cadence, last, created, TODAY)
            if due is not None:
                number, week, late = expected.get(manager, (0, 0.0, 0))
                expected[manager] = (number + 1, week + 7 / cadence.on(TODAY), late + (due < TODAY))
            if own or paused:
                singles.append(Single(manager, tier, stage, region, rhythm, last, created))
            else:
                late = int(rule is not None and last + dt.timedelta(days=rule.cadence_days) < TODAY)
                groups.append(Group(manager, tier, stage, region, 1, late))
        found = manager_loads(book, groups, singles, TODAY)
        assert found.keys() == expected.keys()
        for key, load in found.items():
            number, week, late = expected[key]
            assert (load.accounts, load.per_week, load.overdue) == (number, pytest.approx(week), late)


@pytest.fixture
def portfolio(alice, mallory):
    """Forty accounts of all kinds, of Alice, Mallory and nobody."""
    rows = []
    for n in range(40):
        row = AccountFactory(
            manager=(alice, mallory, None)[n % 3],
            tier=("A", "B", "C", "")[n % 4],
            stage=("early", "mid")[n % 2],
            region=("east", "north", "")[n % 3 - n % 2],
            status="terminated" if n == 39 else "active",
        )
        last = None if n % 7 == 0 else TODAY - dt.timedelta(days=n * 3)
        AccountSummary.objects.filter(account=row).update(last_contact_date=last)
        rows.append(row.pk)
    long_ago = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
    Account.objects.filter(pk__in=rows).update(created_at=long_ago)
    for n, pk in enumerate(rows[::5]):
        fields = [{"weekday": 2}, {"cadence_days": 5, "override_reason": "x"}, {"paused_until": TODAY}]
        AccountRhythm.objects.create(account_id=pk, **fields[n % 3])
    return rows


class TestAgainstBruteForce:
    def brute(self, rules, manager):
        """Account by account, as the planner sees it."""
        book, number, week, late = book_of(rules), 0, 0.0, 0
        for row in Account.objects.filter(manager=manager).exclude(status="terminated").select_related("summary"):
            found = AccountRhythm.objects.filter(account=row).first()
            rhythm = Rhythm(found.cadence_days, found.override_until, found.paused_until) if found else Rhythm()
            cadence = cadence_of(book.rule_for(MANAGER, row.tier, row.stage, row.region), rhythm, MANAGER)
            due = contact_due(cadence, row.summary.last_contact_date, dt.date(2025, 1, 1), TODAY)
            if due is not None:
                number, week, late = number + 1, week + 7 / cadence.on(TODAY), late + (due < TODAY)
        return number, pytest.approx(week), late

    @settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(rules=RULES, current=RULES)
    def test_in_sets_as_one_by_one(self, portfolio, alice, mallory, rules, current):
        ContactPolicy.objects.all().delete()
        if current:
            make_contact_policy(*as_rows(current))
        policy, rows = draft(*as_rows(rules))
        result = services.what_if(policy, rows, today=TODAY)
        for person in (alice, mallory):
            loads = [one for one in result.people if one.user == person]
            then = loads[0].then if loads else None
            now = loads[0].now if loads else None
            for load, book in ((then, rules), (now, current)):
                found = (load.accounts, load.per_week, load.overdue) if load else (0, 0.0, 0)
                assert found == self.brute(book, person)
        assert result.nobody.accounts == self.brute(rules, None)[0]


class TestLoads:
    def test_capacity_of_an_average_week(self, account, alice):
        Capacity.objects.create(user=alice, visits_per_day=2)
        account.tier = "A"
        account.save()
        result = services.what_if(*draft({"tier": "A", "cadence_days": 7}), today=TODAY)
        days = len(work_calendars(["CN"], TODAY, TODAY + dt.timedelta(days=363))["CN"].days)
        person = load_of(result, alice)
        assert (person.then.per_week, person.capacity) == (1.0, pytest.approx(2 * days / 52))
        assert not person.is_over

    def test_marks_who_is_over_capacity(self, alice):
        for _n in range(5):
            AccountFactory(manager=alice)
        result = services.what_if(*draft({"cadence_days": 1}, visits_per_day=4), today=TODAY)
        assert load_of(result, alice).is_over
        assert (result.over, result.over_now) == (1, 0)

    def test_capacity_of_zero_is_full_at_once(self, account, alice):
        Capacity.objects.create(user=alice, visits_per_day=0)
        person = load_of(services.what_if(*draft({"cadence_days": 365}), today=TODAY), alice)
        assert person.is_over
        assert person.share > 1

    def test_sponsors_go_to_accounts_of_their_rule_once(self, account, alice, ann, dora, lee):
        account.tier = "A"
        account.save()
        AccountFactory(manager=alice, tier="A")
        for user in (dora, lee):
            AccountMemberFactory(account=account, user=user, role=MemberRole.EXECUTIVE_SPONSOR)
        rules = {"tier": "A", "cadence_days": 14}, {"duty": "sponsor", "tier": "A", "cadence_days": 70}
        result = services.what_if(*draft(*rules), today=TODAY)
        assert load_of(result, dora).then.per_week == pytest.approx(0.1)
        assert lee not in [person.user for person in result.people]
        assert result.no_sponsor == 1
        AccountMember.objects.filter(user=dora).update(expires_on=TODAY - dt.timedelta(days=1))
        assert load_of(services.what_if(*draft(*rules), today=TODAY), lee).then.accounts == 1

    def test_new_accounts_are_not_overdue_on_their_day(self, account, alice):
        day = dt.datetime.combine(TODAY, dt.time(9), dt.UTC)
        Account.objects.update(created_at=day)
        assert services.what_if(*draft({"cadence_days": 7}), today=TODAY).then.overdue == 0
        assert services.what_if(*draft({"cadence_days": 7}), today=TODAY + dt.timedelta(days=1)).then.overdue == 1

    def test_every_choice_of_the_account_is_a_choice_of_the_rule(self):
        assert [c for c, _l in PolicyRule._meta.get_field("stage").choices] == Stage.values
        assert [c for c, _l in PolicyRule._meta.get_field("region").choices] == Region.values

    def test_costs_the_same_for_few_and_many(self, portfolio, alice):
        policy, rules = draft({"tier": "A", "cadence_days": 7}, {"duty": "sponsor", "tier": "A", "cadence_days": 90})
        with CaptureQueriesContext(connection) as few:
            services.what_if(policy, rules, today=TODAY)
        for _n in range(30):
            AccountFactory(manager=alice, tier="A")
        with CaptureQueriesContext(connection) as many:
            services.what_if(policy, rules, today=TODAY)
        assert len(few) == len(many) <= 12
