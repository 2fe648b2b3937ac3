"""Reads the orders into purchase histories: one row per account and day, in sets."""

from __future__ import annotations

import datetime as dt
import io
import json
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.conf import settings
from django.db import connection

from core.models import ExchangeRate
from health.churn.purchases import MASK_BITS, YEAR, Ints, Purchases, joined, purchases_of, sampled
from health.churn.season import DailyCounts
from orders.models import Order, OrderKind
from orders.services.facts import next_month

# Older orders say nothing about the next months, and would take time.
LOOK_BACK_DAYS = 4 * YEAR + 1
_BATCH = 5_000

_DIALECTS = {
    "postgresql": {
        "ids": "= ANY(%s::bigint[])",
        "day": "(o.order_date - DATE '0001-01-01' + 1)",
        "mask": "COALESCE(bit_or(1::bigint << (p.line_id %% {bits})::int) FILTER ({sold}), 0)",
    },
    "sqlite": {
        "ids": "IN (SELECT value FROM json_each(%s))",
        "day": "CAST(julianday(o.order_date) - 1721424.5 AS INTEGER)",
        # The sum of different powers of two is their union.
        "mask": "COALESCE(SUM(DISTINCT 1 << (p.line_id %% {bits})) FILTER ({sold}), 0)",
    },
}

_DAYS = """
SELECT o.account_id, {day}, o.currency,
    COALESCE(SUM(l.amount) FILTER (WHERE l.amount > 0), 0),
    COALESCE(-SUM(l.amount) FILTER (WHERE l.amount < 0), 0),
    COUNT(*) FILTER ({sold}), {mask}
FROM orders_order o
JOIN orders_orderline l ON l.order_id = o.id
JOIN orders_product p ON p.id = l.product_id
WHERE o.account_id {ids} AND o.order_date >= %s AND o.order_date < %s
GROUP BY o.account_id, o.order_date, o.currency
"""

_ITEMS = """
SELECT o.account_id, {day}, l.product_id FROM orders_order o JOIN orders_orderline l ON l.order_id = o.id
WHERE o.account_id {ids} AND o.kind = 'sale' AND o.order_date >= %s AND o.order_date < %s
"""

_DAILY = """
SELECT {day}, COUNT(DISTINCT o.account_id) FROM orders_order o
WHERE o.kind = %s AND o.order_date >= %s AND o.order_date < %s GROUP BY o.order_date
"""


@dataclass(frozen=True)
class Rates:
    """Dated rates into the reporting currency, as they count for the facts: at the end of the month of the order."""

    by_currency: dict[str, tuple[list[dt.date], list[float]]]

    def of(self, currency: str, day: dt.date) -> float | None:
        """Units of the reporting currency for one unit, or None where no rate is known."""
        if currency == settings.REPORTING_CURRENCY:
            return 1.0
        since, rates = self.by_currency.get(currency, ([], []))
        place = bisect_right(since, next_month(day) - dt.timedelta(days=1))
        return rates[place - 1] if place else None


def load_rates() -> Rates:
    """All exchange rates; there are few."""
    found: dict[str, tuple[list[dt.date], list[float]]] = {}
    for currency, since, rate in ExchangeRate.objects.order_by("valid_from").values_list(
        "currency", "valid_from", "rate"
    ):
        days, rates = found.setdefault(currency, ([], []))
        days.append(since)
        rates.append(float(rate))
    return Rates(found)


@dataclass(frozen=True)
class Gathered:
    """Histories, and the ids of accounts with amounts that no rate converts: those count one to one, as nothing better
    is known, and such accounts have no value in the reporting currency."""

    purchases: Purchases
    unpriced: frozenset[int]


def gather(ids: Sequence[int], as_of: dt.date, rates: Rates | None = None, item_days: int = YEAR) -> Gathered:
    """The purchases of these accounts on the days before `as_of`, in two statements.

    An order day is a day with an order of the kind sale; amounts above zero are sales, those below are returns. Which
    products were bought is read for the last `item_days`, without a statement where there are none.
    """
    known = rates or load_rates()
    wanted = np.array(sorted(set(ids)), dtype=np.int64)
    numbers, currencies = _read(wanted, as_of - dt.timedelta(days=LOOK_BACK_DAYS), as_of)
    unpriced: set[int] = set()
    for currency in np.unique(currencies).tolist():
        rows = np.flatnonzero(currencies == currency)
        if currency == settings.REPORTING_CURRENCY:
            continue
        days, place = np.unique(numbers[rows, 1].astype(np.int64), return_inverse=True)
        found = [known.of(currency, dt.date.fromordinal(int(day))) for day in days]
        rate = np.array([1.0 if each is None else each for each in found])
        missing = np.array([each is None for each in found])[place]
        unpriced.update(numbers[rows[missing], 0].astype(np.int64).tolist())
        numbers[rows, 2] *= rate[place]
        numbers[rows, 3] *= rate[place]
    masks = numbers[:, 5].astype(np.int64)
    purchases = purchases_of(numbers[:, :5], masks, wanted)
    if item_days:
        purchases = purchases.with_items(*_read_items(wanted, as_of - dt.timedelta(days=item_days), as_of).T)
    return Gathered(purchases, frozenset(unpriced))


