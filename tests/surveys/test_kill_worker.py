"""A campaign that asks and sends through a real Celery worker and a real broker, both killed with SIGKILL: nobody is
asked twice, nobody is forgotten.

The broker keeps nothing: what it is killed with is gone. What the schedule does in a day, the test does in a minute: it
rings all the time, and lets the time of claims pass while nothing runs.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path

import pytest
from celery import Celery
from django.conf import settings

from tests.sandbox import Sandbox
from tests.services import missing, require
from tests.surveys.post_office import PostOffice, free_port
from tests.surveys.test_kill import CONTACTS, DROP, INVITED, MAILED, MAILS, SEED, TWICE

CHILDREN = 2
SEED_TODAY = SEED.replace("dt.datetime(2026, 3, 16, 2, tzinfo=dt.UTC)", "dt.datetime.now(dt.UTC)")
AN_HOUR_PASSES = """
import datetime as dt
from django.db.models import F
from surveys.models import SurveyMail
SurveyMail.objects.filter(claimed_at__isnull=False).update(claimed_at=F("claimed_at") - dt.timedelta(hours=1))
"""
DONE = "SELECT COUNT(*) FROM surveys_surveymail WHERE status IN ('sent', 'uncertain', 'dropped')"
PATIENCE = 120


class Broker:
    """A Redis of the test's own, which keeps nothing on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen([*command, "--dir", str(self.folder)], stdout=subprocess.DEVNULL)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    close = kill

    def ring(self, task: str) -> None:
        """What the schedule does; while the broker is down nobody hears it."""
        app = Celery(broker=self.url)
        app.conf.broker_transport_options = {"socket_connect_timeout": 1, "max_retries": 0}
        with suppress(Exception), app.connection_for_write(connect_timeout=1) as connection:
            app.send_task(f"surveys.tasks.{task}", expires=15, retry=False, connection=connection)


class Worker:
    """A Celery worker with its children, in a group of its own."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.kills = 0
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "celery", "--quiet", "--app", "kam", "worker", f"--concurrency={CHILDREN}"]
        self.log = (self.sandbox.folder / "worker.log").open("a")
        self.process = subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=self.sandbox.env, start_new_session=True, stdout=self.log,
            stderr=self.log,
        )  # fmt: skip

    def kill_all(self) -> None:
        """As when the machine loses its power."""
        self.kills += 1
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.log.close()

    close = kill_all

    def kill_a_child(self) -> None:
        """As the system does when memory runs out; the worker makes another."""
        self.kills += 1
        listed = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=True)
        os.kill(int(listed.stdout.split()[0]), signal.SIGKILL)


@pytest.mark.server
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_worker_and_broker_killed_while_a_campaign_asks_and_sends(tmp_path):
    require("postgresql", "redis")
    if not shutil.which("redis-server"):
        missing("install redis-server: this test kills one of its own")
    sandbox, broker = Sandbox(tmp_path, "surveys_worker"), Broker(tmp_path)
    with PostOffice() as office, closing(sandbox), closing(broker):
        office.slow = 0.002
        sandbox.env |= {"EMAIL_URL": f"smtp://127.0.0.1:{office.port}", "SECRET_KEY": "x" * 60, "HTTPS": "0"}
        sandbox.env |= {"ALLOWED_HOSTS": "*", "BASE_URL": "http://kam.example.com", "REDIS_URL": broker.url}
        assert sandbox.start("shell", "-c", SEED_TODAY).wait() == 0
        with closing(Worker(sandbox)) as worker:
            ask(sandbox, broker, worker)
            send(sandbox, broker, worker, office)


def ask(sandbox, broker, worker):
    def asked():
        return int(sandbox.rows(INVITED)[0][0])

    reach(lambda: asked() > 0, broker, "ask_due")
    worker.kill_all()
    assert 0 < asked() < CONTACTS
    worker.start()
    before = asked()
    reach(lambda: asked() > before, broker, "ask_due")
    broker.kill()
    worker.kill_a_child()
    time.sleep(2)
    broker.start()
    reach(lambda: asked() == CONTACTS, broker, "ask_due")
    time.sleep(2)  # what is still under way would ask somebody once more now
    assert sandbox.rows(INVITED) == [(str(CONTACTS),)]
    assert sandbox.rows(TWICE) == []
    assert sandbox.rows(MAILS) == [("waiting", str(CONTACTS))]
    assert sandbox.rows("SELECT COUNT(*) FROM audit_auditentry WHERE action = 'invitation.made'") == [(str(CONTACTS),)]


def send(sandbox, broker, worker, office):
    assert sandbox.start("shell", "-c", DROP).wait() == 0
    kills = worker.kills
    reach(lambda: len(office.letters) >= MAILED // 5, broker, "send_mails")
    worker.kill_a_child()
    reach(lambda: len(office.letters) >= 2 * MAILED // 5, broker, "send_mails")
    broker.kill()
    time.sleep(1)
    broker.start()
    reach(lambda: len(office.letters) >= 3 * MAILED // 5, broker, "send_mails")
    worker.kill_all()
    assert len(office.letters) < MAILED
    worst = (worker.kills - kills) * CHILDREN
    for _ in range(5):
        before = done(sandbox)
        if before == CONTACTS:
            break
        assert sandbox.start("shell", "-c", AN_HOUR_PASSES).wait() == 0
        worker.start()
        reach(lambda before=before: done(sandbox) > before, broker, "send_mails")
        with suppress(TimeoutError):
            reach(lambda: done(sandbox) == CONTACTS, broker, "send_mails", seconds=20)
        worker.kill_all()
    check_mails(sandbox, office, worst)


def done(sandbox):
    return int(sandbox.rows(DONE)[0][0])


def check_mails(sandbox, office, worst):
    letters = Counter(office.addresses)
    assert max(letters.values()) == 1, "nobody twice"
    states = {status: int(count) for status, count in sandbox.rows(MAILS)}
    assert states.pop("dropped") == CONTACTS - MAILED
    assert set(states) <= {"sent", "uncertain"}
    assert sum(states.values()) == MAILED, "nobody forgotten"
    assert states.get("uncertain", 0) <= worst, "one for each sender that was killed, at most"
    sent = "SELECT i.email FROM surveys_surveymail m JOIN surveys_invitation i ON i.id = m.invitation_id"
    assert {email for (email,) in sandbox.rows(f"{sent} WHERE m.status = 'sent'")} <= set(letters)


def reach(goal, broker, task, *, seconds=PATIENCE):
    """Ring until so much is done."""
    until, rung = time.monotonic() + seconds, 0.0
    while not goal():
        if time.monotonic() > until:
            raise TimeoutError(task)
        if time.monotonic() - rung > 0.5:
            broker.ring(task)
            rung = time.monotonic()
        time.sleep(0.02)
