"""The tier of accounts and its history. The decisions themselves are made in the tiers app."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from accounts.choices import TierSource
from accounts.models import Account, TierHistory
from audit.services import entry, record_many
from users.models import User


@dataclass(frozen=True)
class TierMove:
    """One account's new tier (`""`: none) and why, in words."""

    account_id: int
    tier: str
    reason: str


@transaction.atomic
def change_tiers(moves: Iterable[TierMove], *, source: TierSource, actor: User | None, today: dt.date) -> int:
    """Set the tiers of many accounts with their history and audit entries, in sets of 5,000; returns how many changed.

    Accounts that have the tier already are left alone, so a second run changes nothing.
    """
    by_account = {move.account_id: move for move in moves}
    ids, changed = sorted(by_account), 0
    for start in range(0, len(ids), 5000):
        # In the order of their keys, as every set of accounts is locked: two sets never wait for each other.
        chunk = Account.objects.filter(pk__in=ids[start : start + 5000]).order_by("pk")
        accounts = chunk.select_for_update(of=("self",))
        moving = [account for account in accounts if account.tier != by_account[account.pk].tier]
        TierHistory.objects.bulk_create(
            TierHistory(
                account=account,
                tier=by_account[account.pk].tier,
                previous_tier=account.tier,
                since=today,
                source=source,
                reason=by_account[account.pk].reason,
                decided_by=actor,
            )
            for account in moving
        )
        record_many(
            entry(
                "account.tier_changed",
                account,
                actor=actor,
                changes={"tier": (account.tier, by_account[account.pk].tier)},
                reason=by_account[account.pk].reason,
            )
            for account in moving
        )
        for tier in {by_account[account.pk].tier for account in moving}:
            members = [account.pk for account in moving if by_account[account.pk].tier == tier]
            Account.objects.filter(pk__in=members).update(tier=tier, tier_since=today)
        changed += len(moving)
    return changed
