"""Delivering, killed with SIGKILL again and again: no mail goes out twice, nobody is forgotten."""

import time
from collections import Counter

import pytest

from tests.sandbox import Sandbox
from tests.surveys.post_office import PostOffice
from tests.surveys.test_kill import kill_when

PEOPLE = 400
SEED = f"""
from notifications.models import NotificationPreference
from notifications.services.inbox import Note, notify_many
from users.models import User
users = User.objects.bulk_create(
    [User(username=f"u{{n}}", email=f"u{{n}}@example.com", name=f"用户{{n}}") for n in range({PEOPLE})]
)
NotificationPreference.objects.bulk_create(
    [NotificationPreference(user=user, quiet_from=None, quiet_until=None, working_days_only=False) for user in users]
)
params = {{"actor": "Lee", "account": "客户", "title": "x"}}
notify_many(Note([user], "mentioned", params, "/accounts/", f"{{user.pk}}") for user in users)
"""
ROUTE = """
from django.utils import timezone
from notifications.services import routing
routing.AT_ONCE = 40
routing.route_new(timezone.now)
"""
SEND = """
import datetime as dt
from django.utils import timezone
from notifications.services.outbox import send_due
while send_due(timezone.now).sent:
    pass
"""
LATER = """
import datetime as dt
from django.utils import timezone
from notifications.services.outbox import send_due
later = timezone.now() + dt.timedelta(minutes=20)
while True:
    done = send_due(lambda: later)
    if not (done.sent or done.put_back):
        break
    later += dt.timedelta(minutes=6)
"""
ROUTED = "SELECT COUNT(*) FROM notifications_delivery"
STATES = "SELECT status, COUNT(*) FROM notifications_delivery GROUP BY 1"


@pytest.mark.server
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_no_mail_twice_and_nobody_forgotten(tmp_path):
    sandbox = Sandbox(tmp_path, "notifications")
    with PostOffice() as office:
        sandbox.env |= {"EMAIL_URL": f"smtp://127.0.0.1:{office.port}", "SECRET_KEY": "x" * 60, "HTTPS": "0"}
        sandbox.env |= {"ALLOWED_HOSTS": "*", "BASE_URL": "http://kam.example.com"}
        try:
            assert sandbox.start("shell", "-c", SEED).wait() == 0
            route(sandbox)
            send(sandbox, office)
        finally:
            sandbox.close()


def route(sandbox):
    """Two routers at a time, killed in the middle; then one to the end: every notification has one delivery."""
    routers = [sandbox.start("shell", "-c", ROUTE) for _ in range(2)]
    kill_when(routers, lambda: int(sandbox.rows(ROUTED)[0][0]) >= 80)
    assert sandbox.start("shell", "-c", ROUTE).wait() == 0
    assert sandbox.rows(ROUTED) == [(str(PEOPLE),)]


def send(sandbox, office):
    """Two senders at a time, killed while they send, twice; then one to the end."""
    killed = 0
    for part in (0.2, 0.5):
        senders = [sandbox.start("shell", "-c", SEND) for _ in range(2)]
        killed += kill_when(senders, lambda part=part: len(office.letters) >= PEOPLE * part)
    assert killed
    assert len(office.letters) < PEOPLE
    assert sandbox.start("shell", "-c", LATER).wait() == 0
    time.sleep(0.2)
    sent = Counter(office.addresses)
    assert max(sent.values()) == 1, "nobody twice"
    states = {status: int(count) for status, count in sandbox.rows(STATES)}
    assert set(states) <= {"sent", "uncertain"}
    assert states.get("uncertain", 0) <= killed, "one for each sender that was killed, at most"
    assert sum(states.values()) == PEOPLE, "nobody forgotten"
    assert states["sent"] <= len(sent) <= PEOPLE
