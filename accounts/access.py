"""Inherited access: what belongs to an account is exactly as visible as that account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models

if TYPE_CHECKING:
    from accounts.querysets import AccountQuerySet
    from users.models import User


def _accounts() -> AccountQuerySet:
    """All accounts, without an order; found by name because the models build on this module."""
    return apps.get_model("accounts", "Account").objects.order_by()


class AccountScopedQuerySet(models.QuerySet[Any]):
    """For rows that belong to an account; `account_path` is the lookup from the row to it."""

    account_path = "account"

    def visible_to(self, user: User) -> Self:
        """Rows of the accounts that `user` sees."""
        if user.is_active and user.sees_everything:
            return self
        return self.filter(**{f"{self.account_path}__in": _accounts().visible_to(user)})

    def editable_by(self, user: User) -> Self:
        """Rows of the accounts that `user` may change."""
        return self.filter(**{f"{self.account_path}__in": _accounts().editable_by(user)})
