"""Whose an alert is, for many accounts at once."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import OuterRef, Subquery

from accounts.models import Account, ManagerAssignment
from users.leaders import Leaders
from users.models import User


class Responsible:
    """The account's manager; without an active one a supervisor above who managed it last, else a director; None where
    nobody is there at all. Two statements for the accounts that have no manager, however many."""

    def __init__(self, accounts: Iterable[Account], leaders: Leaders | None = None) -> None:
        self._leaders = leaders or Leaders()
        self._former = _former_managers([account.pk for account in accounts if account.manager is None])

    def of(self, account: Account) -> User | None:
        """`account.manager` with its team is read already."""
        manager = account.manager
        if manager is not None and manager.is_active:
            return manager
        above = self._leaders.above(manager or self._former.get(account.pk))
        return above[0] if above else None


def _former_managers(account_ids: list[int]) -> dict[int, User]:
    """Who was the manager last, by account."""
    if not account_ids:
        return {}
    last = ManagerAssignment.objects.filter(account=OuterRef("account")).order_by("-from_date", "-pk").values("pk")[:1]
    rows = ManagerAssignment.objects.filter(account__in=account_ids, pk=Subquery(last)).order_by()
    pairs = list(rows.values_list("account", "manager"))
    users = User.objects.select_related("team").in_bulk({user_id for _account, user_id in pairs})
    return {account_id: users[user_id] for account_id, user_id in pairs}
