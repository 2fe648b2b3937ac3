"""Asking for an approval, taking that back, and talking about it."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction

from approvals.choices import RequestStatus, StepStatus
from approvals.errors import (
    AlreadyAsked,
    ApprovalClosed,
    CommentTooLong,
    MayNotSee,
    NobodyToAsk,
    NotRequester,
    TextMissing,
)
from approvals.models import ApprovalComment, ApprovalRequest, ApprovalRule, ApprovalStep, ApprovalVote
from approvals.registry import sees_row
from approvals.rules import Facts, first_fitting
from approvals.services.approvers import Ladder, ladder_of
from approvals.services.steps import finish, lock, open_step
from audit.services import record
from notifications.services import notify
from users.models import User

LIMIT = 2000


@transaction.atomic
def request_approval(
    subject: str,
    object_id: int,
    *,
    title: str,
    url: str,
    facts: Facts,
    actor: User,
    now: dt.datetime,
    note: str = "",
) -> ApprovalRequest | None:
    """Ask for the approval of a row; None where no rule fits, so that there is nothing to approve.

    Raises AlreadyAsked (one request at a time for a row), NobodyToAsk, CommentTooLong, ValidationError.
    """
    rule = rule_for(subject, facts)
    if rule is None:
        return None
    check_length(note, "note")
    request = ApprovalRequest(
        subject=subject, object_id=object_id, title=title[:200], url=url, note=note.strip(), facts=facts.as_json(),
        rule_name=rule.name, requested_by=actor, requested_at=now,
    )  # fmt: skip
    request.full_clean(exclude={"closed_at"}, validate_unique=False, validate_constraints=False)
    try:
        with transaction.atomic():
            request.save()
    except IntegrityError as error:
        raise AlreadyAsked from error
    _lay_out(request, rule, ladder_of(actor))
    record("approval.requested", request, actor=actor, changes={"rule": (None, rule.name)}, reason=request.note)
    first = request.steps.order_by("position").first()
    if first is not None:
        open_step(request, first, now=now)
    return request


def rule_for(subject: str, facts: Facts) -> ApprovalRule | None:
    """The rule that a request with these facts falls under."""
    rules = ApprovalRule.objects.filter(subject=subject, is_active=True, steps__isnull=False).distinct()
    return first_fitting(rules.order_by("position", "pk"), facts)


def _lay_out(request: ApprovalRequest, rule: ApprovalRule, ladder: Ladder) -> None:
    """The steps with everybody who will be asked; a step that nobody fits goes to the directors and says so."""
    votes = []
    for number, step in enumerate(rule.steps.prefetch_related("people").order_by("position"), 1):
        named = [user for user in step.people.all() if user.is_active and user.pk != request.requested_by_id]
        people = ladder.people(step.approver, named)
        asked = people or ladder.instead()
        if not asked:
            raise NobodyToAsk
        laid = ApprovalStep.objects.create(
            request=request, position=number, approver=step.approver, mode=step.mode, nobody_fits=not people
        )
        votes += [ApprovalVote(step=laid, user=user) for user in asked]
    ApprovalVote.objects.bulk_create(votes)


@transaction.atomic
def withdraw(request: ApprovalRequest, *, actor: User, now: dt.datetime) -> ApprovalRequest:
    """Take one's own request back. Raises NotRequester, ApprovalClosed."""
    locked = lock(request.pk)
    if locked is None or locked.requested_by_id != actor.pk:
        raise NotRequester
    if locked.status != RequestStatus.PENDING:
        raise ApprovalClosed(status=locked.get_status_display())
    asked = list(User.objects.filter(approval_votes__step__request=locked, approval_votes__status=StepStatus.OPEN))
    finish(locked, RequestStatus.WITHDRAWN, actor=actor, now=now)
    params = {"actor": actor, "title": locked.title}
    key = f"approval-withdrawn:{locked.pk}"
    notify(asked, "approval_withdrawn", params=params, url=locked.get_absolute_url(), key=key)
    request.refresh_from_db()
    return request


@transaction.atomic
def add_comment(request: ApprovalRequest, *, actor: User, now: dt.datetime, text: str) -> ApprovalComment:
    """Say something without deciding; open to everybody who sees the request or the row, also after the end.

    The requester and those who are to decide hear of it. Raises MayNotSee, TextMissing, CommentTooLong.
    """
    if not text.strip():
        raise TextMissing(field="text")
    check_length(text, "text")
    if not may_see(request, actor):
        raise MayNotSee
    comment = ApprovalComment.objects.create(request=request, user=actor, text=text.strip(), created_at=now)
    record("approval.commented", request, actor=actor, reason=comment.text)
    open_votes = {"approval_votes__step__request": request, "approval_votes__status": StepStatus.OPEN}
    people = {user.pk: user for user in (request.requested_by, *User.objects.filter(**open_votes))}
    people.pop(actor.pk, None)
    params = {"actor": actor, "title": request.title}
    key = f"approval-comment:{comment.pk}"
    notify(people.values(), "approval_commented", params=params, url=request.get_absolute_url(), key=key)
    return comment


def may_see(request: ApprovalRequest, user: User) -> bool:
    """Whether `user` sees the request, by their part in it or because they see the row."""
    if ApprovalRequest.objects.visible_to(user).filter(pk=request.pk).exists():
        return True
    return sees_row(user, request.subject, request.object_id)


def check_length(text: str, field: str) -> None:
    """Raises CommentTooLong."""
    if len(text.strip()) > LIMIT:
        raise CommentTooLong(field=field, limit=LIMIT)
