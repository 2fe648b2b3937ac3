"""Many new accounts at once, for imports and demo data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.db.models import CharField, F, Value
from django.db.models.functions import Cast, Concat

from accounts.models import Account, AccountSummary, ManagerAssignment
from audit.services import entry, record_many
from search.services import index_rows
from users.models import User

BATCH = 5000


@transaction.atomic
def insert_accounts(accounts: Sequence[Account], *, actor: User | None, reason: str, today: dt.date) -> list[Account]:
    """Insert new top-level accounts (no parent) with summary rows, open manager assignments, audit entries and search
    entries, in sets. `account.manager` is honoured. The rows are trusted: the caller has validated them."""
    for start in range(0, len(accounts), BATCH):
        chunk = Account.objects.bulk_create(accounts[start : start + BATCH])
        ids = [account.pk for account in chunk]
        path = Concat(Cast(F("pk"), CharField()), Value("."))
        Account.objects.filter(pk__in=ids).update(path=path)
        AccountSummary.objects.bulk_create(AccountSummary(account=account) for account in chunk)
        ManagerAssignment.objects.bulk_create(
            ManagerAssignment(
                account=account,
                manager_id=account.manager_id,
                from_date=account.customer_since or today,
                reason=reason,
                assigned_by=actor,
            )
            for account in chunk
            if account.manager_id
        )
        record_many(entry("account.created", account, actor=actor, reason=reason) for account in chunk)
        index_rows("account", ids)
    return list(accounts)
