"""The course of a request: one step after another, then its end. Callers hold the lock of the request's row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from approvals.choices import Mode, RequestStatus, StepStatus
from approvals.models import ApprovalRequest, ApprovalStep, ApprovalVote
from approvals.registry import handler_of
from approvals.services.approvers import ladder_of, stand_ins
from audit.services import record
from notifications.services import notify
from users.models import User

LIVE = (StepStatus.WAITING, StepStatus.OPEN)


def lock(pk: int, *, skip_locked: bool = False) -> ApprovalRequest | None:
    """The request with its row locked: whoever decides second finds what the first has done."""
    rows = ApprovalRequest.objects.select_for_update(of=("self",), skip_locked=skip_locked)
    return rows.select_related("requested_by__team").filter(pk=pk).first()


def open_step(request: ApprovalRequest, step: ApprovalStep, *, now: dt.datetime) -> None:
    """It is this step's turn: ask its people. Who has left meanwhile is replaced by who is above them."""
    step.status, step.opened_at = StepStatus.OPEN, now
    step.save(update_fields=["status", "opened_at"])
    for vote in step.votes.filter(user__is_active=False, status=StepStatus.WAITING).select_related("user__team"):
        replace(request, step, vote)
    step.votes.filter(status=StepStatus.WAITING).update(status=StepStatus.OPEN)
    tell_asked(request, step, now=now)


def replace(request: ApprovalRequest, step: ApprovalStep, vote: ApprovalVote) -> list[User]:
    """Ask who is above the one who has left; returns them, nobody where those are asked in this step already.

    Where one of them is enough, all of the next level are asked; where all have to agree, one person for one.
    """
    others = list(step.votes.exclude(pk=vote.pk).exclude(status=StepStatus.CLOSED).values_list("user", flat=True))
    found: list[User] = []
    for level in ladder_of(vote.user, without=[request.requested_by_id]).upwards():
        found = [person for person in level if person.pk not in others]
        if found or step.mode == Mode.ONE:
            break
    asked = found if step.mode == Mode.ONE else found[:1]
    if not asked and not others:
        return []  # nobody is left to ask: it stays where it is
    for person in asked:
        values = {"status": vote.status, "in_place_of": vote.user}
        ApprovalVote.objects.update_or_create(step=step, user=person, defaults=values)
    ApprovalVote.objects.filter(pk=vote.pk).update(status=StepStatus.CLOSED)
    changes = {"approver": (str(vote.user), ", ".join(str(person) for person in asked))}
    record("approval.reassigned", request, actor=None, changes=changes)
    return asked


def tell_asked(request: ApprovalRequest, step: ApprovalStep, *, now: dt.datetime) -> None:
    """Tell those who are to decide, and whoever stands in for them today; each once a step."""
    voters = [vote.user for vote in step.votes.filter(status=StepStatus.OPEN).select_related("user")]
    key, url = f"approval-asked:{step.pk}", request.get_absolute_url()
    params = {"actor": request.requested_by, "title": request.title}
    notify(voters, "approval_asked", params=params, url=url, key=key)
    for person, away in stand_ins([voter.pk for voter in voters], now):
        if person.pk != request.requested_by_id:
            notify([person], "approval_asked_for", params={**params, "user": away}, url=url, key=key)


def settle(request: ApprovalRequest, step: ApprovalStep, *, actor: User | None, now: dt.datetime) -> bool:
    """End the step if enough have agreed, then open the next or end the request; whether the step has ended."""
    states = set(step.votes.values_list("status", flat=True))
    if StepStatus.APPROVED not in states or (step.mode == Mode.ALL and StepStatus.OPEN in states):
        return False
    _close_step(step, StepStatus.APPROVED, now)
    following = request.steps.filter(status=StepStatus.WAITING).order_by("position").first()
    if following is not None:
        open_step(request, following, now=now)
    else:
        finish(request, RequestStatus.APPROVED, actor=actor, now=now)
    return True


def finish(
    request: ApprovalRequest, status: RequestStatus, *, actor: User | None, now: dt.datetime, reason: str = ""
) -> None:
    """The end: nobody is asked any more, and the app that owns the row does what follows, in this transaction."""
    open_step_status = StepStatus.SENT_BACK if status == RequestStatus.SENT_BACK else StepStatus.CLOSED
    for step in request.steps.filter(status__in=LIVE):
        _close_step(step, open_step_status if step.status == StepStatus.OPEN else StepStatus.CLOSED, now)
    request.status, request.closed_at = status, now
    request.save(update_fields=["status", "closed_at"])
    changes = {"status": (RequestStatus.PENDING, status)}
    record(f"approval.{status.value}", request, actor=actor, changes=changes, reason=reason)
    handler = handler_of(request.subject)
    (handler.approved if status == RequestStatus.APPROVED else handler.reopened)(request, actor, now)


def tell_requester(request: ApprovalRequest, kind: str, *, actor: User | None, **params: str) -> None:
    """The outcome, once."""
    if actor is not None:
        params["actor"] = str(actor)
    people: Iterable[User] = [request.requested_by]
    url, key = request.get_absolute_url(), f"approval-outcome:{request.pk}"
    notify(people, kind, params={"title": request.title, **params}, url=url, key=key)


def _close_step(step: ApprovalStep, status: StepStatus, now: dt.datetime) -> None:
    step.votes.filter(status__in=LIVE).update(status=StepStatus.CLOSED)
    step.status, step.closed_at = status, now
    step.save(update_fields=["status", "closed_at"])
