"""The feed of changes and the export of a whole resource over HTTP, with gunicorn as shipped: rows a second, memory."""

from __future__ import annotations

import argparse
import datetime as dt
import http.client
import json
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.harness import Report, load
from benchmarks.serving import HOST, gunicorn

# isort: split
from django.db import transaction
from django.utils import timezone

from accounts.models import Account
from accounts.services.bulk import insert_accounts
from audit.models import AuditEntry
from core.bulk import analyze, copy_rows
from integrations.scopes import scopes_for
from integrations.services.tokens import create_token
from orders.models import Order
from users.models import Role, User

ORDERS, ACCOUNTS, PART = 1_000_000, 2000, 50_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prepare", action="store_true", help="make the orders, in an empty, migrated database")
    parser.add_argument("--port", type=int, default=8931)
    parser.add_argument("--pages", type=int, default=100, help="of the feed, with 1,000 changes each")
    parser.add_argument("--rows", type=int, default=ORDERS, help="of the export, after which the client hangs up")
    options = parser.parse_args()
    if options.prepare:
        prepare()
    else:
        run(options)


def prepare() -> None:
    """Orders without lines, each with its entry in the audit, on the accounts of one manager."""
    user = User(username="dora", email="dora@example.com", name="Dora", role=Role.DIRECTOR, may_export=True)
    user.save()
    rows = [Account(code=f"KA{n:06}", name=f"澄屿{n}", manager=user, status="active") for n in range(ACCOUNTS)]
    insert_accounts(rows, actor=None, reason="benchmark", today=timezone.localdate())
    ids, now, day = list(Account.objects.values_list("pk", flat=True)), timezone.now(), dt.date(2026, 1, 1)
    columns = ["id", "account", "source", "external_id", "order_date", "kind", "currency", "total_amount"]
    of_entry = ["at", "action", "object_type", "object_id", "object_label", "account_id", "changes", "reason", "via",
                "request_id"]  # fmt: skip
    for start in range(1, ORDERS + 1, PART):
        numbers = range(start, start + PART)
        with transaction.atomic():
            copy_rows(
                Order,
                [*columns, "created_at", "updated_at"],
                ((n, ids[n % ACCOUNTS], "erp", f"SO-{n}", day, "sale", "CNY", "1280.000", now, now) for n in numbers),
            )
            copy_rows(
                AuditEntry,
                of_entry,
                (
                    (now, "order.imported", "orders.order", n, f"SO-{n}", ids[n % ACCOUNTS], {}, "", "api:bench", "")
                    for n in numbers
                ),
            )
    analyze(Order, AuditEntry, Account)


def run(options: argparse.Namespace) -> None:
    dora = User.objects.get(username="dora")
    token = create_token(dora, name="bench", scopes=scopes_for(dora), expires_at=None, actor=dora)[1]
    report = Report("Feed of changes, export of a resource")
    rows = []
    with gunicorn(options.port):
        connection = http.client.HTTPConnection(HOST, options.port, timeout=120)
        for name, query in (("changes", ""), ("changes with their rows", "&rows=true")):
            rows.append([name, *follow(connection, token, query, options.pages), load()])
        before = memory(options.port)
        rows.append(["orders as NDJSON", *export(connection, token, options.rows), load()])
        after = memory(options.port)
    report.table(["what", "rows", "seconds", "rows/s", "load"], rows)
    report.text(f"Most memory that a worker ever had, in MB: {before:.0f} before the export, {after:.0f} after it.")
    report.save()


def follow(connection: http.client.HTTPConnection, token: str, query: str, pages: int) -> list[str]:
    """`pages` pages from the beginning, one after the other, as a client reads them."""
    path, count, start = f"/api/v1/changes/?resource=orders&page_size=1000{query}", 0, time.perf_counter()
    for _page in range(pages):
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        page = json.loads(connection.getresponse().read())
        count += len(page["results"])
        if page["next"] is None:
            break
        url = urlsplit(page["next"])
        path = f"{url.path}?{url.query}"
    return cells(count, time.perf_counter() - start)


def export(connection: http.client.HTTPConnection, token: str, most: int) -> list[str]:
    start, count = time.perf_counter(), 0
    connection.request("GET", "/api/v1/orders/export/", headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    while count < most and (part := answer.read(1 << 20)):
        count += part.count(b"\n")
    return cells(count, time.perf_counter() - start)


def cells(count: int, seconds: float) -> list[str]:
    return [f"{count:,}", f"{seconds:.1f}", f"{count / seconds:,.0f}"]


def memory(port: int) -> float:
    """The most resident memory of any worker of the server on `port`, in MB."""
    command = ["/usr/bin/pgrep", "-f", "gunicorn --config python:kam.gunicorn_conf"]
    found = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  our own command
    peaks = []
    for pid in found.stdout.split():
        if f"PORT={port}".encode() in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
            line = next(part for part in Path(f"/proc/{pid}/status").read_text().splitlines() if "VmHWM" in part)
            peaks.append(int(line.split()[1]) / 1024)
    return max(peaks)


if __name__ == "__main__":
    main()
