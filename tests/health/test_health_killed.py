"""The nightly job of health, killed between two batches, between scoring and alerting, and run again."""

import os
import signal
import time

import pytest

from tests.sandbox import Sandbox

ACCOUNTS = 600
SEED = f"""
import datetime as dt
from accounts.models import Account
from accounts.services.bulk import insert_accounts
from orders.models import Order, OrderLine, Product, ProductLine
from orders.services.facts import rebuild_all_facts
from users.models import User
users = User.objects.bulk_create(
    [User(username=f"u{{n}}", email=f"u{{n}}@example.com", name=f"u{{n}}") for n in range(5)]
)
insert_accounts(
    [Account(code=f"K{{n}}", name=f"客户{{n}}", status="active", manager=users[n % 5]) for n in range({ACCOUNTS})],
    actor=None, reason="x", today=dt.date(2025, 1, 1),
)
product = Product.objects.create(code="P", name="P", line=ProductLine.objects.create(code="L", name="L"))
day = dt.timedelta(days=1)
orders = Order.objects.bulk_create([
    Order(account=account, source="erp", external_id=f"{{account.pk}}-{{k}}", currency="CNY", total_amount=100,
          order_date=dt.date(2026, 3, 15) - (account.pk * 37 % 180 + k * (20 + account.pk % 30)) * day)
    for account in Account.objects.order_by("pk") for k in range(10)
])
OrderLine.objects.bulk_create(
    [OrderLine(order=o, position=1, product=product, quantity=1, unit_price=100, amount=100) for o in orders]
)
rebuild_all_facts()
"""
NIGHT = """
from django.core.management import call_command
import health.services.alerting as alerting
import health.services.jobs as jobs
jobs.BATCH = alerting.BATCH = 20
call_command("run_health", "--as-of", "2026-03-16")
"""
STATE = "SELECT stage, scored_through, (SELECT COUNT(*) FROM health_alert) FROM health_healthrun"
CONTENT = (
    "SELECT account_id, as_of, score, band, probability, value_at_risk_amount FROM health_accounthealth ORDER BY 1",
    "SELECT account_id, date, score, band FROM health_healthpoint ORDER BY 1, 2",
    "SELECT account_id, reason, status, severity, owner_id, seen_on FROM health_alert ORDER BY 1, 2",
    "SELECT account_id, health_score, open_alerts, alert_severity FROM accounts_accountsummary ORDER BY 1",
    "SELECT as_of, stage, scored, opened, held FROM health_healthrun",
    "SELECT action, COUNT(*) FROM audit_auditentry GROUP BY 1 ORDER BY 1",
    "SELECT user_id, kind, COUNT(*) FROM notifications_notification GROUP BY 1, 2 ORDER BY 1, 2",
)


def kill_when(sandbox: Sandbox, reached) -> list[tuple[object, ...]]:
    """Start the night, kill it as soon as `reached(stage, scored_through, alerts)`; returns the state it left."""
    process = sandbox.start("shell", "-c", NIGHT)
    while process.poll() is None:
        state = sandbox.rows(STATE)
        if state and reached(*state[0]):
            break
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    return sandbox.rows(STATE)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.server
def test_killed_twice_and_run_again_all_is_as_if_it_had_not_been(tmp_path):
    killed, whole = Sandbox(tmp_path, "health_killed"), Sandbox(tmp_path, "health_whole")
    try:
        for sandbox in (killed, whole):
            assert sandbox.start("shell", "-c", SEED).wait() == 0
        [(stage, through, _alerts)] = kill_when(killed, lambda _stage, through, _alerts: int(through) > 0)
        assert (stage, int(through) > 0) == ("scoring", True)
        [(stage, through, _alerts)] = kill_when(killed, lambda stage, _through, _alerts: stage == "alerting")
        assert stage == "alerting"
        for sandbox in (killed, whole):
            assert sandbox.start("shell", "-c", NIGHT).wait() == 0
        assert int(whole.rows("SELECT COUNT(*) FROM health_alert")[0][0]) > 0
        assert len(whole.rows(CONTENT[0])) == ACCOUNTS
        for query in CONTENT:
            assert killed.rows(query) == whole.rows(query)
        assert killed.start("shell", "-c", NIGHT).wait() == 0
        for query in CONTENT:
            assert killed.rows(query) == whole.rows(query)
    finally:
        killed.close()
        whole.close()
