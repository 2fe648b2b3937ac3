"""Decisions on very many proposals: kept as a row, carried out by a worker, taken over when a worker dies."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q

from audit.services import record
from tiers.choices import BulkAction
from tiers.errors import MayNotDecide, ReasonMissing
from tiers.models import BulkDecision, TierProposal, TierRun
from tiers.querysets import ProposalQuerySet
from tiers.services.decisions import approve_proposals, reject_proposals
from users.models import User

# A worker that has not finished by then is taken for dead. Two at once do no harm: each proposal is decided once.
STALE = dt.timedelta(minutes=15)


def ask_for_decision(
    run: TierRun, *, move: str, action: BulkAction, reason: str, actor: User, now: dt.datetime
) -> BulkDecision:
    """Leave the decision on a whole move of `run` (blank: on all) for a worker. Raises MayNotDecide, ReasonMissing."""
    if not actor.leads:
        raise MayNotDecide
    if action == BulkAction.REJECT and not reason.strip():
        raise ReasonMissing(field="reason")
    job = BulkDecision.objects.create(
        run=run, move=move, action=action, reason=reason.strip(), actor=actor, asked_at=now
    )
    record("tier_run.bulk_decided", run, actor=actor, changes={"move": (None, str(job))}, reason=job.reason)
    return job


def due_decisions(now: dt.datetime) -> list[int]:
    """The decisions that wait for a worker, or whose worker seems dead, oldest first."""
    waiting = Q(claimed_at__isnull=True) | Q(claimed_at__lt=now - STALE)
    return list(BulkDecision.objects.filter(waiting, done_at__isnull=True).order_by("pk").values_list("pk", flat=True))


def carry_out_decision(pk: int, *, now: dt.datetime) -> int:
    """Claim the decision and carry it out; returns how many proposals it decided, 0 where there is nothing to claim.

    May be called any number of times: an interrupted one goes on where it stopped.
    """
    waiting = Q(claimed_at__isnull=True) | Q(claimed_at__lt=now - STALE)
    if not BulkDecision.objects.filter(waiting, pk=pk, done_at__isnull=True).update(claimed_at=now):
        return 0
    job = BulkDecision.objects.select_related("actor", "run").get(pk=pk)
    proposals = proposals_of(job.run, job.move)
    if job.action == BulkAction.REJECT:
        done = reject_proposals(proposals, reason=job.reason, actor=job.actor, now=job.asked_at)
    else:
        done = approve_proposals(proposals, actor=job.actor, now=job.asked_at)
    BulkDecision.objects.filter(pk=pk).update(done_at=now)
    return done


def proposals_of(run: TierRun, move: str) -> ProposalQuerySet:
    """All proposals of `run`, or those of one move."""
    proposals: ProposalQuerySet = TierProposal.objects.filter(run=run)
    return proposals.in_move(move) if move else proposals
