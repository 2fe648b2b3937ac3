"""Promises and next steps: added, changed, done, dropped, opened again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction
from django.urls import reverse

from accounts.choices import Status
from accounts.errors import AccountReadOnly
from audit.services import diff, entry, record, record_many, snapshot
from interactions.choices import StepKind, StepStatus
from interactions.errors import DueTooEarly, InteractionElsewhere, ReasonNeeded, StepClosed, StepOpen, StepOwnerInactive
from interactions.models import NextStep
from interactions.moments import local_date
from notifications.services import notify
from users.models import User

NOTE_LENGTH = 300


@transaction.atomic
def add_step(step: NextStep, *, actor: User | None, now: dt.datetime) -> NextStep:
    """Give somebody a step to do; whoever gets it from another is told.

    Raises ValidationError, AccountReadOnly (terminated), StepOwnerInactive, DueTooEarly.
    """
    check_step(step, actor=actor, now=now)
    step.save()
    record(
        "step.added", step, actor=actor, changes={"owner": (None, str(step.owner)), "due_date": (None, step.due_date)}
    )
    _tell_owner(step, actor)
    return step


@transaction.atomic
def add_steps(steps: Sequence[NextStep]) -> None:
    """Many steps that the system gives, in sets: as `add_step` without an actor, but unchecked, since their values are
    the job's own. Owners are active, no account is terminated; owner and account are loaded."""
    NextStep.objects.bulk_create(steps, batch_size=2000)
    record_many(
        entry(
            "step.added", step, actor=None,
            changes={"owner": (None, str(step.owner)), "due_date": (None, step.due_date)},
        )
        for step in steps
    )  # fmt: skip


@transaction.atomic
def close_steps(ids: Collection[int], status: StepStatus, *, now: dt.datetime, note: str) -> int:
    """Close those of these steps that are open, for the system, in sets; returns how many."""
    steps = list(NextStep.objects.filter(pk__in=ids).open().order_by("pk").select_for_update(of=("self",)))
    NextStep.objects.filter(pk__in=[step.pk for step in steps]).update(
        status=status, closed_at=now, closing_note=note[:NOTE_LENGTH], updated_at=now
    )
    action = "step.completed" if status == StepStatus.DONE else "step.dropped"
    changes = {"status": (StepStatus.OPEN, status)}
    record_many(entry(action, step, actor=None, changes=changes, reason=note) for step in steps)
    return len(steps)


def check_step(step: NextStep, *, actor: User | None, now: dt.datetime) -> None:
    """Raises what `add_step` raises; writes nothing. The account and the interaction need not be saved yet."""
    step.full_clean(exclude=["interaction", "account"])
    if step.account.status == Status.TERMINATED:
        raise AccountReadOnly
    if step.interaction is not None and step.interaction.account_id != step.account_id:
        raise InteractionElsewhere(field="interaction")
    _check_owner(step)
    _check_due(step, actor, now)


@transaction.atomic
def update_step(step: NextStep, *, actor: User | None, now: dt.datetime) -> NextStep:
    """Change text, kind, owner or due date of an open step. Raises what `add_step` raises, and StepClosed."""
    stored = _locked(step)
    if stored.status != StepStatus.OPEN:
        raise StepClosed
    before = snapshot(stored)
    step.full_clean(exclude=["interaction", "account"])
    changes = diff(before, step)
    if "owner" in changes:
        _check_owner(step)
    if "due_date" in changes:
        _check_due(step, actor, now)
    if changes:
        step.save(update_fields=[*changes, "updated_at"])
        record("step.updated", step, actor=actor, changes=changes)
    if "owner" in changes:
        _tell_owner(step, actor)
    return step


def complete_step(step: NextStep, *, actor: User | None, now: dt.datetime, note: str = "") -> NextStep:
    """It is done. Raises StepClosed where somebody was quicker."""
    return _close(step, StepStatus.DONE, note, actor=actor, now=now)


def drop_step(step: NextStep, *, actor: User | None, now: dt.datetime, reason: str) -> NextStep:
    """It will not be done, and why. Raises ReasonNeeded, StepClosed."""
    if not reason.strip():
        raise ReasonNeeded(field="reason")
    return _close(step, StepStatus.DROPPED, reason, actor=actor, now=now)


@transaction.atomic
def reopen_step(step: NextStep, *, actor: User | None, now: dt.datetime) -> NextStep:
    """It is to be done after all. Raises StepOpen."""
    stored = _locked(step)
    if stored.status == StepStatus.OPEN:
        raise StepOpen
    _set_status(step, StepStatus.OPEN, None, None, "")
    record("step.reopened", step, actor=actor, changes={"status": (stored.status, step.status)})
    return step


@transaction.atomic
def _close(step: NextStep, status: StepStatus, note: str, *, actor: User | None, now: dt.datetime) -> NextStep:
    if _locked(step).status != StepStatus.OPEN:
        raise StepClosed
    _set_status(step, status, now, actor, note.strip()[:NOTE_LENGTH])
    action = "step.completed" if status == StepStatus.DONE else "step.dropped"
    record(action, step, actor=actor, changes={"status": (StepStatus.OPEN, status)}, reason=step.closing_note)
    _tell(step, f"step_{status}", actor, f"step:{step.pk}:{status}:{now:%Y%m%dT%H%M%S}")
    return step


def _set_status(
    step: NextStep, status: StepStatus, closed_at: dt.datetime | None, closed_by: User | None, note: str
) -> None:
    step.status, step.closed_at, step.closed_by, step.closing_note = status, closed_at, closed_by, note
    step.save(update_fields=["status", "closed_at", "closed_by", "closing_note", "updated_at"])


def _locked(step: NextStep) -> NextStep:
    return NextStep.objects.select_for_update(of=("self",)).get(pk=step.pk)


def _check_owner(step: NextStep) -> None:
    if not step.owner.is_active:
        raise StepOwnerInactive(field="owner", name=step.owner)


def _check_due(step: NextStep, actor: User | None, now: dt.datetime) -> None:
    """Not before what it follows from; where it follows from nothing, not before today."""
    earliest = step.interaction.date if step.interaction is not None else local_date(now, actor)
    if step.due_date < earliest:
        raise DueTooEarly(field="due_date", date=f"{earliest:%Y-%m-%d}")


def _tell_owner(step: NextStep, actor: User | None) -> None:
    kind = "promise_assigned" if step.kind == StepKind.PROMISE else "step_assigned"
    _tell(step, kind, actor, f"step:{step.pk}:owner:{step.owner_id}", date=step.due_date)


def _tell(step: NextStep, kind: str, actor: User | None, key: str, **params: Any) -> None:
    """Nobody is told of their own deeds."""
    if actor is not None and step.owner != actor:
        words = {"actor": actor, "account": step.account, "text": step.text, **params}
        words["about"] = step.account.get_absolute_url()
        notify([step.owner], kind, params=words, url=reverse("interactions:step_list"), key=key)
