"""/healthz and /readyz."""

import time

import pytest
from django.core.cache import cache
from django.db import OperationalError
from kombu import Connection

from kam import health, heartbeat

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _parts_of_the_test(settings, tmp_path):
    settings.EMBEDDED_BROKER, settings.BROKER_DIR = True, tmp_path
    health._applied_once.cache_clear()


@pytest.fixture
def worker():
    heartbeat.beat()


class TestHealthz:
    def test_answers_without_a_login(self, client):
        response = client.get("/healthz")
        assert (response.status_code, response.json()) == (200, {"status": "ok"})


class TestReadyz:
    def test_is_ready_when_every_part_is(self, client, worker):
        response = client.get("/readyz")
        assert response.status_code == 200
        parts = response.json()["parts"]
        assert {name: part["status"] for name, part in parts.items()} == dict.fromkeys(
            ["database", "migrations", "broker", "worker"], "ok"
        )

    def test_names_a_worker_that_never_came(self, client):
        response = client.get("/readyz")
        assert response.status_code == 503
        assert response.json()["status"] == "down"
        assert response.json()["parts"]["worker"] == {"status": "down", "heartbeat_age_seconds": None}

    def test_names_a_worker_that_went_silent(self, client, time_machine):
        time_machine.move_to("2026-11-20 08:00:00Z", tick=False)
        heartbeat.beat()
        time_machine.shift(heartbeat.DEAD_AFTER_SECONDS + 1)
        part = client.get("/readyz").json()["parts"]["worker"]
        assert part == {"status": "down", "heartbeat_age_seconds": heartbeat.DEAD_AFTER_SECONDS + 1}

    def test_names_a_database_that_is_away_and_keeps_the_reason_to_itself(self, client, worker, monkeypatch):
        def fails():
            raise OperationalError("password of kam is wrong")

        monkeypatch.setitem(health.CHECKS, "database", fails)
        response = client.get("/readyz")
        assert response.status_code == 503
        assert response.json()["parts"]["database"] == {"status": "down"}
        assert "password" not in response.content.decode()

    def test_names_migrations_that_are_missing(self, client, worker, monkeypatch):
        monkeypatch.setattr("kam.health.MigrationExecutor.migration_plan", lambda *_: ["one"])
        assert client.get("/readyz").json()["parts"]["migrations"] == {"status": "down"}

    def test_names_an_embedded_broker_without_its_folder(self, client, worker, settings, tmp_path):
        settings.BROKER_DIR = tmp_path / "gone"
        assert client.get("/readyz").json()["parts"]["broker"] == {"status": "down"}

    def test_names_a_broker_that_is_away(self, client, worker, settings, monkeypatch):
        settings.EMBEDDED_BROKER = False
        monkeypatch.setattr(health.app, "connection_for_write", lambda **_: Connection("redis://127.0.0.1:1/0"))
        assert client.get("/readyz").json()["parts"]["broker"] == {"status": "down"}


class TestHeartbeat:
    def test_a_thread_beats(self):
        cache.clear()
        assert heartbeat.age() is None
        heartbeat.start()
        deadline = time.monotonic() + 30
        while heartbeat.age() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        assert heartbeat.age() < 5
