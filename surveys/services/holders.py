"""Sums of answers move with the account to its new manager.

Readers who see a part of the company read the cells of the cut `holder`; an account whose manager has changed since is
corrected by them answer by answer, until this job has moved its sums. It may be killed and run twice: an account is
moved in one transaction, together with the row that says where it stands.
"""

from __future__ import annotations

from collections import defaultdict

from django.db import connection, transaction
from django.db.models import F, Q

from surveys.models import Campaign, Response, ResultHolder
from surveys.models.answers import HOLDER
from surveys.services.folding import change_cells, numbers_of

BATCH = 200


def move_sums() -> int:
    """Move the sums of every account whose manager has changed; returns the accounts moved."""
    total = 0
    while moved := _move_batch():
        total += moved
    return total


@transaction.atomic
def _move_batch() -> int:
    now = F("account__manager")
    changed = Q(manager__isnull=True, account__manager__isnull=False) | Q(
        manager__isnull=False, account__manager__isnull=True
    )
    rows = ResultHolder.objects.filter(changed | (Q(manager__isnull=False) & ~Q(manager=now))).order_by("pk")
    skip = connection.features.has_select_for_update_skip_locked
    rows = rows.select_for_update(of=("self",) if skip else (), skip_locked=skip)
    accounts = list(rows.values_list("pk", flat=True)[:BATCH])
    if not accounts:
        return 0
    by_campaign: dict[int, list[int]] = defaultdict(list)
    counted = Response.objects.filter(account__in=accounts, counted=True).order_by("pk")
    for campaign, response in counted.values_list("campaign_id", "pk"):
        by_campaign[campaign].append(response)
    campaigns = Campaign.objects.in_bulk(by_campaign)
    for pk, ids in sorted(by_campaign.items()):
        change_cells(pk, ids, numbers_of(campaigns[pk]), [HOLDER], take=True)
    for account, manager in ResultHolder.objects.filter(pk__in=accounts).values_list("pk", "account__manager_id"):
        ResultHolder.objects.filter(pk=account).update(manager=manager)
    for pk, ids in sorted(by_campaign.items()):
        change_cells(pk, ids, numbers_of(campaigns[pk]), [HOLDER])
    return len(accounts)
