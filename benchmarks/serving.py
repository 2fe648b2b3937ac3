"""Requests a second and times at 8 clients over real HTTP, with gunicorn as it is shipped (kam/gunicorn_conf.py)."""

from __future__ import annotations

import argparse
import http.client
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context

from benchmarks.harness import Report, load

# isort: split
from django.conf import settings
from django.test import Client
from django.urls import reverse

from users.models import User

HOST = "127.0.0.1"
WARM = 3.0  # seconds that do not count
PROCESSES = 2  # of the load generator, so that its own interpreter is not what is measured


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8931)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=15)
    options = parser.parse_args()
    report = Report(f"HTTP, {options.clients} clients")
    rows = []
    with gunicorn(options.port):
        for username, label in (("alice", "manager"), ("dora", "director")):
            cookie = session_of(username)
            for name, path in targets().items():
                hit(options, path, cookie, WARM)  # every thread opens its database connection and reads its templates
                times, failed = hit(options, path, cookie, options.seconds)
                rows.append(
                    [
                        label,
                        name,
                        f"{len(times) / options.seconds:.0f}",
                        f"{statistics.median(times) * 1000:.0f}",
                        f"{sorted(times)[int(len(times) * 0.95)] * 1000:.0f}",
                        str(failed),
                        load(),
                    ]
                )
    report.table(["as", "page", "requests/s", "p50 ms", "p95 ms", "failed", "load"], rows)
    report.text(
        f"gunicorn: {os.environ.get('WEB_WORKERS') or min(4, os.cpu_count() or 1)} workers, "
        f"{os.environ.get('WEB_THREADS') or 4} threads each; the load generator and PostgreSQL share the machine."
    )
    report.save()


def targets() -> dict[str, str]:
    """What is asked for: name -> path."""
    accounts = reverse("accounts:account_list")
    return {
        "account list": accounts,
        "account list, filtered and sorted": f"{accounts}?tier=B&region=east&sort=-last_order",
        "search box": f"{reverse('search:suggest')}?q=lanhe",
        "API, list of 50 accounts": reverse("api:account-list"),
    }


def session_of(username: str) -> str:
    """The cookie of a fresh session."""
    settings.ALLOWED_HOSTS = ["testserver"]
    client = Client()
    client.force_login(User.objects.get(username=username))
    return client.cookies[settings.SESSION_COOKIE_NAME].OutputString().partition(";")[0]


@contextmanager
def gunicorn(port: int) -> Iterator[None]:
    """The web server as shipped, until the end."""
    command = [sys.executable, "-m", "gunicorn", "--config", "python:kam.gunicorn_conf", "kam.wsgi"]
    environment = {**os.environ, "PORT": str(port), "HOST": HOST, "API_RATE": "1000000/min"}
    server = subprocess.Popen(command, env=environment)  # noqa: S603  our own command
    try:
        for _attempt in range(100):
            time.sleep(0.3)
            if answers(port):
                break
        yield
    finally:
        server.terminate()
        server.wait(timeout=30)


def answers(port: int) -> bool:
    """Whether the server is up."""
    try:
        connection = http.client.HTTPConnection(HOST, port, timeout=5)
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False


def hit(options: argparse.Namespace, path: str, cookie: str, seconds: float) -> tuple[list[float], int]:
    """Seconds of every answer while `clients` ask as fast as they are answered, and how many were not 200."""
    context = get_context("spawn")
    share = options.clients // PROCESSES
    jobs = [(options.port, path, cookie, share, seconds)] * PROCESSES
    with context.Pool(PROCESSES) as pool:
        parts = pool.starmap(run_clients, jobs)
    return [t for times, _failed in parts for t in times], sum(failed for _times, failed in parts)


def run_clients(port: int, path: str, cookie: str, count: int, seconds: float) -> tuple[list[float], int]:
    """`count` clients in threads of this process, each on one kept-alive connection."""
    times: list[float] = []
    failed: list[int] = []

    def client() -> None:
        connection = http.client.HTTPConnection(HOST, port, timeout=60)
        until = time.perf_counter() + seconds
        while (start := time.perf_counter()) < until:
            connection.request("GET", path, headers={"Cookie": cookie, "Accept-Encoding": "identity"})
            answer = connection.getresponse()
            answer.read()
            times.append(time.perf_counter() - start)
            if answer.status != http.client.OK:
                failed.append(answer.status)

    threads = [threading.Thread(target=client) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times, len(failed)


if __name__ == "__main__":
    main()
