"""The account summary's column for the next renewal: the one place that writes it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection
from typing import Any

from django.db import connection

_DIALECTS = {
    "postgresql": {"ids": "= ANY(%s::bigint[])", "date": "%s::date", "is_new": "IS DISTINCT FROM"},
    "sqlite": {"ids": "IN (SELECT value FROM json_each(%s))", "date": "%s", "is_new": "IS NOT"},
}
_REFRESH = """
UPDATE accounts_accountsummary AS s SET next_renewal_date = n.next_end
FROM (
    SELECT a.account_id, MIN(c.end_date) AS next_end
    FROM accounts_accountsummary a
    LEFT JOIN contracts_contract c ON c.account_id = a.account_id AND c.phase = 'signed'
        AND (c.end_date >= {date} OR (c.renews_itself AND c.notice_given_on IS NULL))
        AND NOT EXISTS (
            SELECT 1 FROM contracts_contract f WHERE f.predecessor_id = c.id AND f.phase IN ('signed', 'terminated')
        )
    {where}
    GROUP BY a.account_id
) n
WHERE s.account_id = n.account_id AND s.next_renewal_date {is_new} n.next_end
"""


def refresh_next_renewals(account_ids: Collection[int] | None = None, *, today: dt.date) -> int:
    """Set `next_renewal_date`: the earliest end of a term among the running contracts of each account that no signed
    contract follows. One statement; without `account_ids`: all accounts. Returns the rows that changed.
    """
    words = _DIALECTS[connection.vendor]
    params: list[Any] = [today if connection.vendor == "postgresql" else today.isoformat()]
    statement = _REFRESH.replace("{where}", "" if account_ids is None else "WHERE a.account_id {ids}")
    if account_ids is not None:
        ids = sorted(account_ids)
        params.append(ids if connection.vendor == "postgresql" else json.dumps(ids))
    for name, text in words.items():
        statement = statement.replace("{" + name + "}", text)
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.rowcount
