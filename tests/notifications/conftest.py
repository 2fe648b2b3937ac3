"""A mail server, a channel that says what a test wants, and a clock."""

import datetime as dt

import pytest

from notifications.channels import CHANNELS, Channel, Sent
from notifications.models import Notification
from notifications.services import notify
from notifications.services.outbox import send_due
from notifications.services.routing import route_new
from tests.surveys.post_office import PostOffice

MORNING = dt.datetime(2026, 3, 16, 2, tzinfo=dt.UTC)
"""Monday, 10:00 in Shanghai."""


@pytest.fixture
def office(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "127.0.0.1", 5
    settings.DEFAULT_FROM_EMAIL, settings.BASE_URL = "KAM <kam@example.com>", "https://kam.example.com"
    with PostOffice() as office:
        settings.EMAIL_PORT = office.port
        yield office


class Chat(Channel):
    """A channel of the tests' own: keeps what it is sent, answers what `answers` has next, else takes it."""

    code = "chat"
    label = "Chat"
    fields = ("url", "secret")

    def __init__(self):
        self.heard, self.answers, self.refused = [], [], ""

    def send(self, target, message):
        self.heard.append((target, message))
        return self.answers.pop(0) if self.answers else Sent()

    def check(self, target):
        return self.refused


@pytest.fixture
def chat(monkeypatch):
    channel = Chat()
    monkeypatch.setitem(CHANNELS, "chat", channel)
    return channel


@pytest.fixture
def tell():
    """`tell([alice], "mentioned", "1")`: a notification, as a service writes it."""

    def send(users, kind="mentioned", key="1", url="/accounts/", **params):
        params = {
            "actor": "Lee", "account": "晨光机械", "title": "季度会", "reason": "order_gap",
            "due_date": "2026-03-20", "date": "2026-03-20", "text": "报价", **params,
        }  # fmt: skip
        notify(users, kind, params=params, url=url, key=key)
        return Notification.objects.filter(key=key)

    return send


def deliver(now: dt.datetime = MORNING):
    """What beat does, at `now`."""
    route_new(lambda: now)
    return send_due(lambda: now)
