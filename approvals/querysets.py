"""Who sees and who decides which approvals."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from users.models import User


class ApprovalRuleQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User) -> Self:
        """Everybody may know who has to agree."""
        return self if user.is_active else self.none()


class ApprovalRequestQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User) -> Self:
        """Who asked, who is or was asked, stand-ins of these, directors. Others see it on the page of the row."""
        if not user.is_active:
            return self.none()
        if user.sees_everything:
            return self
        votes = self.model._meta.get_field("steps").related_model._meta.get_field("votes").related_model.objects
        asked = votes.filter(Q(user=user) | Q(decided_by=user) | Q(user__leaves__delegate=user))
        return self.filter(Q(requested_by=user) | Q(pk__in=asked.values("step__request")))

    def to_decide(self, user: User, today: dt.date) -> Self:
        """Pending ones whose open step asks `user`, or somebody whose stand-in they are today."""
        away = Q(user__leaves__delegate=user, user__leaves__from_date__lte=today, user__leaves__until_date__gte=today)
        votes = self.model._meta.get_field("steps").related_model._meta.get_field("votes").related_model.objects
        mine = votes.filter(Q(user=user) | away, status="open", step__status="open")
        return self.filter(status="pending", pk__in=mine.values("step__request"))


class ApprovalPartQuerySet(models.QuerySet[Any]):
    """Steps and votes are seen with their request; the doors read them through it."""
