"""Who does a step of a playbook at an account: by role, for many accounts at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from accounts.models import Account, AccountMember
from health.choices import StepRole
from users.leaders import Leaders
from users.models import User


class Owners:
    """The people of some accounts by role, as of a day; two statements, however many accounts.

    Where an account has no such person, it is the account manager; where there is none (or they are deactivated), the
    supervisor above, else a director; None where nobody is there at all.
    """

    def __init__(self, accounts: Iterable[Account], today: dt.date) -> None:
        self._leaders = Leaders()
        self._members: dict[tuple[int, str], User] = {}
        rows = AccountMember.objects.filter(account__in=list(accounts), user__is_active=True).select_related("user")
        for row in rows.order_by("pk"):
            if row.is_current(today):
                self._members.setdefault((row.account_id, row.role), row.user)

    def of(self, account: Account, role: str) -> User | None:
        """The person for this role; `account.manager` with its team is read already."""
        manager = account.manager
        above = self._leaders.above(manager)
        if role == StepRole.SUPERVISOR and above:
            return above[0]
        if (member := self._members.get((account.pk, role))) is not None:
            return member
        if manager is not None and manager.is_active:
            return manager
        return above[0] if above else None
