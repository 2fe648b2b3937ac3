"""A tier by hand: with a reason and a last day."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from accounts.choices import TierSource
from accounts.models import Account
from accounts.services import TierMove, change_tiers
from audit.services import record
from tiers.choices import State
from tiers.errors import MayNotDecide, OverrideEnded, OverrideExpired, ReasonMissing
from tiers.models import TierOverride, TierProposal
from users.models import User


@transaction.atomic
def set_override(
    account: Account, *, tier: str, reason: str, expires_on: dt.date, actor: User, today: dt.date
) -> TierOverride:
    """Give `account` a tier that runs leave alone up to and including `expires_on`.

    It takes the place of an earlier override, and the account's pending proposals are superseded. Raises MayNotDecide,
    ReasonMissing, OverrideExpired, ValidationError (unknown tier).
    """
    _check_may_decide(account, actor)
    if not reason.strip():
        raise ReasonMissing(field="reason")
    if expires_on < today:
        raise OverrideExpired(field="expires_on")
    Account.objects.select_for_update(of=("self",)).get(pk=account.pk)
    TierOverride.objects.filter(account=account, ended_on__isnull=True).update(ended_on=today)
    override = TierOverride(account=account, tier=tier, reason=reason.strip(), expires_on=expires_on, created_by=actor)
    override.full_clean()
    override.save()
    TierProposal.objects.pending().filter(account=account).update(state=State.SUPERSEDED)
    changes = {"tier": (account.tier, tier), "expires_on": (None, expires_on)}
    record("tier_override.set", override, actor=actor, changes=changes, reason=override.reason)
    move = TierMove(account.pk, tier, override.reason)
    change_tiers([move], source=TierSource.OVERRIDE, actor=actor, today=today)
    account.refresh_from_db(fields=["tier", "tier_since"])
    return override


@transaction.atomic
def end_override(override: TierOverride, *, actor: User, today: dt.date) -> TierOverride:
    """End an override early: the tier stays until the next run moves it. Raises MayNotDecide, OverrideEnded."""
    _check_may_decide(override.account, actor)
    if not TierOverride.objects.filter(pk=override.pk).live(today).update(ended_on=today):
        raise OverrideEnded
    override.ended_on = today
    record("tier_override.ended", override, actor=actor, changes={"ended_on": (None, today)})
    return override


def _check_may_decide(account: Account, actor: User) -> None:
    if not actor.leads or not Account.objects.editable_by(actor).filter(pk=account.pk).exists():
        raise MayNotDecide
