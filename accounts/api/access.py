"""May this user change this account? The same answer for the account and all that belongs to it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.errors import AccountReadOnly
from accounts.models import Account
from core.errors import Forbidden
from users.models import User


class LeadersOnly(Forbidden):
    code = "leaders_only"
    message = _("Only a supervisor or above decides who is responsible.")


def require_editable(user: User, account_id: int) -> None:
    """Raises AccountReadOnly unless `user`, who sees the account, may change it."""
    if not Account.objects.editable_by(user).filter(pk=account_id).exists():
        raise AccountReadOnly


def require_leader(user: User) -> None:
    """Raises LeadersOnly for those who do not decide for others."""
    if not user.leads:
        raise LeadersOnly
