"""Who sees and who decides which approvals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import F, Prefetch, Q

from users.models import Leave

if TYPE_CHECKING:
    from users.models import User


class ApprovalRuleQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User) -> Self:
        """Everybody may know who has to agree."""
        return self if user.is_active else self.none()

    def editable_by(self, user: User) -> Self:
        """Directors and administrators own the rules."""
        return self if user.is_active and user.owns_policies else self.none()


def course() -> list[str | Prefetch]:
    """What a request is shown with: its steps, the votes in them, the comments; for prefetching."""
    every_vote = apps.get_model("approvals", "ApprovalVote").objects
    votes = every_vote.select_related("user", "decided_by", "in_place_of").order_by("pk")
    comments = apps.get_model("approvals", "ApprovalComment").objects.select_related("user").order_by("pk")
    return ["steps", Prefetch("steps__votes", queryset=votes), Prefetch("comments", queryset=comments)]


class ApprovalRequestQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User) -> Self:
        """Who asked, who is or was asked, who stood in for these while it was open, directors. Who sees the row reads
        it too (`approvals.desk.find_request`)."""
        if not user.is_active:
            return self.none()
        if user.sees_everything:
            return self
        votes = apps.get_model("approvals", "ApprovalVote").objects
        asked = votes.filter(Q(user=user) | Q(decided_by=user)).order_by()
        # While a step was open during the leave: who stands in for a week does not read what came before or after.
        stood_in = votes.filter(
            Q(step__closed_at__isnull=True) | Q(step__closed_at__date__gte=F("user__leaves__from_date")),
            user__leaves__delegate=user,
            user__leaves__until_date__gte=F("step__opened_at__date"),
        ).order_by()
        seen = asked.values("step__request").union(stood_in.values("step__request"))
        return self.filter(Q(requested_by=user) | Q(pk__in=seen))

    def of(self, rows: Mapping[str, Collection[int]]) -> Self:
        """All rounds about rows, their numbers by subject, which their own page has found by its own scope."""
        about = Q(pk__in=[])
        for subject, object_ids in rows.items():
            about |= Q(subject=subject, object_id__in=object_ids)
        return self.filter(about)

    def with_course(self) -> Self:
        """With who asked, the steps, the votes and the comments: three statements more, however many rows."""
        return self.select_related("requested_by").prefetch_related(*course())

    def pending(self) -> Self:
        return self.filter(status="pending")

    def to_decide(self, user: User, today: dt.date) -> Self:
        """Pending ones whose open step asks `user`, or somebody whose stand-in they are today; never their own."""
        votes = apps.get_model("approvals", "ApprovalVote").objects.given_by(user, today)
        return self.pending().exclude(requested_by=user).filter(pk__in=votes.order_by().values("step__request"))

    def decided_by(self, user: User) -> Self:
        """Those in which `user` has decided something, for themselves or for somebody."""
        votes = apps.get_model("approvals", "ApprovalVote").objects.filter(decided_by=user).order_by()
        return self.filter(pk__in=votes.values("step__request"))


class ApprovalPartQuerySet(models.QuerySet[Any]):
    """Steps and votes are seen with their request; the doors read them through it."""


class ApprovalVoteQuerySet(ApprovalPartQuerySet):
    def given_by(self, user: User, today: dt.date) -> Self:
        """The open votes that `user` gives today: their own, and those of whom they stand in for."""
        away = Leave.objects.touching(today, today).filter(delegate=user).order_by()
        return self.filter(Q(user=user) | Q(user__in=away.values("user")), status="open")
