"""A fake of each service: it checks what the documentation asks for, and answers as it does."""

import pytest

from notifications.channels import Message
from tests.fakes import fake_server

MESSAGE = Message(
    title="Alert: 晨光机械, Orders stopped",
    lines=("Nobody has acted on the alert: it was due on 16 Mar 2026",),
    url="http://testserver/health/alerts/7/",
    kind="alert_escalated",
    key="alert:7:escalated",
)


@pytest.fixture
def message():
    return MESSAGE


@pytest.fixture
def fake(settings):
    """A server on this machine that the administrator allows."""
    with fake_server() as server:
        settings.OUTGOING_ALLOWED_HOSTS = [server.host]
        yield server
