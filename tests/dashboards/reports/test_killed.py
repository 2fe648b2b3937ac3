"""A report by a real process that is killed half-way, and made again by another."""

import os
import signal
import time
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from tests.sandbox import Sandbox

ACCOUNTS = 8000
SEED = f"""
import datetime as dt
from accounts.models import Account
from accounts.services.bulk import insert_accounts
from dashboards.models import ReportRun
from dashboards.services.report_runs import ask_run
from users.models import User
lee = User.objects.create(username="lee", email="lee@example.com", name="Lee", role="director", may_export=True)
insert_accounts(
    [Account(code=f"K{{n:05}}", name=f"客户{{n}}", manager=lee) for n in range({ACCOUNTS})], actor=None, reason="x",
    today=dt.date(2025, 1, 1),
)
definition = {{"object": "accounts", "columns": ["account_code", "account"], "sort": "account_code"}}
ask_run(ReportRun(title="x", definition=definition, format="xlsx"), actor=lee)
"""
WORK = """
import datetime as dt
from django.utils import timezone
from dashboards.models import ReportRun
from dashboards.services.report_runs import do_run, due_runs
old = timezone.now() - dt.timedelta(hours=1)
ReportRun.objects.filter(status="running").update(claimed_at=old)
for pk in due_runs(timezone.now()):
    do_run(pk, timezone.now)
"""
PROGRESS = "SELECT progress FROM dashboards_reportrun"


@pytest.mark.slow
@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_killed_half_way_and_made_again_there_is_one_file_and_one_notice(tmp_path):
    sandbox = Sandbox(tmp_path, "report")
    folder = Path(sandbox.env["KAM_DATA_DIR"]) / "files" / "reports"
    try:
        assert sandbox.start("shell", "-c", SEED).wait() == 0
        process = sandbox.start("shell", "-c", WORK)
        while process.poll() is None and int(sandbox.rows(PROGRESS)[0][0]) < 50:
            time.sleep(0.005)
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        assert sandbox.rows("SELECT status FROM dashboards_reportrun") == [("running",)]
        assert sandbox.start("shell", "-c", WORK).wait() == 0
        [file] = [path for path in folder.rglob("*") if path.is_file()]
        found = CalamineWorkbook.from_path(file).get_sheet_by_index(0).to_python()
        assert sum(str(row[0]).startswith("K") for row in found) == ACCOUNTS
        assert sandbox.rows("SELECT status, attempts FROM dashboards_reportrun") == [("done", "2")]
        assert sandbox.rows("SELECT COUNT(*) FROM notifications_notification") == [("1",)]
    finally:
        sandbox.close()
