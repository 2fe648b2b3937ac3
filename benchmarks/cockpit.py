"""The cockpit at scale: the page, its parts and the numbers over REST, for a director, a team lead and a manager.

`--prepare` fills an empty, migrated database of its own (`cockpit_company`). Nothing is changed by what is measured,
but what is kept is repaired at the end.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.harness import Report, load, measure

# isort: split
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from benchmarks import cockpit_company
from benchmarks.alert_inbox import page
from dashboards.services.rollups import check_rollups
from health.models import Alert
from users.models import Role, User

HEADS = [
    "page",
    "p50 ms",
    "p95 ms",
    "own processor p50",
    "waiting for the database p50",
    "statements",
    "the database's processor, mean",
]
WARM = 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prepare", action="store_true", help="fill the empty database first")
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--alerts", type=int, default=100_000, help="of which half are open")
    parser.add_argument(
        "--no-history",
        action="store_true",
        help="without interactions and order lines, of which no page here reads any",
    )
    parser.add_argument("--repeat", type=int, default=40)
    parser.add_argument("--rollups", nargs="*", default=[], help="the parts to check at the end; all")
    parser.add_argument("--dry-run", action="store_true", help="leave RESULTS.md alone")
    options = parser.parse_args()
    settings.ALLOWED_HOSTS = ["testserver"]
    if options.prepare:
        start = time.perf_counter()
        cockpit_company.prepare(options.accounts, options.alerts, with_history=not options.no_history)
        print(f"filled in {time.perf_counter() - start:.0f} s, load {load()}")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    report = Report("Cockpit")
    report.text(
        f"{Account.objects.count():,} accounts, {User.objects.count():,} people, "
        f"{Alert.objects.active().count():,} open alerts. The page asks for its two lower parts itself."
    )
    dora, lee, alice = (User.objects.get(username=username) for username in ("dora", "lee", "alice"))
    leader = User.objects.get(team=alice.team, role=Role.SUPERVISOR)
    for title, user in (
        ("the director", dora),
        ("head of a region", lee),
        ("a team lead", leader),
        ("a manager", alice),
    ):
        measured(report, title, user, options.repeat)
    start = time.perf_counter()
    parts = check_rollups(today=timezone.localdate(), now=timezone.now(), repair=True, names=options.rollups)
    done = ", ".join(f"{name} {'repaired' if found else 'right'}" for name, found in parts)
    report.text(f"check_rollups in {time.perf_counter() - start:.0f} s: {done}.")
    if not options.dry_run:
        report.save()


def measured(report: Report, title: str, user: User, repeat: int) -> None:
    """The pages of one person."""
    client = Client()
    client.force_login(user)
    report.text(f"As {title}, who sees {Account.objects.visible_to(user).count():,} accounts:")
    cockpit, more = reverse("dashboards:cockpit"), reverse("dashboards:cockpit_more")
    pages: dict[str, Callable[[int], Any]] = {
        "the page: exceptions and main tiles": page(client, cockpit),
        "tier A": page(client, cockpit, tier="A"),
        "one region": page(client, cockpit, region="east"),
        "more numbers": page(client, more),
        "charts": page(client, reverse("dashboards:cockpit_charts")),
        "all numbers over REST": page(client, reverse("api:tile-list")),
    }
    rows = []
    for name, work in pages.items():
        before = database_milliseconds()
        cells = measure(work, repeat, warm=WARM).cells
        rows.append([name, *cells, f"{(database_milliseconds() - before) / (repeat + WARM):.1f}"])
    report.table(HEADS, rows)


def database_milliseconds() -> float:
    """What the process of this connection has computed so far: like our own, nothing that a busy machine makes longer.
    It has no helpers, so that nothing is left out."""
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")
        cursor.execute("SELECT pg_backend_pid()")
        status = Path(f"/proc/{cursor.fetchone()[0]}/stat").read_text(encoding="ascii")
    used = status.rpartition(")")[2].split()[11:13]  # user and system, in ticks
    return sum(map(int, used)) * 1000 / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
