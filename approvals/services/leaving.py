"""When an approver leaves, their open votes go to who is above them."""

from __future__ import annotations

import datetime as dt
import logging

from django.db import transaction

from approvals.choices import RequestStatus, StepStatus
from approvals.models import ApprovalVote
from approvals.services.steps import LIVE, lock, replace, settle, tell_asked, tell_requester
from core.errors import DomainError
from users.models import User

logger = logging.getLogger(__name__)


def reassign_votes_of(user: User, *, now: dt.datetime, skip_locked: bool = False) -> int:
    """Give what `user` still has to decide to their superior; returns how many requests that touched.

    Call it once they are deactivated. `skip_locked` leaves out what somebody is deciding at this moment, for a caller
    that holds locks itself: the job comes back to it.
    """
    votes = ApprovalVote.objects.filter(user=user, status__in=LIVE, step__request__status=RequestStatus.PENDING)
    requests = sorted(set(votes.values_list("step__request", flat=True)))
    return sum(_reassign(pk, user, now=now, skip_locked=skip_locked) for pk in requests)


def reassign_lost_votes(*, now: dt.datetime) -> int:
    """The same for everybody who has left and still is asked: what was missed at the moment of leaving."""
    votes = ApprovalVote.objects.filter(status__in=LIVE, step__request__status=RequestStatus.PENDING)
    gone = User.objects.filter(pk__in=votes.filter(user__is_active=False).values("user")).order_by("pk")
    return sum(reassign_votes_of(user, now=now) for user in gone)


def _reassign(pk: int, user: User, *, now: dt.datetime, skip_locked: bool) -> bool:
    try:
        with transaction.atomic():
            return _reassign_in(pk, user, now=now, skip_locked=skip_locked)
    except DomainError as error:
        # The row's app refuses what would follow from the last vote: the request stays as it is.
        logger.warning("approval %s could not be reassigned from user %s: %s", pk, user.pk, error.code)
        return False


def _reassign_in(pk: int, user: User, *, now: dt.datetime, skip_locked: bool) -> bool:
    request = lock(pk, skip_locked=skip_locked)
    if request is None or request.status != RequestStatus.PENDING:
        return False
    mine = ApprovalVote.objects.filter(step__request=request, user=user, status__in=LIVE)
    touched = False
    for vote in mine.select_related("step", "user__team").order_by("step__position"):
        replace(request, vote.step, vote)
        touched = touched or not ApprovalVote.objects.filter(pk=vote.pk, status__in=LIVE).exists()
        if vote.step.status == StepStatus.OPEN:
            tell_asked(request, vote.step, now=now)
            if settle(request, vote.step, actor=None, now=now) and request.status == RequestStatus.APPROVED:
                tell_requester(request, "approval_approved_now", actor=None)
    return touched
