"""What every page about one account begins with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.models import Account, AccountMember
from users.models import User


def get_account(user: User, pk: int) -> Account:
    """The account with what its header shows. Raises Http404 unless `user` sees it.

    `account.may_edit` tells whether `user` may change it; a parent that `user` does not see is in `hidden_parent`.
    """
    account = (
        Account.objects.visible_to(user)
        .with_list_columns()
        .select_related("manager__team", "parent")
        .filter(pk=pk)
        .first()
    )
    if account is None:
        raise Http404
    account.may_edit = Account.objects.editable_by(user).filter(pk=account.pk).exists()
    account.hidden_parent = None
    if account.parent is not None and not Account.objects.visible_to(user).filter(pk=account.parent.pk).exists():
        account.hidden_parent, account.parent = account.parent, None
    return account


def get_editable_account(user: User, pk: int) -> Account:
    """As `get_account`; raises PermissionDenied where the user may read the account but not change it."""
    account = get_account(user, pk)
    if not account.may_edit:
        raise _read_only()
    return account


def require_editable(user: User, pk: int) -> None:
    """For a row of this account that the user sees. Raises PermissionDenied unless they may change the account."""
    if not Account.objects.editable_by(user).filter(pk=pk).exists():
        raise _read_only()


def _read_only() -> PermissionDenied:
    return PermissionDenied(_("You may read this account but not change it."))


def gaps(account: Account, members: Iterable[AccountMember], today: dt.date) -> list[Any]:
    """What is missing in the responsibility for this account, in words: nobody owns a key account alone."""
    # A deputy who became the manager is nobody's deputy any more.
    roles = {member.role for member in members if member.is_current(today) and member.user_id != account.manager_id}
    missing = []
    if account.manager is None:
        missing.append(_("Nobody is responsible: there is no account manager."))
    elif not account.manager.is_active:
        missing.append(_("The account manager %(name)s is deactivated.") % {"name": account.manager})
    if account.tier in ("A", "B") and "deputy" not in roles:
        missing.append(_("No deputy: A and B accounts need one."))
    if account.tier == "A" and "executive_sponsor" not in roles:
        missing.append(_("No executive sponsor: A accounts need one."))
    return missing
