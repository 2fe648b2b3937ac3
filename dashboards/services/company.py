"""The nightly count of the company: sums by month, product line and account, made anew in sets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import astuple
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from core.bulk import copy_rows
from dashboards.cockpit import trends
from dashboards.director import cohorts, lines, months
from dashboards.models import AccountPurchases, CompanyCount, LineCell, MonthCell, TrendCell
from orders.revenue import months_until

KEPT_MONTHS = 36
_LOCK = 0x6B616D0D  # any number that nothing else in this database locks
PARTS = ("manager_id", "tier", "region")
_MONTHS_BETWEEN = {
    "postgresql": "((EXTRACT(YEAR FROM f.month) - EXTRACT(YEAR FROM m.first)) * 12"
    " + EXTRACT(MONTH FROM f.month) - EXTRACT(MONTH FROM m.first))::int",
    "sqlite": "((strftime('%%Y', f.month) - strftime('%%Y', m.first)) * 12"
    " + strftime('%%m', f.month) - strftime('%%m', m.first))",
}
# Both databases know SUM(DISTINCT …), and different powers of two add up to a mask.
_PURCHASES = """
INSERT INTO dashboards_accountpurchases (account_id, first_month, months)
SELECT m.account_id, m.first, SUM(DISTINCT CAST(1 AS bigint) << {between})
FROM (SELECT account_id, MIN(month) AS first FROM orders_monthlyrevenue WHERE sales_amount > 0 GROUP BY account_id) m
JOIN orders_monthlyrevenue f ON f.account_id = m.account_id AND f.sales_amount > 0
WHERE {between} < %s
GROUP BY m.account_id, m.first
"""


def count_night(*, today: dt.date, now: dt.datetime) -> CompanyCount | None:
    """Count everything where that is not done for `today` yet."""
    if CompanyCount.objects.filter(as_of=today).exists():
        return None
    return count_company(today=today, now=now)


@transaction.atomic
def count_company(*, today: dt.date, now: dt.datetime) -> CompanyCount:
    """Count everything anew as of `today`. Readers see the old sums until it is done; a second run changes nothing."""
    if connection.vendor == "postgresql":  # two at once would make every row twice; SQLite has one writer anyway
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    MonthCell.objects.all().delete()
    copy_rows(MonthCell, ["month", *PARTS, *months.SUMS], list(_month_rows(today)))
    LineCell.objects.all().delete()
    copy_rows(LineCell, ["line_id", *PARTS, "revenue_amount", "prior_amount", "buyers"], list(_line_rows(today)))
    TrendCell.objects.all().delete()
    trend = trends.counted(today)
    copy_rows(TrendCell, [*trends.KEY, *trends.SUMS], [(*key, *astuple(sums)) for key, sums in trend.items()])
    AccountPurchases.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(_PURCHASES.replace("{between}", _MONTHS_BETWEEN[connection.vendor]), [cohorts.KEPT_MONTHS])
    CompanyCount.objects.filter(as_of__lt=today - dt.timedelta(days=90)).delete()
    return CompanyCount.objects.create(as_of=today, counted_at=now)


def _month_rows(today: dt.date) -> Iterator[tuple[Any, ...]]:
    counted = months.counted(months_until(today, KEPT_MONTHS), None, Q(), today=today, by_part=True)
    for key, month in counted.items():
        yield (*key, *(getattr(month, name) for name in months.SUMS))


def _line_rows(today: dt.date) -> Iterator[tuple[Any, ...]]:
    cent = Decimal("0.01")
    for line, tier, manager, region, revenue, prior, buyers in lines.counted(None, today, by_part=True):
        amounts = (Decimal(revenue or 0).quantize(cent), Decimal(prior or 0).quantize(cent))
        yield (line, manager or 0, tier, region, *amounts, buyers)
