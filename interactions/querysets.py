"""Sets of interactions, visits and what belongs to them; all as visible as their account."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from accounts.access import AccountScopedQuerySet

if TYPE_CHECKING:
    from users.models import User


class InteractionQuerySet(AccountScopedQuerySet):
    pass


class InteractionPartQuerySet(AccountScopedQuerySet):
    """Files and check-ins: as visible as their interaction."""

    account_path = "interaction__account"


class NextStepQuerySet(AccountScopedQuerySet):
    """A step is seen with its account, and by its owner in any case: a task that its owner cannot see is never done."""

    def visible_to(self, user: User) -> Self:
        if user.is_active and user.sees_everything:
            return self
        scoped = super().visible_to(user).order_by().values("pk")
        own = self.model._base_manager.filter(owner=user) if user.is_active else self.model._base_manager.none()
        return self.filter(Q(pk__in=scoped) | Q(pk__in=own.values("pk")))

    def open(self) -> Self:
        return self.filter(status="open")

    def overdue(self, today: dt.date) -> Self:
        return self.open().filter(due_date__lt=today)


class VisitQuerySet(AccountScopedQuerySet):
    def planned(self) -> Self:
        return self.filter(status="planned")

    def overdue(self, today: dt.date) -> Self:
        """Planned for a day that is over."""
        return self.planned().filter(planned_date__lt=today)

    def between(self, first: dt.date, last: dt.date) -> Self:
        """Planned for `first` to `last`, whatever became of them."""
        return self.filter(planned_date__gte=first, planned_date__lte=last)


class PlanningGapQuerySet(AccountScopedQuerySet):
    pass


class GreetingQuerySet(AccountScopedQuerySet):
    def proposed(self) -> Self:
        return self.filter(status="proposed")


class ContactPolicyQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User) -> Self:
        """Everybody reads the policy that plans their week."""
        return self if user.is_active else self.none()

    def editable_by(self, user: User) -> Self:
        return self if user.is_active and user.owns_policies else self.none()

    def in_force(self) -> Self:
        return self.filter(status="in_force")


class FeedQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User) -> Self:
        """The user's own."""
        return self.filter(user=user) if user.is_active else self.none()
