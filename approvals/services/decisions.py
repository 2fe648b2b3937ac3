"""Deciding: by those who are asked, and by their stand-ins during leave. Exactly one decision counts at a time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from approvals.choices import Mode, RequestStatus, StepStatus
from approvals.errors import ApprovalClosed, CommentMissing, NotAsked, OwnRequest, StepDecided, StepMoved
from approvals.models import ApprovalRequest, ApprovalStep, ApprovalVote
from approvals.services.approvers import represented_by
from approvals.services.requests import check_length
from approvals.services.steps import finish, lock, settle, tell_requester
from audit.services import record
from users.models import User


@dataclass(frozen=True)
class Seat:
    """What somebody decides now: the open step of the locked request, and the votes that are theirs to give."""

    request: ApprovalRequest
    step: ApprovalStep
    votes: list[ApprovalVote]


@transaction.atomic
def approve(
    request: ApprovalRequest, *, actor: User, now: dt.datetime, comment: str = "", step: int | None = None
) -> ApprovalRequest:
    """Agree, for oneself and for whom one stands in. `step` is the position of the step that the actor has looked at.

    What follows from the last approval happens in the same transaction: an error of the row's app undoes the decision.
    Raises OwnRequest, NotAsked, ApprovalClosed, StepDecided, StepMoved, CommentTooLong.
    """
    check_length(comment, "comment")
    seat = _take_seat(request, actor, now, step)
    _vote(seat, StepStatus.APPROVED, actor=actor, now=now, comment=comment.strip())
    _record_vote("approval.agreed", seat, actor=actor, comment=comment.strip())
    if settle(seat.request, seat.step, actor=actor, now=now) and seat.request.status == RequestStatus.APPROVED:
        tell_requester(seat.request, "approval_approved", actor=actor)
    request.refresh_from_db()
    return request


@transaction.atomic
def send_back(
    request: ApprovalRequest, *, actor: User, now: dt.datetime, comment: str, step: int | None = None
) -> ApprovalRequest:
    """Refuse it as it is, and say what should be different: one is enough, whatever the mode of the step.

    Raises CommentMissing, and as `approve`.
    """
    if not comment.strip():
        raise CommentMissing(field="comment")
    check_length(comment, "comment")
    seat = _take_seat(request, actor, now, step)
    _vote(seat, StepStatus.SENT_BACK, actor=actor, now=now, comment=comment.strip())
    finish(seat.request, RequestStatus.SENT_BACK, actor=actor, now=now, reason=comment.strip())
    tell_requester(seat.request, "approval_sent_back", actor=actor, comment=comment.strip()[:200])
    request.refresh_from_db()
    return request


def _take_seat(request: ApprovalRequest, actor: User, now: dt.datetime, position: int | None) -> Seat:
    """Lock the request and find what `actor` decides. Raises OwnRequest, NotAsked, and a Conflict for the late."""
    locked = lock(request.pk)
    if locked is None or not actor.is_active:
        raise NotAsked
    if locked.requested_by_id == actor.pk:
        raise OwnRequest
    people = represented_by(actor, now)
    if locked.status != RequestStatus.PENDING:
        if not ApprovalVote.objects.filter(step__request=locked, user__in=people).exists():
            raise NotAsked
        raise ApprovalClosed(status=locked.get_status_display())
    step = locked.steps.get(status=StepStatus.OPEN)
    if position is not None and position != step.position:
        raise StepMoved
    votes = list(step.votes.filter(user__in=people, status=StepStatus.OPEN).select_related("user").order_by("pk"))
    if votes:
        return Seat(locked, step, sorted(votes, key=lambda vote: vote.user_id != actor.pk))
    decided = ApprovalVote.objects.filter(step__request=locked, user__in=people).exclude(status=StepStatus.WAITING)
    raise StepDecided if decided.exists() else NotAsked


def _vote(seat: Seat, status: StepStatus, *, actor: User, now: dt.datetime, comment: str) -> None:
    """Where one is enough, one vote is given: the actor's own if they have one."""
    several = seat.step.mode == Mode.ALL and status == StepStatus.APPROVED
    given = [vote.pk for vote in (seat.votes if several else seat.votes[:1])]
    ApprovalVote.objects.filter(pk__in=given).update(
        status=status, decided_by=actor, decided_at=now, comment=comment
    )  # fmt: skip
    del seat.votes[len(given) :]


def _record_vote(action: str, seat: Seat, *, actor: User, comment: str) -> None:
    changes: dict[str, tuple[None, str]] = {"step": (None, str(seat.step))}
    if away := [str(vote.user) for vote in seat.votes if vote.user_id != actor.pk]:
        changes["stand_in_for"] = (None, ", ".join(away))
    record(action, seat.request, actor=actor, changes=changes, reason=comment)
