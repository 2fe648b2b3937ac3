"""A list of 100,000 accounts to a file, in this process: seconds, statements, and the most memory the process had."""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections import Counter

from benchmarks.harness import Report, counted

# isort: split
from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from django.http import QueryDict
from django.utils import timezone, translation

from accounts.models import Account
from accounts.services.bulk import insert_accounts
from core.errors import DomainError
from core.exports import BATCH
from dashboards.models import ExportJob
from dashboards.services import exports
from users.models import Role, User

ACCOUNTS, MANAGERS, PART = 100_000, 500, 5000
TOO_MANY = (
    "INSERT INTO orders_productline (code, name, name_en) VALUES ('bench', 'x', '')",
    "INSERT INTO orders_product (code, name, name_en, line_id, created_at, updated_at)"
    " SELECT 'bench', 'x', '', max(id), now(), now() FROM orders_productline",
    "INSERT INTO orders_order (source, external_id, order_date, kind, currency, total_amount, account_id, created_at,"
    " updated_at) SELECT 'bench', a.id || '-' || n, '2026-01-01', 'sale', 'CNY', 10, a.id, now(), now()"
    " FROM accounts_account a, generate_series(1, 3) n",
    "INSERT INTO orders_orderline (position, quantity, unit_price, amount, order_id, product_id)"
    " SELECT n, 1, 1, 1, o.id, (SELECT max(id) FROM orders_product) FROM orders_order o, generate_series(1, 10) n",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prepare", action="store_true", help="make the accounts, in an empty, migrated database")
    parser.add_argument("--refuse", action="store_true", help="how fast 3,000,000 rows are refused; rolled back")
    parser.add_argument("--form", choices=["xlsx", "csv"], default="xlsx")
    options = parser.parse_args()
    if options.prepare:
        prepare()
    elif options.refuse:
        refuse()
    else:
        run(options.form)


def prepare() -> None:
    people = [
        User(username=f"m{n}", email=f"m{n}@example.com", name=f"王{n}", role=Role.ACCOUNT_MANAGER)
        for n in range(MANAGERS)
    ]
    people = User.objects.bulk_create(people)
    User.objects.create(username="dora", email="dora@example.com", name="Dora", role=Role.DIRECTOR, may_export=True)
    today = timezone.localdate()
    for start in range(0, ACCOUNTS, PART):
        rows = [
            Account(
                code=f"KA{n:06}", name=f"澄屿精密机械（苏州）有限公司{n}", name_en=f"Chengyu Precision {n} Co., Ltd.",
                manager=people[n % MANAGERS], region="east", industry="C", size="large", city="苏州", status="active",
                address=f"江苏省苏州市工业园区星湖街{n}号", phone=f"+86 512 6{n:07}", customer_since="2019-03-31",
                category="core", website=f"https://{n}.example.com",
            )
            for n in range(start, start + PART)
        ]  # fmt: skip
        insert_accounts(rows, actor=None, reason="benchmark", today=today)


def run(form: str) -> None:
    report = Report(f"Exports: accounts to {form.upper()}")
    current_app.loader.import_default_modules()  # as a worker has them
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    dora = User.objects.get(username="dora")
    with tempfile.TemporaryDirectory() as folder:
        settings.MEDIA_ROOT = folder
        job = exports.ask_for_export(
            "accounts", QueryDict("sort=-revenue"), form=form, language="zh-hans", actor=dora, now=timezone.now()
        )
        wall, computing = time.perf_counter(), time.process_time()
        with counted() as statements:
            exports.run_export(job.pk, clock=timezone.now)
        wall, computing = time.perf_counter() - wall, time.process_time() - computing
    job.refresh_from_db()
    assert (job.status, job.rows_done) == ("done", ACCOUNTS), job.message  # noqa: S101  a benchmark
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    batches, kinds = ACCOUNTS // BATCH, Counter(text.split(" ")[0] for text in statements.texts)
    report.table(
        ["rows", "file MB", "seconds", "own processor", "waiting for the database", "peak memory MB", "before MB",
         "statements", "batches"],
        [[f"{job.rows_done:,}", f"{job.size / 1e6:.1f}", f"{wall:.1f}", f"{computing:.1f}",
          f"{statements.milliseconds / 1000:.1f}", f"{peak:.0f}", f"{before:.0f}", str(len(statements.texts)),
          str(batches)]],
    )  # fmt: skip
    report.text(
        f"By kind: {', '.join(f'{number} {kind}' for kind, number in kinds.most_common())}. Aim: 30 s, 300 MB;"
        " before are the modules of a worker's tasks."
    )
    ExportJob.objects.filter(pk=job.pk).delete()
    report.save()


def refuse() -> None:
    """Asks for more rows than an export may have: order lines of all accounts."""
    report = Report("Exports: 3,000,000 rows")
    dora = User.objects.get(username="dora")
    with transaction.atomic():
        with connection.cursor() as cursor:
            for statement in TOO_MANY:
                cursor.execute(statement)
        wall = time.perf_counter()
        with counted() as statements, translation.override("en"):
            answer = _answer(dora)
        wall = time.perf_counter() - wall
        transaction.set_rollback(True)
    report.text(f"“{answer}” after {wall:.2f} s, {len(statements.texts)} statements.")
    report.save()


def _answer(dora: User) -> str:
    query = QueryDict("sort=-order_date")
    try:
        exports.ask_for_export("order_lines", query, form="xlsx", language="en", actor=dora, now=timezone.now())
    except DomainError as error:
        return str(error)
    return "taken"


if __name__ == "__main__":
    main()
