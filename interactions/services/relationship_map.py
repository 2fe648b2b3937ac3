"""Writes of the relationship map as a whole; those about one person are in `contacts.services`."""

from __future__ import annotations

from django.db import transaction

from accounts.models import Account
from audit.services import record
from contacts.models import Employment
from users.models import User


@transaction.atomic
def reset_map(account: Account, *, actor: User | None) -> int:
    """Take every person of the account back to where the chart puts them; returns how many had been moved."""
    moved = Employment.objects.filter(account=account, map_x__isnull=False).order_by()
    count = moved.update(map_x=None, map_y=None)
    if count:
        record("account.map_reset", account, actor=actor, changes={"places": (count, 0)})
    return count
