"""A real Celery worker on Redis, PostgreSQL between it and the test."""

import datetime as dt
import time

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from kam import heartbeat
from kam.tasks import clear_sessions


@pytest.mark.slow
class TestWorker:
    def test_does_what_the_doorbell_says(self, worker):
        expired = Session.objects.create(session_key="old", expire_date=timezone.now() - dt.timedelta(days=1))
        clear_sessions.delay_on_commit()
        deadline = time.monotonic() + 20
        while Session.objects.filter(pk=expired.pk).exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def test_its_heartbeat_is_seen_by_readyz(self, worker, client):
        deadline = time.monotonic() + 2 * heartbeat.EVERY_SECONDS
        while (answer := client.get("/readyz")).status_code != 200:
            assert time.monotonic() < deadline, answer.json()
            time.sleep(0.2)
        assert answer.json()["parts"]["worker"]["status"] == "ok"
