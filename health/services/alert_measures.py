"""Reads what the measures of alerts are made of: alerts by month, and the accounts that went silent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.core.cache import cache
from django.db import connection

from accounts.models import Account
from health.alert_measures import (
    ACTIVE_ORDER_DAYS,
    ACTIVE_WITHIN,
    SILENT_DAYS,
    Measures,
    Quiet,
    Raised,
    Silence,
    measured,
    quiet_accounts,
)
from health.models import Alert
from orders.models import OrderKind
from users.models import User

MONTHS = 12
MOST_MONTHS = 60
KEPT_SECONDS = 6 * 3600
PART = 5000
_DAYS = {
    "postgresql": ("next - day", "day - third"),
    "sqlite": ("julianday(next) - julianday(day)", "julianday(day) - julianday(third)"),
}
_SILENCES = """
SELECT account_id, day FROM (
    SELECT account_id, day, LEAD(day) OVER w AS next, LAG(day, %s) OVER w AS third
    FROM (SELECT DISTINCT account_id, order_date AS day FROM orders_order
          WHERE kind = %s AND order_date >= %s AND order_date < %s) days
    WINDOW w AS (PARTITION BY account_id ORDER BY day)
) found
WHERE day >= %s AND (next IS NULL OR {gap} > %s) AND {active} < %s
ORDER BY account_id, day
"""


def alert_measures(viewer: User, today: dt.date, months: int = MONTHS, alerts: Any = None) -> list[Measures]:
    """The last `months` months up to that of `today`, and all of them together at the end, of the accounts that
    `viewer` sees; `alerts` are the alerts looked at (a filtered set of those that they see), else all."""
    shown = _months(today, min(max(months, 1), MOST_MONTHS))
    raised = _raised(viewer, shown[0], today, alerts)
    return measured(raised, _seen_by(viewer, silences(shown[0], today)), shown, today)


def silent_accounts(
    viewer: User, today: dt.date, months: int = MONTHS, alerts: Any = None, month: dt.date | None = None
) -> list[Quiet]:
    """The accounts behind the number of those that went silent, those that bought last first; of one month only, where
    `month` is its first day."""
    shown = _months(today, min(max(months, 1), MOST_MONTHS))
    raised = _raised(viewer, shown[0], today, alerts)
    wanted = [each for each in shown if month in (None, each)]
    found = quiet_accounts(raised, _seen_by(viewer, silences(shown[0], today)), wanted, today)
    return sorted(found, key=lambda quiet: (quiet.last, quiet.account), reverse=True)


def _raised(viewer: User, first: dt.date, today: dt.date, alerts: Any) -> list[Raised]:
    """What was open already when the first month began may have warned of a silence in it."""
    rows = Alert.objects.visible_to(viewer) if alerts is None else alerts
    rows = rows.filter(opened_on__gte=first - dt.timedelta(days=ACTIVE_WITHIN), opened_on__lte=today).order_by()
    names = ("account", "opened_on", "status", "outcome", "opened_at", "acknowledged_at", "resolved_at")
    return [Raised(*row) for row in rows.values_list(*names).iterator(PART)]


def silences(first: dt.date, today: dt.date) -> list[Silence]:
    """Accounts with three order days within a year, the last one on `first` or later, that then ordered nothing for 90
    days, up to yesterday; one statement, kept for some hours: yesterday's orders change little of a year."""
    key = f"health-silences:{first:%Y%m%d}:{today:%Y%m%d}"
    known = cache.get(key)
    if known is None:
        known = _read(first, today)
        cache.set(key, known, KEPT_SECONDS)
    return [Silence(account_id, dt.date.fromordinal(day)) for account_id, day in known]


def _read(first: dt.date, today: dt.date) -> list[tuple[int, int]]:
    gap, active = _DAYS[connection.vendor]
    statement = _SILENCES.replace("{gap}", gap).replace("{active}", active)
    since = first - dt.timedelta(days=ACTIVE_WITHIN)
    values: list[Any] = [ACTIVE_ORDER_DAYS - 1, OrderKind.SALE.value, since, today, first, SILENT_DAYS, ACTIVE_WITHIN]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows = cursor.fetchall()
    days = [(pk, day if isinstance(day, dt.date) else dt.date.fromisoformat(day)) for pk, day in rows]
    until = today - dt.timedelta(days=SILENT_DAYS)
    return [(pk, day.toordinal()) for pk, day in days if day < until]


def _seen_by(viewer: User, found: Sequence[Silence]) -> list[Silence]:
    if viewer.sees_everything:
        return list(found)
    keys, visible = sorted({silence.account for silence in found}), set[int]()
    for at in range(0, len(keys), PART):
        rows = Account.objects.visible_to(viewer).filter(pk__in=keys[at : at + PART]).order_by()
        visible |= set(rows.values_list("pk", flat=True))
    return [silence for silence in found if silence.account in visible]


def _months(today: dt.date, count: int) -> list[dt.date]:
    """The first days of the months, the oldest first."""
    found = [today.replace(day=1)]
    while len(found) < count:
        found.append((found[-1] - dt.timedelta(days=1)).replace(day=1))
    return found[::-1]
