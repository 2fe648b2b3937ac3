"""An import of contracts by a real process that is killed half-way, and gone on with by another."""

import os
import signal
import time

import pytest

from tests.sandbox import Sandbox

CONTRACTS = 700
SEED = f"""
import datetime as dt
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from accounts.models import Account
from accounts.services.bulk import insert_accounts
from integrations.services.contract_imports import queue_contracts, run_contract_job, upload_contracts
from orders.models import ProductLine
from users.models import User
lee = User.objects.create(username="lee", email="lee@example.com", name="Lee", role="director")
ProductLine.objects.create(code="L", name="L")
insert_accounts(
    [Account(code=f"K{{n}}", name=f"客户{{n}}", manager=lee) for n in range(50)], actor=None, reason="x",
    today=dt.date(2025, 1, 1),
)
head = "account,contract number,"
contracts = [head + "title,currency,signed on,start,end,net total,product line,our party,tax rate"]
plan = [head + "instalment number,amount,due date"]
paid = [head + "bank reference,date,amount"]
for n in range({CONTRACTS}):
    key = f"K{{n % 50}},HT-{{n}},"
    contracts.append(key + f"T{{n}},CNY,2025-01-01,2025-01-01,2026-12-31,{{100 + n}},L,Us,0")
    plan += [key + "1,60,2025-02-01", key + f"2,{{40 + n}},2025-08-01"]
    paid.append(key + f"R-{{n}},2025-03-01,{{60 + n % 40}}")
files = [SimpleUploadedFile(f"{{n}}.csv", "\\n".join(x).encode()) for n, x in enumerate((contracts, plan, paid))]
job = upload_contracts(files, actor=lee)
queue_contracts(job, dry_run=True, actor=lee, now=timezone.now())
run_contract_job(job.pk, clock=timezone.now, today=dt.date(2026, 3, 16))
job.refresh_from_db()
assert job.status == "checked" and not job.bad_rows, (job.message, job.counts)
queue_contracts(job, dry_run=False, actor=lee, now=timezone.now())
"""
WORK = """
import datetime as dt
from django.utils import timezone
from integrations.models import ContractImportJob
from integrations.services.contract_imports import run_contract_job
old = timezone.now() - dt.timedelta(hours=1)
ContractImportJob.objects.filter(status="running").update(heartbeat_at=old)
run_contract_job(ContractImportJob.objects.get().pk, clock=timezone.now, today=dt.date(2026, 3, 16))
"""
WRITTEN = "SELECT COUNT(*) FROM contracts_contract"
CONTRACT = (
    "SELECT c.external_number, a.code, c.phase, c.gross_amount, c.received_amount, v.status FROM contracts_contract c "
    "JOIN accounts_account a ON a.id = c.account_id JOIN contracts_contractversion v ON v.id = c.version_id"
)
PLAN = (
    "SELECT c.external_number, i.position, i.amount, i.settled_amount FROM contracts_instalment i "
    "JOIN contracts_contract c ON c.id = i.contract_id WHERE i.is_current"
)
PAID = (
    "SELECT c.external_number, r.reference, r.amount FROM contracts_receipt r "
    "JOIN contracts_contract c ON c.id = r.contract_id"
)


def amounts(rows):
    """The rows, whatever decimals the database shows."""
    return sorted(tuple(float(v) if v.replace(".", "", 1).isdigit() else v for v in row) for row in rows)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_killed_half_way_and_gone_on_with_nothing_is_lost_or_doubled(tmp_path):
    sandbox = Sandbox(tmp_path, "deeds")
    try:
        assert sandbox.start("shell", "-c", SEED).wait() == 0
        process = sandbox.start("shell", "-c", WORK)
        while process.poll() is None and not int(sandbox.rows(WRITTEN)[0][0]):
            time.sleep(0.005)
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        half = int(sandbox.rows(WRITTEN)[0][0])
        assert 0 < half < CONTRACTS
        assert sandbox.rows("SELECT COUNT(*) FROM contracts_receipt") == [(str(half),)]
        assert sandbox.start("shell", "-c", WORK).wait() == 0
        check_all(sandbox)
    finally:
        sandbox.close()


def check_all(sandbox):
    """Every contract of the file is there once, with its plan, its receipt, its numbers and its audit."""
    every = range(CONTRACTS)
    assert amounts(sandbox.rows(CONTRACT)) == sorted(
        (f"HT-{n}", f"K{n % 50}", "signed", 100.0 + n, 60.0 + n % 40, "signed") for n in every
    )
    assert amounts(sandbox.rows(PLAN)) == sorted(
        row for n in every for row in ((f"HT-{n}", 1.0, 60.0, 60.0), (f"HT-{n}", 2.0, 40.0 + n, float(n % 40)))
    )
    assert amounts(sandbox.rows(PAID)) == sorted((f"HT-{n}", f"R-{n}", 60.0 + n % 40) for n in every)
    found = sandbox.rows("SELECT MIN(sequence), MAX(sequence), COUNT(DISTINCT sequence) FROM contracts_contract")
    assert found == [("1", str(CONTRACTS), str(CONTRACTS))]
    actions = dict(sandbox.rows("SELECT action, COUNT(*) FROM audit_auditentry GROUP BY 1"))
    for action in ("contract.drafted", "contract.entered", "contract.signed", "receipt.posted"):
        assert actions[action] == str(CONTRACTS)
    [(status, rows, place)] = sandbox.rows("SELECT status, rows, next_row FROM integrations_contractimportjob")
    assert (status, rows, place) == ("done", str(4 * CONTRACTS), str(CONTRACTS))
    found = sandbox.rows("SELECT COUNT(*), COUNT(DISTINCT sheet || row) FROM integrations_contractimportrow")
    assert found == [(str(4 * CONTRACTS), str(4 * CONTRACTS))]
