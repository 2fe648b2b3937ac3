"""Asking: who is due today gets an invitation, in batches, each a transaction of its own.

Whom a campaign may ask is looked for once over all, which says where the batches begin and end, and again batch by
batch with the policy's row locked: whatever else asks waits, looks again, and finds the contact asked. So nobody is
asked twice within the policy's days, by any number of campaigns and workers at once; and what is killed half-way goes
on where it stopped, since who was asked is found asked.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from surveys.choices import Timing
from surveys.models import Campaign
from surveys.periods import period_start
from surveys.services.audience import askable, tier_months
from surveys.services.invitations import Wanted, make_invitations
from surveys.services.policy import locked_policy, policy_now
from users.models import User

BATCH = 2000
READ = (
    "contact__email", "contact__preferred_language", "account__name", "account__country", "account__region",
    "account__tier", "account__manager_id",
)  # fmt: skip
"""Of an employment, what an invitation is made from."""


def ask_due(*, today: dt.date, now: dt.datetime) -> int:
    """Ask in every running campaign whom it asks on `today`; returns how many were asked."""
    running = Campaign.objects.running(today).order_by("start_date", "pk").values_list("pk", flat=True)
    return sum(ask(pk, today=today, now=now) for pk in list(running))


def ask(campaign_id: int, *, today: dt.date, now: dt.datetime, actor: User | None = None) -> int:
    """Ask whom one campaign asks on `today`; returns how many. Nobody where it does not run on that day."""
    asked = 0
    for batch in _batches(campaign_id, today):
        with transaction.atomic():
            policy = locked_policy()
            campaign = _running(campaign_id, today)
            if campaign is None:
                return asked
            rows = askable(campaign, today, policy).filter(pk__range=batch).only(*READ).order_by("pk")
            wanted = [Wanted(row, _occasion(campaign, row, today)) for row in rows]
            make_invitations(campaign, wanted, policy, today=today, now=now, actor=actor)
        asked += len(wanted)
    return asked


def _batches(campaign_id: int, today: dt.date) -> list[tuple[int, int]]:
    """From which employment to which the campaign asks at a time: about BATCH people each. Nothing is locked; who can
    be asked only after this was read is asked by the next run."""
    campaign = Campaign.objects.running(today).filter(pk=campaign_id).first()
    if campaign is None:
        return []
    pks = list(askable(campaign, today, policy_now()).order_by("pk").values_list("pk", flat=True))
    return [(part[0], part[-1]) for part in (pks[at : at + BATCH] for at in range(0, len(pks), BATCH))]


def _running(campaign_id: int, today: dt.date) -> Campaign | None:
    """The campaign where it runs on that day, locked: it does not end while a batch is written. Answers may come in."""
    rows = Campaign.objects.select_for_update(of=("self",), no_key=True).running(today)
    return rows.filter(pk=campaign_id).first()


def _occasion(campaign: Campaign, row: Any, today: dt.date) -> str:
    """What an employment is asked for: nothing in particular, the period of its tier, or the event."""
    if campaign.timing == Timing.ONCE:
        return ""
    if campaign.timing == Timing.EVENT:
        return f"{campaign.event}:{row.event}"
    months = next(months for tiers, months in tier_months(campaign) if row.account.tier in tiers)
    return period_start(campaign.start_date, months, today).isoformat()
