"""What is kept equals a recount: after any writes, and again once something was spoilt and repaired."""

import datetime as dt
from collections import Counter
from decimal import Decimal
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import services as account_services
from accounts.models import Account, AccountSummary
from contracts.models import Instalment
from contracts.terms import add_months
from dashboards.cockpit import trends
from dashboards.models import AccountPurchases, CompanyCount, LineCell, MonthCell, TrendCell
from dashboards.services import company
from dashboards.services.rollups import PARTS, check_rollups
from health.models import Alert, HealthPoint
from health.services.alerts import resolve_alert
from interactions.models import Interaction, Visit
from interactions.services.log import log_interaction
from orders.models import MonthlyRevenue
from orders.revenue import months_until
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.cockpit import make_company
from tests.factories.contracts import make_contract, make_instalment, make_parts
from tests.factories.health_alerts import make_alert
from tests.factories.interactions import make_contact_policy, make_visit
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")
NOON = dt.datetime.combine(TODAY, dt.time(12), tzinfo=ZONE)
DAY = dt.timedelta(days=1)
SUMMARIES = [part.name for part in PARTS if part.name != "company"]


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def filled(alice, mallory):
    """A company in which everything that is kept says something, and is right."""
    make_contact_policy()
    make_company(alice, mallory)
    run("--repair", fails=True)


def run(*options, fails=False):
    out = StringIO()
    if fails:
        with pytest.raises(CommandError) as error:
            call_command("check_rollups", *options, stdout=out)
        assert error.value.returncode == 1
    else:
        call_command("check_rollups", *options, stdout=out)
    return out.getvalue()


def wrong(names=()):
    """The parts that differ from a recount."""
    found = check_rollups(today=TODAY, now=timezone.now(), repair=False, names=names)
    return [name for name, differences in found if differences]


class TestTheCommand:
    def test_right_is_right_and_a_check_writes_nothing(self, filled):
        assert run().split() == [word for part in PARTS for word in (f"{part.name}:", "ok")]
        assert CompanyCount.objects.count() == 1

    def test_finds_each_thing_that_is_spoilt_and_repairs_it(self, filled, subtests):
        cells = {"manager_id": 0, "tier": "C", "region": "west", "month": TODAY.replace(day=1)}
        spoilt = {
            "facts": lambda: MonthlyRevenue.objects.update(reporting_amount=1),
            "revenue": lambda: AccountSummary.objects.update(revenue_12m_amount=1),
            "contacts": lambda: AccountSummary.objects.update(contact_due_date=TODAY),
            "renewals": lambda: AccountSummary.objects.update(next_renewal_date=None),
            "nps": lambda: AccountSummary.objects.update(nps=7),
            "health": lambda: AccountSummary.objects.update(health_band_before="watch"),
            "alerts": lambda: AccountSummary.objects.update(open_alerts=9),
            "company": lambda: TrendCell.objects.update(overdue_visits=99),
        }
        more = (
            MonthCell.objects.all().delete, LineCell.objects.all().delete, AccountPurchases.objects.all().delete,
            lambda: TrendCell.objects.create(**cells),
        )  # fmt: skip
        for name, spoil in [*spoilt.items(), *(("company", spoil) for spoil in more)]:
            with subtests.test(name):
                spoil()
                assert wrong([name]) == [name]
                assert wrong([name]) == [name], "a check repairs nothing"
                said = run("--repair", "--only", name, fails=True)
                assert f"{name}: differs" in said
                assert "kept: " in said or "counted: " in said
                assert wrong([name]) == []
        assert set(spoilt) == {part.name for part in PARTS}


class TestTheNight:
    def test_one_that_is_killed_leaves_the_last_and_is_made_up_for(self, filled, monkeypatch):
        before = set(TrendCell.objects.values_list("month", "manager_id", *trends.SUMS))
        with time_machine.travel(NOON + DAY, tick=False):
            today, now = timezone.localdate(), timezone.now()
            with monkeypatch.context() as killed:
                killed.setattr(trends, "counted", _killed)
                with pytest.raises(KeyboardInterrupt):
                    company.count_night(today=today, now=now)
            assert set(TrendCell.objects.values_list("month", "manager_id", *trends.SUMS)) == before
            assert company.count_night(today=today, now=now).as_of == today
            assert company.count_night(today=today, now=now) is None, "done once"
            assert wrong(["company"]) == []


def _killed(_today):
    raise KeyboardInterrupt


WRITES = st.lists(
    st.tuples(
        st.sampled_from(["order", "return", "talk", "hand over", "resolve"]), st.integers(0, 2),
        st.integers(0, 400),
    ),
    min_size=1, max_size=6,
)  # fmt: skip


