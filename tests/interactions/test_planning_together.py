"""Several at once, and one that is killed: nothing is doubled, nothing lost."""

import datetime as dt
import os
import signal
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from accounts.models import Account
from audit.models import AuditEntry
from interactions import services
from interactions.errors import VisitClosed
from interactions.models import PlanningGap, PlanningRun, Visit
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.interactions import make_contact_policy, make_interaction, make_visit
from tests.factories.users import UserFactory
from tests.sandbox import Sandbox
from tests.services import require

NOW = dt.datetime(2026, 3, 16, 3, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def at_once(*calls):
    """The outcomes of the calls, each in a thread of its own, begun at the same moment."""
    require("postgresql")  # SQLite runs one writing transaction after the other
    barrier = threading.Barrier(len(calls))

    def one(call):
        try:
            barrier.wait(10)
            return call()
        except Exception as error:  # noqa: BLE001  the outcome is what the test looks at
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


@pytest.fixture
def three_managers(db):
    """Three managers with ten accounts each."""
    make_contact_policy(visits_per_day=1)
    for _manager in range(3):
        manager = UserFactory()
        for number in range(10):
            make_interaction(AccountFactory(manager=manager, tier="ABC"[number % 3]), 10 * number)
    AccountFactory(tier="A")
    Account.objects.update(created_at=NOW - 365 * DAY)


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_two_planners_make_one_plan(self, three_managers):
        def plan():
            return services.plan_visits(TODAY, now=NOW)

        first, second = at_once(plan, plan)
        assert {first.planned, second.planned} == {0, Visit.objects.count()}, (first, second)
        assert max(Counter(Visit.objects.values_list("account", "duty", "planned_date")).values()) == 1
        assert AuditEntry.objects.filter(action="visit.planned").count() == Visit.objects.count()
        assert PlanningGap.objects.filter(reason="nobody").count() == 1
        assert PlanningRun.objects.filter(finished_at__isnull=False).count() == 2
        assert services.plan_visits(TODAY, now=NOW).planned == 0

    def test_two_completions_and_one_follower(self, account, alice, lee):
        make_contact_policy()
        Account.objects.update(tier="A", created_at=NOW - 365 * DAY)
        visit = make_visit(account, 0)

        def complete(actor):
            return lambda: services.complete_visit(Visit.objects.get(pk=visit.pk), actor=actor, now=NOW)

        outcomes = at_once(complete(alice), complete(lee))
        assert sum(isinstance(outcome, VisitClosed) for outcome in outcomes) == 1, outcomes
        assert Visit.objects.planned().count() == 1

    def test_a_move_while_the_planner_runs_stays(self, three_managers):
        services.plan_visits(TODAY, now=NOW)
        visit = Visit.objects.planned().filter(planned_date__gt=TODAY).earliest("pk")
        goal = visit.planned_date + 3 * DAY
        Visit.objects.filter(account=visit.account_id).exclude(pk=visit.pk).update(
            status="cancelled", closed_at=NOW, source="manual"
        )

        def move():
            return services.move_visit(Visit.objects.get(pk=visit.pk), goal, actor=None, today=TODAY)

        at_once(move, lambda: services.plan_visits(TODAY, now=NOW))
        services.plan_visits(TODAY, now=NOW)
        visit.refresh_from_db()
        assert (visit.planned_date, visit.pinned) == (goal, True)


PEOPLE = 120
SEED = f"""
import datetime as dt
from django.utils import timezone
from accounts.models import Account
from accounts.services.bulk import insert_accounts
from interactions.models import ContactPolicy, PolicyRule
from users.models import User
policy = ContactPolicy.objects.create(number=1, status="in_force", visits_per_day=2)
PolicyRule.objects.create(policy=policy, tier="", cadence_days=14)
users = User.objects.bulk_create([User(username=f"u{{n}}", email=f"u{{n}}@example.com") for n in range({PEOPLE})])
accounts = [Account(code=f"K{{n}}", name=f"客户{{n}}", manager=users[n % {PEOPLE}]) for n in range(8 * {PEOPLE})]
insert_accounts(accounts, actor=None, reason="x", today=dt.date(2025, 1, 1))
Account.objects.update(created_at=timezone.now() - dt.timedelta(days=500))
"""
CONTENT = (
    "SELECT account_id, duty, planned_date, owner_id, status, due_date FROM interactions_visit ORDER BY 1, 2, 3",
    "SELECT account_id, duty, reason, due_date FROM interactions_planninggap ORDER BY 1, 2",
    "SELECT account_id, next_visit_date, contact_due_date FROM accounts_accountsummary ORDER BY 1",
    "SELECT action, COUNT(*) FROM audit_auditentry GROUP BY 1 ORDER BY 1",
)
VISITS = "SELECT COUNT(*) FROM interactions_visit"
PLAN = ("plan_visits", "--as-of", "2026-11-16")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.server
def test_killed_half_way_and_run_again_the_plan_is_the_same(tmp_path):
    killed, whole = Sandbox(tmp_path, "plan_killed"), Sandbox(tmp_path, "plan_whole")
    try:
        for sandbox in (killed, whole):
            assert sandbox.start("shell", "-c", SEED).wait() == 0
        process = killed.start(*PLAN)
        while process.poll() is None and not int(killed.rows(VISITS)[0][0]):
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        half = int(killed.rows(VISITS)[0][0])
        for sandbox in (killed, whole):
            assert sandbox.start(*PLAN).wait() == 0
        assert 0 < half < int(whole.rows(VISITS)[0][0])
        for query in CONTENT:
            assert killed.rows(query) == whole.rows(query)
        entries = killed.rows("SELECT COUNT(*) FROM audit_auditentry")
        assert killed.start(*PLAN).wait() == 0
        assert killed.rows("SELECT COUNT(*) FROM audit_auditentry") == entries
    finally:
        killed.close()
        whole.close()