def daily_order_counts(as_of: dt.date) -> DailyCounts:
    """Accounts that ordered on each day before `as_of`."""
    words = _DIALECTS[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(
            _DAILY.replace("{day}", words["day"]),
            [OrderKind.SALE.value, as_of - dt.timedelta(days=LOOK_BACK_DAYS), as_of],
        )
        rows = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 2)
    if not len(rows):
        return DailyCounts(as_of.toordinal(), np.zeros(0))
    first = int(rows[:, 0].min())
    counts = np.zeros(as_of.toordinal() - first)
    counts[rows[:, 0] - first] = rows[:, 1]
    return DailyCounts(first, counts)


def newest_order() -> int:
    """The day of the newest sale, 0 without any."""
    newest = (
        Order.objects.filter(kind=OrderKind.SALE).order_by("-order_date").values_list("order_date", flat=True).first()
    )
    return newest.toordinal() if newest else 0


def ordering_accounts(as_of: dt.date, since: dt.date, order_days: int = 1) -> Ints:
    """Ids of the accounts with so many order days from `since` to before `as_of`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.account_id FROM orders_order o WHERE o.kind = %s AND o.order_date >= %s AND o.order_date < %s "
            "GROUP BY o.account_id HAVING COUNT(DISTINCT o.order_date) >= %s ORDER BY o.account_id",
            [OrderKind.SALE.value, since, as_of, order_days],
        )
        return np.array([row[0] for row in cursor.fetchall()], dtype=np.int64)


def gather_all(ids: Ints, as_of: dt.date) -> Purchases:
    """The purchases of many accounts with all products, read in batches."""
    rates = load_rates()
    parts = [
        gather(ids[start : start + _BATCH].tolist(), as_of, rates, LOOK_BACK_DAYS).purchases
        for start in range(0, len(ids), _BATCH)
    ]
    return joined(parts)


def gather_sample(ids: Ints, size: int, as_of: dt.date, item_days: int = YEAR) -> Gathered:
    """The purchases of a fair choice of these accounts."""
    return gather(ids[sampled(ids, size)].tolist(), as_of, item_days=item_days)


def _read(ids: Ints, since: dt.date, before: dt.date) -> tuple[np.ndarray, np.ndarray]:
    """Columns account, day, sales, returns, lines, mask as numbers, and the currencies."""
    words = _DIALECTS[connection.vendor]
    statement = _DAYS
    for name, text in ({"mask": words["mask"]} | words).items():
        statement = statement.replace("{" + name + "}", text)
    statement = statement.replace("{bits}", str(MASK_BITS)).replace("{sold}", "WHERE o.kind = 'sale'")
    if connection.vendor == "postgresql":
        return _copied(statement, [ids.tolist(), since, before])
    with connection.cursor() as cursor:
        cursor.execute(statement, [json.dumps(ids.tolist()), since, before])
        rows = cursor.fetchall()
    numbers = np.array([[float(value) for value in (*row[:2], *row[3:])] for row in rows], dtype=np.float64)
    return numbers.reshape(-1, 6), np.array([row[2] for row in rows], dtype="U3")


def _read_items(ids: Ints, since: dt.date, before: dt.date) -> Ints:
    """Account, day and product of the lines that were sold."""
    words = _DIALECTS[connection.vendor]
    statement = _ITEMS.replace("{day}", words["day"]).replace("{ids}", words["ids"])
    if connection.vendor == "postgresql":
        data = _copy(statement, [ids.tolist(), since, before])
        flat = np.fromstring(data.replace(b"\n", b",").rstrip(b","), sep=",", dtype=np.int64) if data else np.zeros(0)
        return flat.astype(np.int64).reshape(-1, 3)
    with connection.cursor() as cursor:
        cursor.execute(statement, [json.dumps(ids.tolist()), since, before])
        return np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 3)


def _copy(statement: str, params: list[object]) -> bytes:
    """The rows by COPY, as CSV: without an object of Python for each value."""
    with connection.cursor() as cursor:
        text = cursor.mogrify(statement, params).decode()
        out = io.BytesIO()
        cursor.copy_expert(f"COPY ({text}) TO STDOUT WITH (FORMAT csv)", out)
    return out.getvalue()


def _copied(statement: str, params: list[object]) -> tuple[np.ndarray, np.ndarray]:
    """The rows as numbers, and the currencies."""
    data = _copy(statement, params)
    codes = sorted({line.split(b",", 3)[2] for line in data.splitlines()})
    for number, code in enumerate(codes):
        data = data.replace(b"," + code + b",", b",%d," % number)
    table = np.fromstring(data.replace(b"\n", b",").rstrip(b","), sep=",").reshape(-1, 7) if data else np.zeros((0, 7))
    names = np.array([code.decode() for code in codes] or [""], dtype="U3")
    return table[:, [0, 1, 3, 4, 5, 6]], names[table[:, 2].astype(np.int64)]