class TestAnyWrites:
    @settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(writes=WRITES)
    def test_keep_the_summaries_right_at_once(self, request, writes):
        people = [request.getfixturevalue(name) for name in ("alice", "mallory")]
        if not Account.objects.exists():
            make_contact_policy()
            for number in range(3):
                make_alert(AccountFactory(manager=people[0], tier="ABC"[number], customer_since=TODAY - 500 * DAY))
            run("--repair", fails=True)
        accounts = list(Account.objects.order_by("pk"))
        for verb, which, days in writes:
            _write(verb, accounts[which], days, people)
        assert wrong(SUMMARIES) == []


def _write(verb, account, days, people):
    """Something that a person, a job or a program does."""
    account.refresh_from_db()
    day = TODAY - days * DAY
    if verb in ("order", "return"):
        make_order(account, (days + 1) * (1 if verb == "order" else -1), date=day)
    elif verb == "talk":
        talk = Interaction(account=account, kind="call", occurred_at=NOON - days * DAY, minutes="x")
        log_interaction(talk, actor=account.manager, now=NOON)
    elif verb == "hand over" and account.manager != people[days % 2]:
        account_services.assign_manager(account, people[days % 2], actor=None, reason="x", today=TODAY)
    elif verb == "resolve":
        for alert in Alert.objects.active().filter(account=account)[: days % 2]:
            resolve_alert(alert, "saved", actor=account.manager, now=NOON)


SPANS = st.lists(st.tuples(st.integers(0, 420), st.one_of(st.none(), st.integers(0, 200))), max_size=8)


class TestMonths:
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(visits=SPANS, alerts=SPANS)
    def test_visits_and_alerts_are_those_that_were_open_at_the_end(self, request, visits, alerts):
        alice = request.getfixturevalue("alice")
        Visit.objects.all().delete()
        Alert.objects.all().delete()
        account = Account.objects.first() or AccountFactory(manager=alice, tier="A", region="east")
        for number, (ago, after) in enumerate(visits):
            closed = None if after is None else NOON + dt.timedelta(days=after - ago, hours=number)
            make_visit(account, -ago, status="planned" if closed is None else "done", closed_at=closed)
        for number, (ago, after) in enumerate(alerts):
            closed = {} if after is None else {"resolved_at": NOON + dt.timedelta(days=after - ago, hours=number)}
            status = "resolved" if closed else ("open", "held", "snoozed")[number % 3]
            reason = ("order_gap", "contact_left", "nps_low")[number % 3]
            Alert.objects.filter(account=account, reason=reason).exclude(status="resolved").delete()
            make_alert(account, reason, status=status, opened_on=TODAY - ago * DAY, **closed)
        found = trends.counted(TODAY)

        wanted = Counter()
        for month in months_until(TODAY, 13)[:-1]:
            end = add_months(month, 1) - DAY
            for visit in Visit.objects.all():
                closed = visit.closed_at and visit.closed_at.astimezone(ZONE).date()
                wanted[month, "visits"] += visit.planned_date <= end and (closed is None or closed > end)
            for alert in Alert.objects.exclude(status="held"):
                closed = alert.resolved_at and alert.resolved_at.astimezone(ZONE).date()
                wanted[month, "alerts"] += alert.opened_on <= end and (closed is None or closed > end)
        counts = Counter()
        for (month, *_parts), trend in found.items():
            counts[month, "visits"] += trend.overdue_visits
            counts[month, "alerts"] += trend.open_alerts
        assert +counts == +wanted

    def test_receivables_and_what_was_at_risk(self, alice):
        account = AccountFactory(manager=alice, tier="B", region="east")
        contract = make_contract(account, "in_force", parts=make_parts(instalments=[make_instalment(days=-100)]))
        due = TODAY - 100 * DAY
        Instalment.objects.filter(contract=contract).update(due_date=due)
        amount = Instalment.objects.get(contract=contract).amount
        last = add_months(TODAY.replace(day=1), -1)
        monday = add_months(last, 1) - DAY
        monday -= monday.weekday() * DAY
        HealthPoint.objects.create(account=account, date=monday, band="at_risk", score=9, value_at_risk_amount="12.50")
        found = trends.counted(TODAY)

        owed = {key[0] for key, trend in found.items() if trend.overdue_amount == amount}
        assert owed == {month for month in months_until(TODAY, 13)[:-1] if add_months(month, 1) > due}
        newest = found[last, alice.pk, "B", "east"]
        assert (newest.at_risk, newest.value_at_risk_amount) == (1, Decimal("12.50"))

    def test_who_sees_which(self, filled, dora, lee, alice, mallory):
        keys = {user: set(TrendCell.objects.managed_for(user).values_list("manager_id", flat=True))
                for user in (dora, lee, alice)}  # fmt: skip
        assert mallory.pk in keys[dora]
        assert alice.pk in keys[lee]
        assert mallory.pk not in keys[lee]
        assert keys[alice] == {alice.pk}
