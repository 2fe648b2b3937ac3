"""What a signature, or a first deed, means for an open renewal. Imports nothing that signs."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from audit.services import record
from contracts.choices import Phase, RenewalOutcome
from contracts.models import Contract, Renewal
from interactions.choices import StepStatus
from interactions.errors import StepClosed
from interactions.services import complete_step
from users.models import User

OPEN = RenewalOutcome.OPEN
SIGNED = (Phase.SIGNED, Phase.TERMINATED)


@transaction.atomic
def note_signed(contract: Contract, *, actor: User | None, today: dt.date, now: dt.datetime) -> int:
    """A contract was signed: the open renewals of the one that it follows are decided; returns how many.

    Part of `sign_version`; the nightly job does the same for those that were signed before their renewal opened.
    """
    decided = 0
    if contract.predecessor_id is None or contract.phase not in SIGNED:
        return decided
    rows = Renewal.objects.select_for_update(of=("self",)).filter(contract=contract.predecessor_id, outcome=OPEN)
    for renewal in rows.select_related("contract", "step"):
        act(renewal, now)
        renewal.outcome, renewal.decided_by, renewal.decided_on = RenewalOutcome.RENEWED, actor, today
        renewal.save(update_fields=["outcome", "decided_by", "decided_on", "updated_at"])
        record("renewal.renewed", renewal, actor=actor, changes={"outcome": (OPEN, renewal.outcome)})
        finish_step(renewal, str(contract), actor=actor, now=now)
        decided += 1
    return decided


def act(renewal: Renewal, now: dt.datetime) -> None:
    """Somebody did something about it: the first time counts."""
    if renewal.acted_at is None:
        renewal.acted_at = now
        renewal.save(update_fields=["acted_at", "updated_at"])


def finish_step(renewal: Renewal, note: str, *, actor: User | None, now: dt.datetime) -> None:
    """The task is done with the decision, unless somebody closed it."""
    if renewal.step is None or renewal.step.status != StepStatus.OPEN:
        return
    try:
        complete_step(renewal.step, actor=actor, now=now, note=note)
    except StepClosed:
        return
