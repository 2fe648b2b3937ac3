"""The nightly job of contracts, killed half-way and run again."""

import os
import signal
import time

import pytest

from tests.sandbox import Sandbox

CONTRACTS = 4000
SEED = f"""
import datetime as dt
from decimal import Decimal
from accounts.models import Account
from accounts.services.bulk import insert_accounts
from contracts.models import Contract, ContractVersion
from users.models import User
users = [User(username=f"u{{n}}", email=f"u{{n}}@example.com", name=f"u{{n}}") for n in range(5)]
users = User.objects.bulk_create(users)
insert_accounts(
    [Account(code=f"K{{n}}", name=f"客户{{n}}", manager=users[n % 5]) for n in range(100)],
    actor=None, reason="x", today=dt.date(2025, 1, 1),
)
accounts = list(Account.objects.order_by("pk"))
day = dt.timedelta(days=1)
contracts = Contract.objects.bulk_create([
    Contract(
        account=accounts[n % 100], owner=users[n % 5], year=2025, sequence=n, number=f"2025-{{n:05d}}", title="x",
        our_party="x", customer_party="y", currency="CNY", phase="signed", signed_on=dt.date(2025, 1, 1),
        start_date=dt.date(2025, 1, 1), end_date=dt.date(2026, 2, 1) + (n % 300) * day, renews_itself=n % 3 == 0,
        notice_date=dt.date(2026, 1, 2) + (n % 300) * day, renewal_date=dt.date(2025, 11, 2) + (n % 300) * day,
        net_amount=Decimal(1000 + n),
    )
    for n in range({CONTRACTS})
])
versions = ContractVersion.objects.bulk_create([
    ContractVersion(contract=c, number=1, status="draft", start_date=c.start_date, end_date=c.end_date,
                    auto_renewal_months=12 if c.renews_itself else 0, net_amount=c.net_amount)
    for c in contracts
])
ContractVersion.objects.update(status="signed", signed_on=dt.date(2025, 1, 1))
for c, v in zip(contracts, versions):
    c.version = v
Contract.objects.bulk_update(contracts, ["version"], batch_size=500)
"""
CONTENT = (
    "SELECT contract_id, term_end, notice_date, opened_on, outcome, escalated_on, alerted_on, step_id IS NULL "
    "FROM contracts_renewal ORDER BY 1, 2",
    "SELECT id, end_date, notice_date, renewal_date FROM contracts_contract ORDER BY 1",
    "SELECT account_id, owner_id, text, due_date, status FROM interactions_nextstep ORDER BY 3, 1",
    "SELECT user_id, kind, COUNT(*) FROM notifications_notification GROUP BY 1, 2 ORDER BY 1, 2",
    "SELECT account_id, next_renewal_date FROM accounts_accountsummary ORDER BY 1",
    "SELECT action, COUNT(*) FROM audit_auditentry GROUP BY 1 ORDER BY 1",
)
JOB = ("run_contract_jobs", "--as-of", "2026-03-16")
RENEWALS = "SELECT COUNT(*) FROM contracts_renewal"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.server
def test_killed_half_way_and_run_again_all_is_as_if_it_had_not_been(tmp_path):
    killed, whole = Sandbox(tmp_path, "jobs_killed"), Sandbox(tmp_path, "jobs_whole")
    try:
        for sandbox in (killed, whole):
            assert sandbox.start("shell", "-c", SEED).wait() == 0
        process = killed.start(*JOB)
        while process.poll() is None and not int(killed.rows(RENEWALS)[0][0]):
            time.sleep(0.005)
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        half = int(killed.rows(RENEWALS)[0][0])
        for sandbox in (killed, whole):
            assert sandbox.start(*JOB).wait() == 0
        assert 0 < half < int(whole.rows(RENEWALS)[0][0])
        for query in CONTENT:
            assert killed.rows(query) == whole.rows(query)
        entries = killed.rows("SELECT COUNT(*) FROM audit_auditentry")
        assert killed.start(*JOB).wait() == 0
        assert killed.rows("SELECT COUNT(*) FROM audit_auditentry") == entries
    finally:
        killed.close()
        whole.close()
