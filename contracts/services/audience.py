"""Who is told about a renewal: the one responsible, their supervisor, the directors; for many contracts at once."""

from __future__ import annotations

from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from contracts.models import Contract
from users.leaders import Leaders
from users.models import User


class Audience:
    """The people who matter to a job, read once: one statement, however many contracts follow."""

    def __init__(self) -> None:
        self._leaders = Leaders()
        self.directors = self._leaders.directors

    def responsible(self, contract: Contract) -> User | None:
        """The account's manager, else the contract's owner; nobody where both are deactivated."""
        for user in (contract.account.manager, contract.owner):
            if user is not None and user.is_active:
                return user
        return None

    def supervisors(self, contract: Contract) -> list[User]:
        """Those of the nearest team above the account's manager (else the contract's owner) that has any; none: the
        directors."""
        return self._leaders.above(contract.account.manager or contract.owner)

    def everybody(self, contract: Contract) -> list[User]:
        """Whom an alert goes to: the one responsible, their supervisors, the directors."""
        responsible = self.responsible(contract)
        return [*([responsible] if responsible else []), *self.supervisors(contract), *self.directors]


RELATED = ("account__manager__team", "owner__team", "version")
"""What an Audience reads of a contract, for select_related."""


def step_text(contract: Contract, term_end: Any, owner: User) -> str:
    """What the task says, in its owner's language."""
    with translation.override(owner.language):
        text = _("Decide the renewal of %(contract)s: its term ends on %(date)s")
        return (text % {"contract": contract, "date": f"{term_end:%Y-%m-%d}"})[:300]
