"""500 open tabs whose bells refresh themselves, against gunicorn as it is shipped: requests, times, processor."""

from __future__ import annotations

import argparse
import heapq
import http.client
import os
import random
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.harness import Report, load

# isort: split
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.urls import reverse
from django.utils import timezone

from benchmarks.serving import HOST, gunicorn
from notifications.models import Notification
from notifications.services import notify
from users.models import User

BEGIN = "live-"
UNREAD = 5


@dataclass
class Tab:
    """One open page: a session of its own, and what it knows."""

    cookie: str
    etag: str = ""


@dataclass
class Seen:
    """What came back."""

    milliseconds: list[float] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8931)
    parser.add_argument("--tabs", type=int, default=500)
    parser.add_argument("--every", type=float, default=30, help="seconds between two questions of a tab")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--notices", type=int, default=400, help="notifications of each user")
    options = parser.parse_args()
    people = prepare(options.tabs, options.notices)
    tabs = [Tab(session_of(user)) for user in people]
    with gunicorn(options.port):
        run(options, tabs, people, options.every)  # every thread opens its connection, every tab has its answer
        before, began = processor_seconds(), time.monotonic()
        seen = run(options, tabs, people, options.seconds)
        took, used = time.monotonic() - began, processor_seconds() - before
    times = sorted(seen.milliseconds)
    unchanged = seen.statuses.count(http.client.NOT_MODIFIED)
    failed = len(seen.statuses) - unchanged - seen.statuses.count(http.client.OK)
    report = Report(f"Live: {options.tabs} open tabs")
    report.table(
        ["requests/s", "p50 ms", "p95 ms", "p99 ms", "unchanged", "failed", "processor of gunicorn", "load"],
        [
            [
                f"{len(times) / took:.1f}", f"{statistics.median(times):.1f}", f"{times[int(len(times) * 0.95)]:.1f}",
                f"{times[int(len(times) * 0.99)]:.1f}", f"{unchanged / len(times):.0%}", str(failed),
                f"{used / took:.0%} of a core", load(),
            ]
        ],
    )  # fmt: skip
    report.text(
        f"Each tab is a user of its own with {options.notices} notifications, asks every {options.every:.0f} s over a "
        "new connection, and one of them is told something every second. The processor is that of gunicorn's processes "
        "alone; tabs and PostgreSQL share the machine."
    )
    report.save()


def prepare(count: int, notices: int) -> list[User]:
    """So many users with so many notifications each; they stay for the next run."""
    known = set(User.objects.filter(username__startswith=BEGIN).values_list("username", flat=True))
    names = [f"{BEGIN}{number}" for number in range(count)]
    new = [User(username=name, email=f"{name}@example.com", name=name) for name in names if name not in known]
    User.objects.bulk_create(new)
    people = list(User.objects.filter(username__in=names))
    full = set(Notification.objects.filter(key=f"live:{notices - 1}").values_list("user", flat=True))
    params = {"actor": "Lee", "account": "晨光机械", "title": "x"}
    now = timezone.now()
    for user in people:
        if user.pk not in full:
            Notification.objects.bulk_create(
                Notification(
                    user=user, kind="mentioned", params=params, url="/", key=f"live:{number}",
                    read_at=None if number < UNREAD else now,
                )
                for number in range(notices)
            )  # fmt: skip
    return people


def session_of(user: User) -> str:
    """The cookie of a fresh session."""
    session = SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def run(options: argparse.Namespace, tabs: list[Tab], people: list[User], seconds: float) -> Seen:
    """All tabs ask as live.js does, for so many seconds; their moments are spread as those of browsers are."""
    seen, began = Seen(), time.monotonic()
    queue = [(began + random.uniform(0, options.every), number) for number in range(len(tabs))]
    heapq.heapify(queue)
    teller = threading.Thread(target=tell, args=(people, began + seconds), daemon=True)
    teller.start()
    with ThreadPoolExecutor(64) as pool:
        while queue[0][0] < began + seconds:
            due, number = queue[0]
            heapq.heapreplace(queue, (due + options.every * random.uniform(0.85, 1.15), number))
            time.sleep(max(due - time.monotonic(), 0))
            pool.submit(ask, options.port, tabs[number], seen)
    teller.join()
    return seen


def ask(port: int, tab: Tab, seen: Seen) -> None:
    """One question: as an idle browser does, over a new connection."""
    headers = {"Cookie": tab.cookie, "X-Live": "1", **({"If-None-Match": tab.etag} if tab.etag else {})}
    start = time.perf_counter()
    try:
        connection = http.client.HTTPConnection(HOST, port, timeout=30)
        connection.request("GET", reverse("notifications:unread_count"), headers=headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        tab.etag, status = answer.headers.get("ETag", tab.etag), answer.status
    except OSError:
        status = 0
    seen.milliseconds.append((time.perf_counter() - start) * 1000)
    seen.statuses.append(status)


def tell(people: list[User], until: float) -> None:
    """Somebody is told something every second."""
    while time.monotonic() < until:
        key = f"live:told:{time.time_ns()}"
        params = {"actor": "Lee", "account": "晨光机械", "title": "x"}
        notify([random.choice(people)], "mentioned", params=params, url="/", key=key)
        time.sleep(1)


def processor_seconds() -> float:
    """What the processes of gunicorn have used so far: the children of this process, and theirs."""
    children: dict[int, list[int]] = {}
    used: dict[int, float] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        pid = int(path.parent.name)
        children.setdefault(int(fields[1]), []).append(pid)
        used[pid] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    total, todo = 0.0, list(children.get(os.getpid(), []))
    while todo:
        pid = todo.pop()
        total += used[pid]
        todo += children.get(pid, [])
    return total


if __name__ == "__main__":
    main()
