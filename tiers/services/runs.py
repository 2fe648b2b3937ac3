"""Applying a policy: one run per policy version and date, with one proposal per account."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import suppress

from django.db import transaction

from audit.services import record
from core.bulk import copy_rows
from tiers.choices import State
from tiers.errors import NothingToRank, PolicyWithoutVersion
from tiers.models import TierPolicy, TierProposal, TierRun
from tiers.services.evaluation import Evaluation, Line, earlier_runs, evaluate
from users.models import User

DECIDED = (State.APPROVED, State.ADJUSTED, State.REJECTED, State.SUPERSEDED)
COLUMNS = ("run_id", *Line.COLUMNS)


@transaction.atomic
def run_policy(policy: TierPolicy, as_of: dt.date, *, actor: User | None) -> TierRun:
    """Evaluate every account by the policy's newest version and leave proposals, all in one transaction.

    A run of the same version and date is made anew as long as none of its proposals is decided; after that the run is
    returned as it is. Proposals of runs up to `as_of` that are still pending are superseded.
    Raises PolicyWithoutVersion, NothingToRank.
    """
    policy = TierPolicy.objects.select_for_update().get(pk=policy.pk)
    version = policy.current_version
    if version is None:
        raise PolicyWithoutVersion
    run = TierRun.objects.filter(version=version, as_of=as_of).first()
    if run is not None and not _clear(run):
        return run
    earlier = earlier_runs(policy, as_of, version)
    result = evaluate(version, as_of, earlier=earlier)
    run = run or TierRun(version=version, as_of=as_of)
    run.period_start, run.period_end = result.period
    run.currency, run.totals, run.created_by = result.currency, result.totals, actor
    run.previous_run = earlier[0] if earlier else None
    run.save()
    _insert(run, result.lines)
    pending = TierProposal.objects.pending().filter(run__as_of__lte=as_of).exclude(run=run)
    superseded = pending.update(state=State.SUPERSEDED)
    record("tier_run.made", run, actor=actor, changes=_summary(result, superseded))
    return run


def run_due_policies(*, today: dt.date) -> list[TierRun]:
    """Run the policies whose schedule has fallen due and that have not been run since; a second call does nothing."""
    runs = []
    for policy in TierPolicy.objects.filter(enabled=True).prefetch_related("versions"):
        due = policy.last_due(today)
        if due is None or due < policy.created_at.date() or policy.current_version is None:
            continue
        if not TierRun.objects.filter(version__policy=policy, as_of__gte=due).exists():
            with suppress(NothingToRank):  # no orders have come in yet; tomorrow it is tried again
                runs.append(run_policy(policy, due, actor=None))
    return runs


def _clear(run: TierRun) -> bool:
    """Take away the proposals of an undecided run; False, and nothing done, where something is decided.

    The pending ones are locked first, so that nobody decides on one that is about to go.
    """
    list(run.proposals.pending().select_for_update().order_by("pk").values_list("pk", flat=True))
    if run.proposals.filter(state__in=DECIDED).exists():
        return False
    proposals = TierProposal.objects.filter(run=run)
    proposals._raw_delete(proposals.db)
    return True


def _summary(result: Evaluation, superseded: int) -> dict[str, tuple[None, int]]:
    moves = sum(line.proposed_tier != line.tier_before for line in result.lines)
    return {"accounts": (None, len(result.lines)), "moves": (None, moves), "superseded": (None, superseded)}


def _insert(run: TierRun, lines: Sequence[Line]) -> None:
    copy_rows(TierProposal, COLUMNS, ((run.pk, *line.row()) for line in lines))
