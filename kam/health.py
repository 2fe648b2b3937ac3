"""Answers of /healthz (the process lives) and /readyz (it can serve), for load balancers and supervisors.

They are public, so they say which part is down and never why: the reason is in the log.
"""

import functools
import logging
import os
from collections.abc import Callable

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

from kam import heartbeat
from kam.celery import app

logger = logging.getLogger(__name__)

Part = dict[str, object]


def healthz(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """200 when every part is up, else 503: database, migrations, broker, worker (age of its heartbeat in seconds)."""
    parts = {name: _checked(name, check) for name, check in CHECKS.items()}
    ready = all(part["status"] == "ok" for part in parts.values())
    return JsonResponse({"status": "ok" if ready else "down", "parts": parts}, status=200 if ready else 503)


class ProbeMiddleware:
    """Answers the two probes before host names, HTTPS and sessions matter: who probes knows an address only."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        probe = {"/healthz": healthz, "/readyz": readyz}.get(request.path_info)
        return probe(request) if probe else self.get_response(request)


def _checked(name: str, check: Callable[[], Part]) -> Part:
    try:
        return check()
    except Exception:
        logger.warning("Not ready: %s.", name, exc_info=True)
        return {"status": "down"}


def _database() -> Part:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {"status": "ok"}


def _migrations() -> Part:
    return {"status": "ok" if _all_applied() else "down"}


@functools.lru_cache(maxsize=1)
def _applied_once() -> bool:
    """Only True is remembered (see `_all_applied`): the migrations this process knows do not become unapplied."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise LookupError
    return True


def _all_applied() -> bool:
    try:
        return _applied_once()
    except LookupError:
        return False


def _broker() -> Part:
    if settings.EMBEDDED_BROKER:
        return {"status": "ok" if os.access(settings.BROKER_DIR, os.W_OK | os.X_OK) else "down"}
    with app.connection_for_write(connect_timeout=2) as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=2)
    return {"status": "ok"}


def _worker() -> Part:
    seconds = heartbeat.age()
    if seconds is None:
        return {"status": "down", "heartbeat_age_seconds": None}
    alive = seconds <= heartbeat.DEAD_AFTER_SECONDS
    return {"status": "ok" if alive else "down", "heartbeat_age_seconds": round(seconds, 1)}


CHECKS: dict[str, Callable[[], Part]] = {
    "database": _database,
    "migrations": _migrations,
    "broker": _broker,
    "worker": _worker,
}
