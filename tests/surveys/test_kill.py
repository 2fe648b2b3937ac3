"""Asking and sending, killed with SIGKILL again and again: nobody is asked twice, nobody is forgotten."""

import os
import signal
import time
from collections import Counter
from contextlib import suppress

import pytest

from tests.sandbox import Sandbox
from tests.surveys.post_office import PostOffice

CONTACTS, MAILED = 9000, 1500
SEED = f"""
import datetime as dt
from accounts.models import Account
from accounts.services.bulk import insert_accounts
from contacts.models import Contact, Employment
from surveys.models import Campaign, Questionnaire, QuestionnaireVersion, SurveyPolicy
from tests.factories.surveys import DEFINITION
from users.models import User
user = User.objects.create(username="u", email="u@example.com", name="u")
accounts = [Account(code=f"K{{n}}", name=f"客户{{n}}", manager=user) for n in range(100)]
insert_accounts(accounts, actor=None, reason="x", today=dt.date(2025, 1, 1))
accounts = list(Account.objects.order_by("pk"))
people = Contact.objects.bulk_create(
    [Contact(name=f"联系人{{n}}", email=f"c{{n}}@example.com") for n in range({CONTACTS})]
)
Employment.objects.bulk_create([Employment(contact=c, account=accounts[n % 100]) for n, c in enumerate(people)])
now = dt.datetime(2026, 3, 16, 2, tzinfo=dt.UTC)
version = QuestionnaireVersion.objects.create(
    questionnaire=Questionnaire.objects.create(name="q"), number=1, status="published", definition=DEFINITION,
    published_at=now,
)
for name in ("一", "二"):
    Campaign.objects.create(
        name=name, questionnaire_version=version, definition=DEFINITION, status="running", owner=user,
        start_date=dt.date(2026, 3, 1), started_at=now, reminder_days=None,
    )
SurveyPolicy.objects.create(pk=1, mails_per_minute=100000, answer_days=365)
"""
ASK = ("run_surveys", "--as-of", "2026-03-16")
SEND = """
import datetime as dt
from surveys.services.outbox import send_due
now = dt.datetime(2026, 3, 16, 4, tzinfo=dt.UTC)
while send_due(lambda: now).sent:
    now += dt.timedelta(minutes=2)
"""
INVITED = "SELECT COUNT(*) FROM surveys_invitation"
MAILS = "SELECT status, COUNT(*) FROM surveys_surveymail GROUP BY 1"
TWICE = "SELECT contact_id FROM surveys_invitation GROUP BY 1 HAVING COUNT(*) > 1"
DROP = f"""
from surveys.models import SurveyMail
first = list(SurveyMail.objects.order_by("pk").values_list("pk", flat=True)[:{MAILED}])
SurveyMail.objects.exclude(pk__in=first).update(status="dropped")
"""
LATER = """
import datetime as dt
from surveys.services.outbox import send_due
now = dt.datetime(2026, 3, 17, 4, tzinfo=dt.UTC)
while True:
    done = send_due(lambda: now)
    if not (done.sent or done.uncertain):
        break
    now += dt.timedelta(minutes=6)
"""


@pytest.mark.server
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_nobody_is_asked_twice_and_nobody_forgotten(tmp_path):
    sandbox = Sandbox(tmp_path, "surveys")
    with PostOffice() as office:
        sandbox.env |= {"EMAIL_URL": f"smtp://127.0.0.1:{office.port}", "SECRET_KEY": "x" * 60, "HTTPS": "0"}
        sandbox.env |= {"ALLOWED_HOSTS": "*", "BASE_URL": "http://kam.example.com"}
        try:
            assert sandbox.start("shell", "-c", SEED).wait() == 0
            ask(sandbox)
            send(sandbox, office)
        finally:
            sandbox.close()


def ask(sandbox):
    """Two askings at a time, killed while they ask; then one to its end."""
    killed = 0
    for goal in (1, CONTACTS // 2):
        askers = [sandbox.start(*ASK) for _ in range(2)]
        killed += kill_when(askers, lambda goal=goal: int(sandbox.rows(INVITED)[0][0]) >= goal)
    assert killed
    assert int(sandbox.rows(INVITED)[0][0]) > 0
    assert sandbox.start(*ASK).wait() == 0
    assert sandbox.rows(INVITED) == [(str(CONTACTS),)]
    assert sandbox.rows(TWICE) == []
    assert sandbox.rows(MAILS) == [("waiting", str(CONTACTS))]
    assert sandbox.start(*ASK).wait() == 0
    assert sandbox.rows(INVITED) == [(str(CONTACTS),)]


def send(sandbox, office):
    """Two senders at a time, killed while they send; then one to the end of the day. Part of the mails is enough."""
    assert sandbox.start("shell", "-c", DROP).wait() == 0
    senders = [sandbox.start("shell", "-c", SEND) for _ in range(2)]
    assert kill_when(senders, lambda: len(office.letters) >= MAILED // 5)
    assert len(office.letters) < MAILED
    assert sandbox.start("shell", "-c", LATER).wait() == 0
    sent = Counter(office.addresses)
    assert max(sent.values()) == 1, "nobody twice"
    states = {status: int(count) for status, count in sandbox.rows(MAILS)}
    assert states.pop("dropped") == CONTACTS - MAILED
    assert set(states) <= {"sent", "uncertain"}
    assert states.get("uncertain", 0) <= 2, "one for each sender that was killed, at most"
    assert sum(states.values()) == MAILED, "nobody forgotten"
    assert states["sent"] <= len(sent) <= MAILED


def send_all(processes, number):
    for process in processes:
        with suppress(ProcessLookupError):
            process.send_signal(number)


def kill_when(processes, reached):
    """SIGKILL them as soon as so much was done; says how many that met: one of two may find that the other does all.

    They stand still while it is looked, so that on a busy machine they are not done before anybody has looked.
    """
    alive = processes
    while not reached() and alive:
        send_all(alive, signal.SIGCONT)
        time.sleep(0.02)
        send_all(alive, signal.SIGSTOP)
        alive = [process for process in processes if process.poll() is None]
    alive = [process for process in processes if process.poll() is None]
    for process in alive:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    return len(alive)
