"""Coverage for a director over all accounts, and the months written and computed anew.

Needs a PostgreSQL database with accounts, managers, interactions and a contact policy (the one of planning.py, or the
demo at scale). Writes twelve months of coverage before it measures, and undoes that at the end.
"""

from __future__ import annotations

import argparse
import datetime as dt
import time
from collections.abc import Callable

from benchmarks.harness import Report, counted, measure

# isort: split
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from interactions.coverage import first_month, previous_month
from interactions.models import CoverageMonth
from interactions.services.coverage import rebuild_month, record_coverage
from users.models import Role, User


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--title", default="Coverage", help="the section of RESULTS.md")
    parser.add_argument("--repeat", type=int, default=30)
    parser.add_argument("--dry-run", action="store_true", help="leave RESULTS.md alone")
    options = parser.parse_args()
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]["token"] = "1000000/min"  # noqa: S105
    report = Report(options.title)
    written = write(report)
    director = User.objects.filter(role=Role.DIRECTOR, is_active=True).first() or make_director()
    seen = Account.objects.visible_to(director).filter(summary__contact_due_date__isnull=False).count()
    months = CoverageMonth.objects.count()
    report.text(f"A director over {seen:,} accounts with a cadence and {months:,} rows of months:")
    rows = [[name, *measure(work, options.repeat).cells] for name, work in works(director).items()]
    report.table(["work", "p50 ms", "p95 ms", "own processor p50", "waiting for the database p50", "statements"], rows)
    CoverageMonth.objects.filter(month__in=written).delete()
    if not options.dry_run:
        report.save()


def make_director() -> User:
    return User.objects.create(username="bench-director", email="bench@example.com", name="D", role=Role.DIRECTOR)


def write(report: Report) -> list[dt.date]:
    """The months, and how long they take: the nightly one twice (nothing new the second time), the others anew."""
    today, rows = timezone.localdate(), []
    for name in ("nightly job, the first time", "nightly job, the second time"):
        start = time.perf_counter()
        with counted() as statements:
            count = record_coverage(today=today)
        rows.append([name, f"{count:,}", f"{time.perf_counter() - start:.1f}", str(len(statements.texts))])
    month = today.replace(day=1)
    start = time.perf_counter()
    with counted() as statements:
        count = rebuild_month(month, today=today)
    rows.append(["the month anew", f"{count:,}", f"{time.perf_counter() - start:.1f}", str(len(statements.texts))])
    months = [month]
    while months[-1] > first_month(today):
        months.append(previous_month(months[-1]))
        copy_month(month, months[-1])
    report.table(["work", "rows", "seconds", "statements"], rows)
    with connection.cursor() as cursor:
        for table in ("interactions_coveragemonth", "accounts_account", "accounts_accountsummary"):
            cursor.execute(f"VACUUM ANALYZE {table}")
    return months


def copy_month(source: dt.date, month: dt.date) -> None:
    """Another month with the rows of `source`: only their number matters to what is measured."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO interactions_coveragemonth
               (month, account_id, manager_id, tier, last_contact_date, due_date, covered)
               SELECT %s, account_id, manager_id, tier, last_contact_date, due_date, (account_id %% 3) > 0
               FROM interactions_coveragemonth WHERE month = %s ON CONFLICT DO NOTHING""",
            [month, source],
        )


def works(director: User) -> dict[str, Callable[[int], None]]:
    client = Client()
    client.force_login(director)

    def page(name: str, **params: str) -> Callable[[int], None]:
        def get(_number: int) -> None:
            response = client.get(reverse(name), params)
            assert response.status_code == 200, (name, response.status_code)  # noqa: S101  a benchmark

        return get

    return {
        "coverage page": page("interactions:coverage"),
        "coverage page, tier A": page("interactions:coverage", tier="A"),
        "accounts that are not covered": page("interactions:coverage_accounts", state="uncovered"),
        "accounts of the month before": page(
            "interactions:coverage_accounts", month=f"{previous_month(timezone.localdate()):%Y-%m}"
        ),
        "REST, by manager": page("api:coverage-list"),
        "REST, by month": page("api:coverage-list", group_by="month"),
    }


if __name__ == "__main__":
    main()
