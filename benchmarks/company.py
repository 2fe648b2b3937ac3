"""The company's panels for a director over 100,000 accounts: from the night's sums, and counted now (narrowed)."""

from __future__ import annotations

import argparse

from benchmarks.harness import Report, counted, measure

# isort: split
from django.db import connection, transaction
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from dashboards.director.panels import PANELS
from dashboards.models import CompanyCount
from dashboards.services.company import count_company
from orders.models import MonthlyRevenue
from users.models import User

NARROWED = QueryDict("region=east&tier=none")
FACTS = (
    "INSERT INTO orders_productline (code, name, name_en) SELECT 'b' || n, 'x' || n, '' FROM generate_series(1, 8) n",
    # Every account buys in every third month of three years, of one line.
    "INSERT INTO orders_monthlyrevenue (month, currency, sales_amount, returns_amount, net_amount, reporting_amount,"
    " account_id, product_line_id) SELECT date_trunc('month', now() - n * interval '1 month'), 'CNY', 900, 0, 900, 900,"
    " a.id, l.first + a.id % 8 FROM accounts_account a, generate_series(0, 35) n,"
    " (SELECT min(id) AS first FROM orders_productline WHERE code LIKE 'b%') l WHERE (a.id + n) % 3 = 0",
    "INSERT INTO interactions_coveragemonth (month, tier, due_date, covered, account_id, manager_id)"
    " SELECT date_trunc('month', now() - n * interval '1 month'), 'B', now(), a.id % 4 > 0, a.id, a.manager_id"
    " FROM accounts_account a, generate_series(1, 12) n WHERE a.id % 2 = 0",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--prepare", action="store_true", help="facts for the accounts of `benchmarks.exports --prepare`"
    )
    parser.add_argument("--repeat", type=int, default=15)
    options = parser.parse_args()
    if options.prepare:
        prepare()
    else:
        run(options.repeat)


@transaction.atomic
def prepare() -> None:
    with connection.cursor() as cursor:
        for statement in FACTS:
            cursor.execute(statement)


def run(repeat: int) -> None:
    report = Report("Company view")
    client = Client()
    client.force_login(User.objects.get(username="dora"))
    now = timezone.now()
    with counted() as statements:
        count_company(today=timezone.localdate(now), now=now)
    report.text(
        f"{Account.objects.count():,} accounts, {MonthlyRevenue.objects.count():,} monthly facts. The night's count:"
        f" {statements.milliseconds / 1000:.1f} s in the database, {len(statements.texts)} statements.\n"
    )
    rows = []
    for name in PANELS:
        for label, query in (("whole company", {}), ("one region, no tier", NARROWED.dict())):
            url = reverse(f"dashboards:company_{name}")
            found = measure(lambda _n, u=url, q=query: client.get(u, q, headers={"HX-Request": "true"}), repeat, warm=2)
            rows.append([f"{name}, {label}", *found.cells])
    report.table(["panel", "p50 ms", "p95 ms", "own processor p50", "waiting for the database p50", "statements"], rows)
    CompanyCount.objects.all().delete()
    report.save()


if __name__ == "__main__":
    main()
