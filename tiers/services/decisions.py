"""Deciding on proposals: approve, adjust, reject, singly and in sets. Exactly one decision per proposal wins."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from accounts.choices import TierSource
from accounts.services import TierMove, change_tiers
from audit.services import entry, record_many
from tiers.choices import TIERS, State
from tiers.errors import MayNotDecide, ProposalAlreadyDecided, ReasonMissing, TierUnknown
from tiers.models import TierProposal
from tiers.notation import notation
from tiers.querysets import ProposalQuerySet
from users.models import User

BATCH = 5000


@dataclass(frozen=True)
class Decision:
    """What is done with pending proposals. `tier` only where it is not the proposed one; `since`: from when on."""

    state: State
    actor: User | None
    now: dt.datetime
    since: dt.date
    reason: str = ""
    tier: str | None = None

    def final_tier(self, proposal: TierProposal) -> str:
        if self.state == State.REJECTED:
            return proposal.tier_before
        return proposal.proposed_tier if self.tier is None else self.tier


def approve_proposal(proposal: TierProposal, *, actor: User, now: dt.datetime) -> TierProposal:
    """Give the account the proposed tier. Raises MayNotDecide, ProposalAlreadyDecided."""
    return _decide_one(proposal, Decision(State.APPROVED, actor, now, timezone.localdate(now)))


def adjust_proposal(proposal: TierProposal, *, tier: str, reason: str, actor: User, now: dt.datetime) -> TierProposal:
    """Give the account another tier than proposed. Raises TierUnknown, ReasonMissing, MayNotDecide,
    ProposalAlreadyDecided."""
    if tier not in TIERS:
        raise TierUnknown(field="tier", tier=tier)
    decision = Decision(State.ADJUSTED, actor, now, timezone.localdate(now), _required(reason), tier)
    return _decide_one(proposal, decision)


def reject_proposal(proposal: TierProposal, *, reason: str, actor: User, now: dt.datetime) -> TierProposal:
    """Leave the account where it is. Raises ReasonMissing, MayNotDecide, ProposalAlreadyDecided."""
    decision = Decision(State.REJECTED, actor, now, timezone.localdate(now), _required(reason))
    return _decide_one(proposal, decision)


def approve_proposals(
    proposals: ProposalQuerySet, *, actor: User | None, now: dt.datetime, since: dt.date | None = None
) -> int:
    """Approve those of `proposals` that are pending and that `actor` may decide on; returns how many.

    Works in batches of 5,000, each a transaction of its own: after an interruption the same call does the rest. `actor`
    None is the system. `since` is when the tiers begin, the day of `now` unless given. Raises MayNotDecide.
    """
    return _decide_many(proposals, Decision(State.APPROVED, actor, now, since or timezone.localdate(now)))


def reject_proposals(proposals: ProposalQuerySet, *, reason: str, actor: User, now: dt.datetime) -> int:
    """Reject in the same way as `approve_proposals`. Raises ReasonMissing, MayNotDecide."""
    return _decide_many(proposals, Decision(State.REJECTED, actor, now, timezone.localdate(now), _required(reason)))


def _required(reason: str) -> str:
    if not reason.strip():
        raise ReasonMissing(field="reason")
    return reason.strip()


def _decide_one(proposal: TierProposal, decision: Decision) -> TierProposal:
    actor = decision.actor
    if actor is None or not actor.leads or not TierProposal.objects.editable_by(actor).filter(pk=proposal.pk).exists():
        raise MayNotDecide
    if not _decide([proposal.pk], decision):
        raise ProposalAlreadyDecided
    proposal.refresh_from_db()
    return proposal


def _decide_many(proposals: ProposalQuerySet, decision: Decision) -> int:
    if decision.actor is not None:
        if not decision.actor.leads:
            raise MayNotDecide
        proposals = proposals.editable_by(decision.actor)
    ids = sorted(proposals.pending().order_by().values_list("pk", flat=True))
    return sum(_decide(ids[start : start + BATCH], decision) for start in range(0, len(ids), BATCH))


@transaction.atomic
def _decide(ids: Sequence[int], decision: Decision) -> int:
    """Decide on those of `ids` that are still pending once their lock is ours; returns how many that were."""
    locked = TierProposal.objects.select_for_update(of=("self",)).filter(pk__in=ids).pending().order_by("pk")
    pending = list(locked.select_related("run__version__policy").defer("run__totals"))
    tiers = {decision.final_tier(proposal) for proposal in pending}
    for tier in tiers:
        members = [proposal.pk for proposal in pending if decision.final_tier(proposal) == tier]
        TierProposal.objects.filter(pk__in=members, state=State.PENDING).update(
            state=decision.state,
            final_tier=tier,
            decided_by=decision.actor,
            decided_at=decision.now,
            reason=decision.reason,
        )
    record_many(
        entry(
            f"tier_proposal.{decision.state.value}",
            proposal,
            actor=decision.actor,
            changes={"tier": (proposal.tier_before, decision.final_tier(proposal))},
            reason=decision.reason,
        )
        for proposal in pending
    )
    if decision.state != State.REJECTED:
        change_tiers(
            (
                TierMove(proposal.account_id, decision.final_tier(proposal), decision.reason or notation(proposal))
                for proposal in pending
            ),
            source=TierSource.POLICY,
            actor=decision.actor,
            today=decision.since,
        )
    return len(pending)
