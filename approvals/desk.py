"""What the pages and the API show of requests: found for somebody, with who said what, in few statements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from approvals.choices import StepStatus
from approvals.models import ApprovalComment, ApprovalRequest, ApprovalStep, ApprovalVote
from approvals.registry import all_kinds, sees_row
from users.models import User

RELATED = ("requested_by",)


@dataclass
class Turn:
    """A step with the people who are asked in it."""

    step: ApprovalStep
    votes: list[ApprovalVote] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.step.status == StepStatus.OPEN

    @property
    def shown(self) -> list[ApprovalVote]:
        """Where one was enough and has decided, only who said something; else everybody."""
        said = [vote for vote in self.votes if vote.decided_at]
        return said if said and not self.is_open else self.votes

    @property
    def left_out(self) -> int:
        """How many were asked and not needed."""
        return len(self.votes) - len(self.shown)


@dataclass
class Round:
    """A request with its course."""

    request: ApprovalRequest
    turns: list[Turn] = field(default_factory=list)
    comments: list[ApprovalComment] = field(default_factory=list)

    @property
    def waiting_for(self) -> list[User]:
        """Whose turn it is."""
        return [
            vote.user for turn in self.turns if turn.is_open for vote in turn.votes if vote.status == StepStatus.OPEN
        ]

    @property
    def waiting_text(self) -> str:
        """The same as one text."""
        return ", ".join(str(user) for user in self.waiting_for)

    @property
    def facts(self) -> dict[str, Any]:
        """The facts as the page writes them: numbers as numbers, the kind in words."""
        facts = dict(self.request.facts)
        for name in ("amount", "discount"):
            facts[name] = _decimal(facts.get(name))
        if facts["discount"] is not None:
            facts["discount"] /= 100
        kind = facts.get("kind") or ""
        facts["kind"] = all_kinds().get(kind, kind)
        return facts


def rounds_of(requests: Iterable[ApprovalRequest], *, with_comments: bool = True) -> list[Round]:
    """The requests, read with `RELATED`, with their steps, votes and comments: two statements more, or one."""
    rounds = {request.pk: Round(request) for request in requests}
    related = ("step", "user", "decided_by", "in_place_of")
    votes = ApprovalVote.objects.filter(step__request__in=rounds).select_related(*related)
    turns: dict[int, Turn] = {}
    for vote in votes.order_by("step__request", "step__position", "pk") if rounds else ():
        turn = turns.get(vote.step_id)
        if turn is None:
            turn = turns[vote.step_id] = Turn(vote.step)
            rounds[vote.step.request_id].turns.append(turn)
        turn.votes.append(vote)
    if with_comments and rounds:
        comments = ApprovalComment.objects.filter(request__in=rounds).select_related("user").order_by("pk")
        for comment in comments:
            rounds[comment.request_id].comments.append(comment)
    return list(rounds.values())


def find_request(user: User, pk: int) -> ApprovalRequest | None:
    """The request if `user` has a part in it, or sees the row that it is about."""
    request = ApprovalRequest.objects.visible_to(user).select_related(*RELATED).filter(pk=pk).first()
    if request is not None or not user.is_active:
        return request
    request = ApprovalRequest.objects.select_related(*RELATED).filter(pk=pk).first()
    return request if request and sees_row(user, request.subject, request.object_id) else None


def votes_to_give(request: ApprovalRequest, user: User, today: dt.date) -> Sequence[ApprovalVote]:
    """What `user` may decide of it now: their own vote, those of whom they stand in for; nothing of their own wish."""
    if request.requested_by_id == user.pk:
        return []
    votes = ApprovalVote.objects.given_by(user, today).filter(step__request=request, step__status=StepStatus.OPEN)
    return list(votes.select_related("user", "step").order_by("pk"))


def stands_in_text(votes: Sequence[ApprovalVote], user: User) -> str:
    """“You decide in place of Lee.”, or nothing."""
    away = [str(vote.user) for vote in votes if vote.user_id != user.pk]
    return _("You decide in place of %(people)s.") % {"people": ", ".join(away)} if away else ""


def _decimal(text: Any) -> Decimal | None:
    try:
        return None if text in (None, "") else Decimal(str(text))
    except InvalidOperation:
        return None
