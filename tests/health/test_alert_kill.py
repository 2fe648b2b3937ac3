"""The night's alerting, killed with SIGKILL again and again, two at a time: each alert once, each person told once."""

import os
import signal
import time

import pytest

from tests.sandbox import Sandbox

ACCOUNTS, MANAGERS, LIMIT = 6_000, 20, 20
SEED = f"""
import datetime as dt
from accounts.models import Account
from accounts.services.bulk import insert_accounts
from health.models import AccountHealth, AlertRule, HealthPolicy, HealthProfile, HealthRun
from users.models import User
day = dt.date(2026, 3, 16)
names = [f"u{{n}}" for n in range({MANAGERS})]
users = [User.objects.create(username=name, email=f"{{name}}@example.com", name=name) for name in names]
accounts = [Account(code=f"K{{n}}", name=f"客户{{n}}", manager=users[n % {MANAGERS}]) for n in range({ACCOUNTS})]
insert_accounts(accounts, actor=None, reason="x", today=dt.date(2025, 1, 1))
profile = HealthProfile.objects.create(name="x", groups={{"buying": 100}})
part = {{"signal": "order_gap", "group": "buying", "value": 4.0, "bound": 2.0, "severity": 0.9, "weight": 1.0,
         "lost": 60.0, "date": "2026-01-10", "facts": {{}}}}
AccountHealth.objects.bulk_create([
    AccountHealth(
        account_id=pk, as_of=day, profile=profile, profile_revision=1, score=40, band="watch", parts=[part],
        probability=0.6, currency="CNY", value_at_risk_amount=pk * 7919 % 100_003,
    )
    for pk in Account.objects.values_list("pk", flat=True)
], batch_size=2000)
for reason in ("order_gap", "other"):
    AlertRule.objects.create(
        name=reason, reason=reason, conditions=[{{"measure": "signal:order_gap", "op": "gte", "value": 0.5}}]
    )
HealthPolicy.objects.create(pk=1, open_alerts_per_manager={LIMIT})
HealthRun.objects.create(as_of=day, stage="alerting")
"""
NIGHT = """
import datetime as dt
from health.models import HealthRun
from health.services.alerting import raise_alerts
raise_alerts(HealthRun.objects.get(), dt.datetime(2026, 3, 16, 2, tzinfo=dt.UTC))
"""
RAISED = "SELECT COUNT(*) FROM health_alert"
OPENED = "SELECT COUNT(*) FROM health_alert WHERE status = 'open'"
TWICE = "SELECT account_id FROM health_alert GROUP BY account_id, reason HAVING COUNT(*) > 1"
EACH = "SELECT owner_id, COUNT(*) FROM health_alert WHERE status = 'open' GROUP BY 1"
HELD_BUT_WORSE = """
SELECT h.id FROM health_alert h JOIN (
    SELECT owner_id, MIN(rank) AS least FROM health_alert WHERE status = 'open' GROUP BY owner_id
) o ON o.owner_id = h.owner_id WHERE h.status = 'held' AND h.rank > o.least
"""
ENTRIES = (
    "SELECT action, COUNT(*), COUNT(DISTINCT object_id) FROM audit_auditentry WHERE action LIKE 'alert.%' GROUP BY 1"
)
TOLD = "SELECT COUNT(*), COUNT(DISTINCT user_id) FROM notifications_notification"
SUMMED = "SELECT SUM(open_alerts) FROM accounts_accountsummary"
RUN = "SELECT opened, held FROM health_healthrun"


@pytest.mark.server
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_each_alert_once_and_each_person_told_once(tmp_path):
    sandbox = Sandbox(tmp_path, "alerts")
    total = 2 * ACCOUNTS
    try:
        assert sandbox.start("shell", "-c", SEED).wait() == 0
        for goal in (1, total // 3, total):
            nights = [sandbox.start("shell", "-c", NIGHT) for _ in range(2)]
            kill_when(nights, lambda goal=goal: count(sandbox, RAISED) >= goal)
        assert count(sandbox, RAISED) > total // 3
        assert sandbox.start("shell", "-c", NIGHT).wait() == 0
        check(sandbox, total)
        before = sandbox.rows("SELECT id, status, rank, updated_at FROM health_alert ORDER BY id")
        assert sandbox.start("shell", "-c", NIGHT).wait() == 0
        check(sandbox, total)
        assert sandbox.rows("SELECT id, status, rank, updated_at FROM health_alert ORDER BY id") == before
    finally:
        sandbox.close()


def check(sandbox, total):
    """What a night that was never killed leaves behind."""
    opened = LIMIT * MANAGERS
    assert count(sandbox, RAISED) == total
    assert sandbox.rows(TWICE) == []
    assert count(sandbox, OPENED) == opened
    assert {number for _owner, number in sandbox.rows(EACH)} == {str(LIMIT)}
    assert sandbox.rows(HELD_BUT_WORSE) == []
    entries = {row[0]: row[1:] for row in sandbox.rows(ENTRIES)}
    assert entries == {
        "alert.raised": (str(total), str(total)), "alert.opened": (str(opened), str(opened)),
    }  # fmt: skip
    assert sandbox.rows(TOLD) == [(str(MANAGERS), str(MANAGERS))]
    assert count(sandbox, SUMMED) == opened
    assert sandbox.rows(RUN) == [(str(opened), str(total - opened))]


def count(sandbox, query):
    return int(sandbox.rows(query)[0][0] or 0)


def kill_when(processes, reached):
    """SIGKILL them as soon as so much was done, or just before they would be done."""
    while not reached() and any(process.poll() is None for process in processes):
        time.sleep(0.02)
    for process in processes:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
        process.wait()
