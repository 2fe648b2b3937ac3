"""Sets of orders and products."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

from accounts.access import AccountScopedQuerySet

if TYPE_CHECKING:
    from users.models import User


class CatalogueQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User) -> CatalogueQuerySet:
        """The catalogue is the same for everybody who logs in."""
        return self if user.is_active else self.none()

    def containing(self, text: str) -> CatalogueQuerySet:
        """Rows with `text` in their code or in one of their names, in any case."""
        found = Q(code__icontains=text) | Q(name__icontains=text) | Q(name_en__icontains=text)
        return self.filter(found)


class OrderQuerySet(AccountScopedQuerySet):
    """Orders are as visible as their account."""


class OrderLineQuerySet(AccountScopedQuerySet):
    """Lines are as visible as their order's account."""

    account_path = "order__account"


class ImportProfileQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User) -> ImportProfileQuerySet:
        """Profiles belong to imports, which directors and administrators make."""
        return self if user.is_active and user.sees_everything else self.none()

    def editable_by(self, user: User) -> ImportProfileQuerySet:
        """Whoever sees a profile may change it."""
        return self.visible_to(user)
