"""An export by a real process that is killed half-way, and taken up again by another."""

import os
import signal
import time
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from tests.sandbox import Sandbox

ACCOUNTS = 30_000
SEED = f"""
import datetime as dt
from django.http import QueryDict
from django.utils import timezone
from accounts.models import Account
from accounts.services.bulk import insert_accounts
from dashboards.services.exports import ask_for_export
from users.models import User
lee = User.objects.create(username="lee", email="lee@example.com", name="Lee", role="director", may_export=True)
insert_accounts(
    [Account(code=f"K{{n:05}}", name=f"客户{{n}}", manager=lee) for n in range({ACCOUNTS})], actor=None, reason="x",
    today=dt.date(2025, 1, 1),
)
ask_for_export("accounts", QueryDict("sort=code"), form="xlsx", language="en", actor=lee, now=timezone.now())
"""
WORK = """
import datetime as dt
from django.utils import timezone
from dashboards.models import ExportJob
from dashboards.services.exports import due_ids, run_export
old = timezone.now() - dt.timedelta(hours=1)
ExportJob.objects.filter(status="running").update(heartbeat_at=old)
for pk in due_ids(timezone.now()):
    run_export(pk, clock=timezone.now)
"""
WRITTEN = "SELECT rows_done FROM dashboards_exportjob"


@pytest.mark.slow
@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_killed_half_way_and_taken_up_again_there_is_one_whole_file(tmp_path):
    sandbox = Sandbox(tmp_path, "export")
    folder = Path(sandbox.env["KAM_DATA_DIR"]) / "files" / "exports"
    try:
        assert sandbox.start("shell", "-c", SEED).wait() == 0
        process = sandbox.start("shell", "-c", WORK)
        while process.poll() is None and not int(sandbox.rows(WRITTEN)[0][0]):
            time.sleep(0.005)
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        assert 0 < int(sandbox.rows(WRITTEN)[0][0]) < ACCOUNTS
        assert len(list(folder.glob("*.part"))) == 1  # what it left
        assert not list(folder.glob("*.xlsx"))
        assert sandbox.start("shell", "-c", WORK).wait() == 0
        [file] = [path for path in folder.rglob("*") if path.is_file()]
        found = CalamineWorkbook.from_path(file).get_sheet_by_index(0).to_python()
        assert [row[0] for row in found[1:]] == [f"K{n:05}" for n in range(ACCOUNTS)]
        job = "SELECT status, rows_done, attempts FROM dashboards_exportjob"
        assert sandbox.rows(job) == [("done", str(ACCOUNTS), "2")]
        assert sandbox.rows("SELECT COUNT(*) FROM notifications_notification") == [("1",)]
        ended = "SELECT COUNT(*) FROM audit_auditentry WHERE action = 'export.finished'"
        assert sandbox.rows(ended) == [("1",)]
    finally:
        sandbox.close()
