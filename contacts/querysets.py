"""Which people a user sees: those with an employment, present or past, at an account that the user sees."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.db.models import Exists, OuterRef, Q

from accounts.access import AccountScopedQuerySet

if TYPE_CHECKING:
    from users.models import User


def _employments() -> EmploymentQuerySet:
    return apps.get_model("contacts", "Employment").objects.order_by()


class EmploymentQuerySet(AccountScopedQuerySet):
    def current(self, today: dt.date) -> Self:
        """Employments that have not ended on `today`."""
        return self.filter(Q(until_date__isnull=True) | Q(until_date__gte=today))

    def ended(self, today: dt.date) -> Self:
        return self.filter(until_date__lt=today)


class ContactQuerySet(AccountScopedQuerySet):
    """People; one may be seen through several accounts, and is one row all the same."""

    def visible_to(self, user: User) -> Self:
        if user.is_active and user.sees_everything:
            return self
        return self.filter(pk__in=_employments().visible_to(user).values("contact"))

    def editable_by(self, user: User) -> Self:
        """People employed at an account that the user may change."""
        return self.filter(pk__in=_employments().editable_by(user).values("contact"))

    def wholly_seen_by(self, user: User) -> Self:
        """People all of whose employments the user sees."""
        if user.is_active and user.sees_everything:
            return self
        seen = _employments().visible_to(user).values("pk")
        return self.exclude(Exists(_employments().filter(contact=OuterRef("pk")).exclude(pk__in=seen)))
