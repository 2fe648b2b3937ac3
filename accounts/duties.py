"""What a user answers for here: the accounts that they manage (see users/duties.py)."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import Account
from users.duties import DutySource, register
from users.models import User


def count_managed(user_ids: Collection[int], viewer: User | None) -> dict[int, int]:
    """Accounts by their manager, those that `viewer` sees (None: all)."""
    accounts = Account.objects.all() if viewer is None else Account.objects.visible_to(viewer)
    managed = accounts.filter(manager__in=user_ids).order_by().values("manager").annotate(accounts=Count("pk"))
    return dict(managed.values_list("manager", "accounts"))


def describe(count: int) -> str:
    """Completes "Chen still is …"."""
    return ngettext("account manager of %(count)d account", "account manager of %(count)d accounts", count) % {
        "count": count
    }


def account_list_url(user: User) -> str:
    return f"{reverse('accounts:account_list')}?manager={user.pk}"


register(DutySource(_("accounts managed"), count_managed, describe, account_list_url))
