"""Contracts at scale: pages, the nightly job, and ageing and retention beside SQL that was written by hand.

`--prepare` fills an empty, migrated database of its own (accounts and people as in the demo; contracts, plans and
receipts by COPY) before it measures. The nightly job changes the database once a day; all else is rolled back.
"""

from __future__ import annotations

import argparse
import datetime as dt
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.harness import Report, counted, load, measure

# isort: split
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, AccountSummary
from benchmarks.contract_company import prepare
from contracts import ageing, retention
from contracts.models import (
    Contract,
    ContractVersion,
    DunningReminder,
    Instalment,
    Receipt,
    Renewal,
)
from contracts.rates import dated_rates
from contracts.retention_sets import retentions
from contracts.services.jobs import run_contract_jobs
from core.paging import Cursor
from users.models import User

DAY = dt.timedelta(days=1)
BY_HAND = (Path(__file__).parent / "contracts.sql").read_text(encoding="utf-8").split("\n-- next\n")
TABLES = (Contract, ContractVersion, Instalment, Receipt, Renewal, DunningReminder, Account, AccountSummary)
HEADS = ["work", "p50 ms", "p95 ms", "own processor p50", "waiting for the database p50", "statements"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prepare", action="store_true", help="fill the empty database first")
    parser.add_argument("--contracts", type=int, default=100_000)
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--managers", type=int, default=300)
    parser.add_argument("--repeat", type=int, default=30)
    parser.add_argument("--dry-run", action="store_true", help="leave RESULTS.md alone")
    options = parser.parse_args()
    settings.ALLOWED_HOSTS = ["testserver"]
    today = timezone.localdate()
    if options.prepare:
        start = time.perf_counter()
        with transaction.atomic():
            prepare(options.contracts, options.accounts, options.managers, today)
        print(f"filled in {time.perf_counter() - start:.0f} s, load {load()}")
    vacuum()
    report = Report("Contracts")
    sizes = {"contracts": Contract, "instalments": Instalment, "receipts": Receipt, "accounts": Account}
    report.text(", ".join(f"{model._base_manager.count():,} {name}" for name, model in sizes.items()) + ".")
    nightly(report, today)
    vacuum()
    report.text(f"{Renewal.objects.count():,} renewals, {DunningReminder.objects.count():,} reminders.")
    for username in ("dora", "lee", "alice"):
        user = User.objects.get(username=username)
        report.text(f"As {username}, who sees {Contract.objects.visible_to(user).count():,} contracts:")
        found = works(user, today)
        report.table(HEADS, [[name, *measure(work, options.repeat).cells] for name, work in found.items()])
    compare(report, today)
    if not options.dry_run:
        report.save()


def vacuum() -> None:
    with connection.cursor() as cursor:
        for model in TABLES:
            cursor.execute(f"VACUUM ANALYZE {model._meta.db_table}")


def nightly(report: Report, today: dt.date) -> None:
    """The job today, today again, and after five days on which it did not run (rolled back)."""
    rows = [job_row("first run", today), job_row("the same day again", today)]
    with transaction.atomic():
        rows.append(job_row("after five days of standstill", today + 5 * DAY))
        transaction.set_rollback(True)
    report.table(["nightly job", "seconds", "own processor", "statements", "what it did"], rows)


def job_row(name: str, today: dt.date) -> list[str]:
    with counted() as statements:
        start, computing = time.perf_counter(), time.process_time()
        done = run_contract_jobs(today=today)
        seconds, computed = time.perf_counter() - start, time.process_time() - computing
    words = ", ".join(f"{value:,} {key}" for key, value in vars(done).items() if value) or "0 changes"
    print(f"{name}: {seconds:.1f} s, {len(statements.texts)} statements, {words}")
    return [name, f"{seconds:.1f}", f"{computed:.1f}", f"{len(statements.texts):,}", words]


def works(user: User, today: dt.date) -> dict[str, Callable[[int], None]]:
    """Every page, as something to repeat."""
    client = Client()
    client.force_login(user)

    def page(name: str, *args: int, **query: Any) -> Callable[[int], None]:
        url = reverse(name, args=args)

        def get(_number: int) -> None:
            response = client.get(url, query)
            assert response.status_code == 200, (url, response.status_code)  # noqa: S101  a benchmark

        return get

    contracts = Contract.objects.visible_to(user)
    middle = contracts.order_by("-pk")[contracts.count() // 2]
    cursor = Cursor(forward=True, key=middle.pk, pk=middle.pk).encode()
    most = contracts.annotate(many=Count("receipts")).order_by("-many", "pk").first()
    assert most is not None  # noqa: S101
    return {
        "list, page 1": page("contracts:contract_list"),
        "list, in the middle": page("contracts:contract_list", cursor=cursor),
        "list, in force": page("contracts:contract_list", state=["in_force", "expiring"]),
        "list, expiring, sorted by end": page("contracts:contract_list", state="expiring", sort="end_date"),
        "list, sorted by end": page("contracts:contract_list", sort="end_date"),
        "ageing": page("contracts:ageing"),
        "ageing, over 90 days": page("contracts:ageing", bucket="90+"),
        "renewal pipeline": page("contracts:renewal_list"),
        "renewal rates": page("contracts:renewal_rates"),
        "one contract": page("contracts:contract_detail", most.pk),
    }


def compare(report: Report, today: dt.date) -> None:
    """Ageing, settlement, renewal rate and net revenue retention beside SQL by hand; prints what differs."""
    periods = retention.periods_until(today, 8)
    rates = dated_rates()
    spans = retention.contract_spans(Contract.objects.all(), periods[-1].first - DAY, today)
    terms_ended = retention.ended_terms(Renewal.objects.all(), periods[-1].first, today)
    counted_rates = retention.renewal_rates(terms_ended, periods, today, rates.convert)
    nets = retention.net_retentions(spans, periods, today, rates.convert)
    sets = retentions(Contract.objects.all(), periods, today, rates)
    cells = ageing.counted(Instalment.objects.open(), today)  # type: ignore[attr-defined]
    pairs = {
        "ageing by bucket and currency": (
            {(c.bucket, c.currency, c.count, c.amount) for c in cells},
            by_hand(0, {"today": today}),
        ),
        "settled amounts": ({(0,)}, by_hand(1, {})),
        "renewal rates": (
            {
                (r.due, r.renewed, r.lost, r.undecided, r.due_value, r.renewed_value, r.period.first)
                for r in counted_rates
            },
            {row for period in periods for row in by_hand(2, _days(period, today))},
        ),
        "net revenue retention in one statement": (
            {(n.start, n.expansion, n.contraction, n.lost, n.period.first) for n in sets},
            {row for period in periods for row in by_hand(3, _days(period, today))},
        ),
        "net revenue retention, row by row": (
            {(n.start, n.expansion, n.contraction, n.lost, n.period.first) for n in nets},
            {row for period in periods for row in by_hand(3, _days(period, today))},
        ),
    }
    rows = [[name, f"{len(ours):,}", f"{len(ours ^ theirs):,}"] for name, (ours, theirs) in pairs.items()]
    for ours, theirs in pairs.values():
        for row in sorted(ours ^ theirs, key=str)[:6]:
            print("ours" if row in ours else "by hand", row)
    report.table(["what", "numbers", "differences from SQL by hand"], rows)


def _days(period: retention.Period, today: dt.date) -> dict[str, dt.date]:
    return {
        "first": period.first, "last": period.last, "before": period.first - DAY, "until": min(period.last, today),
        "today": today,
    }  # fmt: skip


def by_hand(number: int, params: dict[str, Any]) -> set[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(BY_HAND[number], params)
        return set(cursor.fetchall())


if __name__ == "__main__":
    main()
