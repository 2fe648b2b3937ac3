"""Leave: one's own, or that of the people whom one leads. Two absences of one person never overlap."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from audit.services import diff, record, snapshot
from users.errors import LeaveOfOthers, LeaveOverlaps, LeaveTooLong, StandInInactive, StandInOneself
from users.models import Leave, User

MAX_DAYS = 366


@transaction.atomic
def add_leave(leave: Leave, *, actor: User | None) -> Leave:
    """Save a new absence. Raises LeaveOfOthers, LeaveOverlaps, LeaveTooLong, StandInOneself, StandInInactive,
    ValidationError."""
    _check(leave, actor)
    leave.save()
    changes: dict[str, tuple[Any, Any]] = {
        "from_date": (None, leave.from_date),
        "until_date": (None, leave.until_date),
        "kind": (None, leave.kind),
    }
    if leave.delegate_id is not None:
        changes["delegate"] = (None, leave.delegate_id)
    record("leave.added", leave, actor=actor, changes=changes)
    return leave


@transaction.atomic
def update_leave(leave: Leave, *, actor: User | None) -> Leave:
    """Save the changed days, kind, note and stand-in of an absence; it stays the same person's.

    Raises LeaveOfOthers, LeaveOverlaps, LeaveTooLong, StandInOneself, StandInInactive (unless they were named before),
    ValidationError.
    """
    stored = Leave.objects.select_for_update(of=("self",)).get(pk=leave.pk)
    leave.user = stored.user
    _check(leave, actor, stood_in=stored.delegate_id)
    leave.save()
    if changes := diff(snapshot(stored), leave):
        record("leave.updated", leave, actor=actor, changes=changes)
    return leave


@transaction.atomic
def remove_leave(leave: Leave, *, actor: User | None) -> None:
    """Delete an absence. Raises LeaveOfOthers."""
    _check_actor(leave, actor)
    changes = {"from_date": (leave.from_date, None), "until_date": (leave.until_date, None)}
    record("leave.removed", leave, actor=actor, changes=changes)
    Leave.objects.filter(pk=leave.pk).delete()


def _check(leave: Leave, actor: User | None, *, stood_in: int | None = None) -> None:
    leave.full_clean()
    _check_actor(leave, actor)
    if leave.delegate_id == leave.user_id:
        raise StandInOneself(field="delegate")
    if leave.delegate is not None and not leave.delegate.is_active and leave.delegate_id != stood_in:
        raise StandInInactive(field="delegate")
    if leave.until_date - leave.from_date >= dt.timedelta(days=MAX_DAYS):
        raise LeaveTooLong(field="until_date", days=MAX_DAYS)
    # Locked, so that two absences entered at the same moment cannot both pass.
    User.objects.select_for_update(of=("self",)).get(pk=leave.user_id)
    others = Leave.objects.filter(user_id=leave.user_id).exclude(pk=leave.pk)
    other = others.touching(leave.from_date, leave.until_date).order_by("from_date").first()
    if other is not None:
        raise LeaveOverlaps(field="from_date", first=other.from_date, last=other.until_date)


def _check_actor(leave: Leave, actor: User | None) -> None:
    if actor is None or leave.user_id == actor.pk:
        return
    if not User.objects.whose_leave_is_editable_by(actor).filter(pk=leave.user_id).exists():
        raise LeaveOfOthers(field="user")
