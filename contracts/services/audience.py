"""Who is told about a renewal: the one responsible, their supervisor, the directors; for many contracts at once."""

from __future__ import annotations

from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from contracts.models import Contract
from users.models import Role, User


class Audience:
    """The people who matter to a job, read once: two statements, however many contracts follow."""

    def __init__(self) -> None:
        leaders = User.objects.active().filter(role__in=[Role.SUPERVISOR, Role.DIRECTOR])
        found = list(leaders.select_related("team").order_by("pk"))
        self.directors = [user for user in found if user.role == Role.DIRECTOR]
        self._by_team: dict[str, list[User]] = {}
        for user in found:
            if user.role == Role.SUPERVISOR and user.team is not None:
                self._by_team.setdefault(user.team.path, []).append(user)

    def responsible(self, contract: Contract) -> User | None:
        """The account's manager, else the contract's owner; nobody where both are deactivated."""
        for user in (contract.account.manager, contract.owner):
            if user is not None and user.is_active:
                return user
        return None

    def supervisors(self, contract: Contract) -> list[User]:
        """Those of the nearest team above the account's manager (else the contract's owner) that has any; none: the
        directors."""
        person = contract.account.manager or contract.owner
        path = person.team.path if person.team is not None else ""
        while path:
            if found := [user for user in self._by_team.get(path, ()) if user.pk != person.pk]:
                return found
            path = path[: path[:-1].rfind(".") + 1]
        return self.directors

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
