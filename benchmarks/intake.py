"""Orders coming in: the API's bulk call, and a file beside raw COPY of the same rows. Removes its orders at the end."""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import tempfile
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.harness import Measured, Report, measure

# isort: split
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from core.bulk import copy_rows
from orders.models import Order, OrderLine, Product
from orders.services import rebuild_facts, refresh_summaries
from orders.services.imports import ImportOptions, import_file
from orders.services.profiles import load_profile
from users.models import User

SOURCE = "benchmark"
HEADS = ["API call", "p50 ms", "p95 ms", "own processor p50", "waiting for the database p50", "statements", "orders/s"]
HEADER = ["order number", "account code", "order date", "product code", "quantity", "unit price", "amount"]
LINES_PER_ORDER = 5

Line = tuple[str, str, dt.date, str, int, Decimal]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=200_000, help="of the file")
    parser.add_argument("--calls", type=int, default=10, help="of the API, with 1,000 orders each")
    options = parser.parse_args()
    settings.ALLOWED_HOSTS = ["testserver"]
    report = Report("Orders coming in")
    try:
        report.table(HEADS, api(options.calls))
        report.table(["work", "lines", "seconds", "own processor s", "lines/s"], file(options.lines))
    finally:
        clean_up()
    report.save()


def lines(count: int, prefix: str) -> Iterator[Line]:
    """Lines of orders of known accounts and products, five to an order."""
    rng = Random(7)
    accounts = list(Account.objects.exclude(status="terminated").order_by("pk").values_list("code", flat=True)[:20_000])
    products = list(Product.objects.order_by("pk").values_list("code", flat=True))
    today = timezone.localdate()
    for number in range(count // LINES_PER_ORDER):
        account, day = rng.choice(accounts), today - dt.timedelta(days=rng.randrange(20, 300))
        for product in rng.sample(products, LINES_PER_ORDER):
            yield (
                f"{prefix}{number}",
                account,
                day,
                product,
                rng.randint(1, 40),
                Decimal(rng.randint(100, 90_000)) / 100,
            )


def api(calls: int) -> list[list[str]]:
    """Bulk upserts of 1,000 orders: new ones, then the same again."""
    client = Client()
    client.force_login(User.objects.get(username="dora"))
    url = reverse("api:order-bulk-upsert")
    bodies = [
        {"source": SOURCE, "orders": list(_api_orders(lines(1000 * LINES_PER_ORDER, f"A{call}-")))}
        for call in range(calls + 1)
    ]

    def call(number: int) -> None:
        response = client.post(url, bodies[number + 1], content_type="application/json")
        assert response.status_code == 200, response.content[:300]  # noqa: S101  a benchmark
        assert response.json()["rejected"] == 0, response.content[:300]  # noqa: S101

    return [
        _api_row(f"1,000 new orders of {LINES_PER_ORDER} lines", measure(call, calls, warm=1)),
        _api_row("the same 1,000 again", measure(call, calls, warm=1)),
    ]


def _api_row(name: str, result: Measured) -> list[str]:
    return [name, *result.cells, f"{1000 / result.p50 * 1000:,.0f}"]


def _api_orders(rows: Iterator[Line]) -> Iterator[dict[str, Any]]:
    order: dict[str, Any] = {}
    for number, account, day, product, quantity, price in rows:
        if order.get("external_id") != number:
            if order:
                yield order
            order = {"external_id": number, "account": account, "order_date": str(day), "currency": "CNY", "lines": []}
        order["lines"].append({"product": product, "quantity": str(quantity), "unit_price": str(price)})
    yield order


def file(count: int) -> list[list[str]]:
    """An import of a CSV file, the same file again, and COPY of the same rows."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "orders.csv"
        with path.open("w", encoding="utf-8", newline="") as target:
            writer = csv.writer(target)
            writer.writerow(HEADER)
            writer.writerows((*line, line[4] * line[5]) for line in lines(count, "F"))

        def imported() -> None:
            found = import_file(
                ImportOptions(path, load_profile("generic"), currency="CNY", source=SOURCE),
                actor=None,
                today=timezone.localdate(),
            )
            assert found.bad_rows == 0, found.reasons  # noqa: S101  a benchmark

        rows = [_timed("import of a CSV file, all orders new", count, imported)]
        rows.append(_timed("the same file again (nothing changes)", count, imported))
    _delete_orders()
    rows.append(_timed("COPY of the same orders and lines into the same tables", count, lambda: _copy(count)))
    rows.append(_timed("COPY of the same lines into a bare table", count, lambda: _copy_bare(count)))
    return rows


def _timed(name: str, count: int, work: Callable[[], None]) -> list[str]:
    start, computing = time.perf_counter(), time.process_time()
    work()
    seconds, computed = time.perf_counter() - start, time.process_time() - computing
    return [name, f"{count:,}", f"{seconds:.1f}", f"{computed:.1f}", f"{count / seconds:,.0f}"]


def _copy(count: int) -> None:
    """Orders and lines with their keys and indexes, nothing checked, nothing kept; rolled back."""
    accounts = dict(Account.objects.values_list("code", "pk"))
    products = dict(Product.objects.values_list("code", "pk"))
    now, first = timezone.now(), Order.objects.order_by("-pk").values_list("pk", flat=True)[0] + 1
    totals: dict[int, tuple[Any, ...]] = {}
    line_rows = []
    for position, (number, account, day, product, quantity, price) in enumerate(lines(count, "F")):
        pk = first + position // LINES_PER_ORDER
        line_rows.append(
            (pk, position % LINES_PER_ORDER + 1, products[product], quantity, price, quantity * price, None)
        )
        total = totals[pk][7] if pk in totals else Decimal(0)
        totals[pk] = (pk, accounts[account], SOURCE, number, day, "sale", "CNY", total + quantity * price, now, now)
    with transaction.atomic():
        columns = ["id", "account", "source", "external_id", "order_date", "kind", "currency", "total_amount"]
        copy_rows(Order, [*columns, "created_at", "updated_at"], totals.values())
        columns = ["order", "position", "product", "quantity", "unit_price", "amount", "cost_amount"]
        copy_rows(OrderLine, columns, line_rows)
        connection.check_constraints()
        transaction.set_rollback(True)


def _copy_bare(count: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE benchmark_lines (number text, account text, day date, product text, "
            "quantity numeric, price numeric) ON COMMIT DROP"
        )
        with tempfile.TemporaryFile("w+", encoding="utf-8") as target:
            target.writelines("\t".join(map(str, line)) + "\n" for line in lines(count, "F"))
            target.seek(0)
            cursor.copy_expert("COPY benchmark_lines FROM STDIN", target)


def clean_up() -> None:
    """Remove the benchmark's orders and set the facts and summaries right again."""
    touched = list(Order.objects.filter(source=SOURCE).order_by().values_list("account", "order_date"))
    _delete_orders()
    if touched:
        accounts = {account for account, _day in touched}
        rebuild_facts(accounts, {day.replace(day=1) for _account, day in touched})
        refresh_summaries(timezone.localdate(), accounts)


def _delete_orders() -> None:
    """In SQL: Django would collect every row first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM orders_orderline USING orders_order o WHERE o.id = order_id AND o.source = %s", [SOURCE]
        )
        cursor.execute("DELETE FROM orders_order WHERE source = %s", [SOURCE])


if __name__ == "__main__":
    main()
