"""The columns of alerts beside the account: how many want somebody to act, the worst one's severity and reason."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from accounts.models import AccountSummary
from health.models import Alert
from interactions.services.sets import update_rows

Columns = tuple[int, int, str]
NONE: Columns = (0, 0, "")
NAMES = ("open_alerts", "alert_severity", "alert_reason")
BATCH = 5000


@transaction.atomic
def refresh_alert_summaries(account_ids: Collection[int] | None = None) -> int:
    """Bring the columns of these accounts (None: of all) up to their alerts; returns how many rows were changed.

    A row that says the truth already is not touched; the others change in one statement for each part."""
    if account_ids is not None:
        return sum(_refresh(part) for part in _parts(sorted(set(account_ids))))
    with_alerts = Alert.objects.active().order_by().values_list("account", flat=True).distinct()
    said = AccountSummary.objects.filter(open_alerts__gt=0).order_by().values_list("account", flat=True)
    return sum(_refresh(part) for part in _parts(sorted({*with_alerts, *said})))


def _refresh(account_ids: list[int]) -> int:
    rows = AccountSummary.objects.filter(account__in=account_ids).order_by("account").select_for_update()
    before = {pk: (count, severity, reason) for pk, count, severity, reason in rows.values_list("account", *NAMES)}
    wanted = _columns(account_ids)
    changed = [(pk, *wanted.get(pk, NONE)) for pk, columns in before.items() if wanted.get(pk, NONE) != columns]
    update_rows(AccountSummary, ("account", *NAMES), changed)
    return len(changed)


def _columns(account_ids: list[int]) -> dict[int, Columns]:
    """What is true now, for the accounts that have alerts; of two as severe ones the more dangerous one counts."""
    found: dict[int, Columns] = {}
    rows = Alert.objects.active().filter(account__in=account_ids).order_by("account", "-severity", "-rank", "pk")
    for account_id, severity, reason in rows.values_list("account", "severity", "reason"):
        count, worst, why = found.get(account_id, (0, severity, reason))
        found[account_id] = (count + 1, worst, why)
    return found


def _parts(account_ids: list[int]) -> list[list[int]]:
    return [account_ids[at : at + BATCH] for at in range(0, len(account_ids), BATCH)]
