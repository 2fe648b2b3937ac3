"""Monthly revenue facts and the revenue columns of the account summary: rebuilt in sets, never row by row."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from core.money import minor_digits
from orders.services.lock import compile_nothing, lock_orders

# The two dialects differ in how they cut a date to its month and pass a list.
_DIALECTS = {
    "postgresql": {
        "month": "date_trunc('month', o.order_date::timestamp)::date",
        "next_month": "(g.month + interval '1 month')::date",
        # With another integer type the list would be searched from end to end for every row.
        "ids": "= ANY(%s::bigint[])",
        "months": "= ANY(%s::date[])",
        "date": "%s::date",
        "is_new": "IS DISTINCT FROM",
    },
    "sqlite": {
        "month": "date(o.order_date, 'start of month')",
        "next_month": "date(g.month, '+1 month')",
        "ids": "IN (SELECT value FROM json_each(%s))",
        "months": "IN (SELECT value FROM json_each(%s))",
        "date": "%s",
        "is_new": "IS NOT",
    },
}

_RATE = """(SELECT r.rate FROM core_exchangerate r WHERE r.currency = g.currency AND r.valid_from < {next_month}
    ORDER BY r.valid_from DESC LIMIT 1)"""

_REPORTING = "CASE WHEN g.currency = %s THEN {net} ELSE ROUND({net} * " + _RATE + ", %s) END"

_INSERT = """
INSERT INTO orders_monthlyrevenue (account_id, product_line_id, month, currency, sales_amount, returns_amount,
    net_amount, reporting_amount, cost_amount, costed_net_amount, last_order_date)
SELECT g.account_id, g.line_id, g.month, g.currency, g.sales, g.returned, g.sales - g.returned,
    {reporting}, g.cost, g.costed, g.last_date
FROM (
    SELECT o.account_id, p.line_id, {month} AS month, o.currency,
        ROUND(COALESCE(SUM(l.amount) FILTER (WHERE l.amount > 0), 0), 3) AS sales,
        ROUND(COALESCE(-SUM(l.amount) FILTER (WHERE l.amount < 0), 0), 3) AS returned,
        ROUND(SUM(l.cost_amount), 3) AS cost,
        ROUND(SUM(l.amount) FILTER (WHERE l.cost_amount IS NOT NULL), 3) AS costed,
        MAX(o.order_date) FILTER (WHERE l.amount > 0) AS last_date
    FROM orders_order o
    JOIN orders_orderline l ON l.order_id = o.id
    JOIN orders_product p ON p.id = l.product_id
    {where}
    GROUP BY 1, 2, 3, 4
) g
""".replace("{reporting}", _REPORTING.replace("{net}", "(g.sales - g.returned)"))

_REPRICE = """
UPDATE orders_monthlyrevenue AS g SET reporting_amount = {reporting}
WHERE g.currency = %s AND g.month >= {date}
""".replace("{reporting}", _REPORTING.replace("{net}", "g.net_amount"))

_SUMMARY = """
UPDATE accounts_accountsummary AS s SET revenue_12m_amount = n.revenue, revenue_prior_12m_amount = n.prior,
    revenue_complete = n.complete, last_order_date = n.last_date
FROM (
    SELECT a.account_id,
        COALESCE(ROUND(SUM(f.reporting_amount) FILTER (WHERE f.month >= {date} AND f.month < {date}), 2), 0) AS revenue,
        COALESCE(ROUND(SUM(f.reporting_amount) FILTER (WHERE f.month >= {date} AND f.month < {date}), 2), 0) AS prior,
        COUNT(f.id) FILTER (WHERE f.reporting_amount IS NULL AND f.month >= {date} AND f.month < {date}) = 0
            AS complete,
        MAX(f.last_order_date) AS last_date
    FROM accounts_accountsummary a
    LEFT JOIN orders_monthlyrevenue f ON f.account_id = a.account_id
    {where}
    GROUP BY a.account_id
) n
WHERE s.account_id = n.account_id AND (s.revenue_12m_amount {is_new} n.revenue
    OR s.revenue_prior_12m_amount {is_new} n.prior OR s.revenue_complete {is_new} n.complete
    OR s.last_order_date {is_new} n.last_date)
"""


@transaction.atomic
def rebuild_facts(account_ids: Collection[int], months: Collection[dt.date]) -> int:
    """Recount the facts of these accounts in these months (any day of the month will do); returns the facts written.

    One DELETE and one INSERT … SELECT, whatever the number of accounts.
    """
    if not account_ids or not months:
        return 0
    lock_orders()
    firsts = sorted({month.replace(day=1) for month in months})
    accounts, wanted = _list(sorted(account_ids)), _list(firsts)
    with connection.cursor() as cursor:
        cursor.execute(
            _sql("DELETE FROM orders_monthlyrevenue WHERE account_id {ids} AND month {months}"), [accounts, wanted]
        )
        where = "WHERE o.account_id {ids} AND o.order_date >= {date} AND o.order_date < {date} AND {month} {months}"
        bounds = [firsts[0], next_month(firsts[-1])]
        cursor.execute(_sql(_INSERT, where=where), [*_reporting_params(), accounts, *bounds, wanted])
        return cursor.rowcount


@transaction.atomic
def rebuild_all_facts() -> int:
    """Recount every fact from the order lines, after a bulk load; returns the facts written."""
    lock_orders()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM orders_monthlyrevenue")
        cursor.execute(_sql(_INSERT, where=""), _reporting_params())
        return cursor.rowcount


@transaction.atomic
def reprice_facts(currency: str, from_month: dt.date) -> int:
    """Convert the facts in `currency` from this month on anew, with the rates as they are now, in one statement."""
    lock_orders()
    with connection.cursor() as cursor:
        cursor.execute(_sql(_REPRICE), [*_reporting_params(), currency, from_month.replace(day=1)])
        return cursor.rowcount


@transaction.atomic
def refresh_summaries(today: dt.date, account_ids: Collection[int] | None = None) -> int:
    """Set the revenue and last-order columns of AccountSummary, in one statement; returns the rows that changed.

    Revenue is net, in the reporting currency, over the 12 full months before the month of `today` and over the 12
    before those. `revenue_complete` is false where an exchange rate is missing for some of it; what has no rate is not
    in the sum. Without `account_ids`: all accounts.
    """
    current = today.replace(day=1)
    recent, prior = current.replace(year=current.year - 1), current.replace(year=current.year - 2)
    params: list[Any] = [recent, current, prior, recent, prior, current]
    where = ""
    if account_ids is not None:
        where = "WHERE a.account_id {ids}"
        params.append(_list(sorted(account_ids)))
    compile_nothing()
    with connection.cursor() as cursor:
        cursor.execute(_sql(_SUMMARY, where=where), params)
        return cursor.rowcount


def next_month(day: dt.date) -> dt.date:
    """The first day of the month after that of `day`."""
    return (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1)


def _reporting_params() -> list[Any]:
    return [settings.REPORTING_CURRENCY, minor_digits(settings.REPORTING_CURRENCY)]


def _list(values: Collection[Any]) -> Any:
    """A list as one parameter of the `{ids}` and `{months}` conditions."""
    if connection.vendor == "postgresql":
        return list(values)
    return json.dumps([str(value) if isinstance(value, dt.date | Decimal) else value for value in values])


def _sql(template: str, **parts: str) -> str:
    """The statement in the connection's dialect."""
    words = _DIALECTS[connection.vendor]
    for name, text in (parts | words).items():
        template = template.replace("{" + name + "}", text)
    return template
