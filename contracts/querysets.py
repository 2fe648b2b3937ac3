"""Sets of contracts and of what belongs to them; all as visible as the account."""

from __future__ import annotations

import datetime as dt
from typing import Any, Self

from django.db import models
from django.db.models import Case, CharField, Exists, F, OuterRef, Q, Value, When

from accounts.access import AccountScopedQuerySet
from contracts.choices import State, VersionStatus
from users.models import User


def state_conditions(today: dt.date, prefix: str = "") -> dict[str, Q]:
    """Which rows are in which state on `today`: the rule of contracts/states.py, said for the database.

    Every contract is in exactly one. `prefix` is the path from the row to the contract, with its underscores.
    """

    def q(**conditions: Any) -> Q:
        return Q(**{f"{prefix}{name}": value for name, value in conditions.items()})

    goes_on = q(renews_itself=True, notice_given_on__isnull=True)
    begun, over = q(start_date__lte=today), q(end_date__lt=today) & ~goes_on
    signed = q(phase="signed") | q(phase="terminated", terminated_on__gte=today)
    renewed = q(successor__phase__in=["signed", "terminated"])
    in_window = q(renewal_date__lte=today, end_date__gte=today)
    return {
        State.DRAFT: q(phase="draft"),
        State.IN_APPROVAL: q(phase="in_approval"),
        State.APPROVED: q(phase="approved"),
        State.SIGNED: signed & ~begun,
        State.RENEWED: signed & begun & over & renewed,
        State.EXPIRED: signed & begun & over & ~renewed,
        State.EXPIRING: signed & begun & ~over & in_window,
        State.IN_FORCE: signed & begun & ~over & ~in_window,
        State.TERMINATED: q(phase="terminated", terminated_on__lt=today),
        State.DISCARDED: q(phase="discarded"),
    }


class ContractQuerySet(AccountScopedQuerySet):
    def in_state(self, states: list[str], today: dt.date) -> Self:
        """Contracts in one of the states on `today`."""
        conditions = state_conditions(today)
        wanted = Q(pk__in=[])
        for state in states:
            wanted |= conditions[state]
        return self.filter(wanted)

    def with_state(self, today: dt.date) -> Self:
        """Adds `state_now`, the state on `today`."""
        cases = [When(condition, then=Value(str(state))) for state, condition in state_conditions(today).items()]
        return self.annotate(state_now=Case(*cases, default=Value(""), output_field=CharField()))

    def waiting_for_renewal(self, today: dt.date, until: dt.date) -> Self:
        """Signed contracts whose term ends up to `until`, whose renewal opens after `today`, and that none follows."""
        followed = self.model._default_manager.filter(
            predecessor=OuterRef("pk"), phase__in=["signed", "terminated"]
        ).order_by()
        rows = self.filter(phase="signed", renewal_date__gt=today, end_date__range=(today, until))
        return rows.filter(~Exists(followed))


class ContractPartQuerySet(AccountScopedQuerySet):
    """Rows that belong to a contract."""

    account_path = "contract__account"

    @classmethod
    def of_version(cls) -> models.Manager[Any]:
        """For rows that belong to a version."""
        return VersionPartQuerySet.as_manager()


class VersionQuerySet(ContractPartQuerySet):
    def at_work(self) -> Self:
        """Neither signed nor discarded; of each contract at most one."""
        return self.filter(status__in=[VersionStatus.DRAFT, VersionStatus.IN_APPROVAL, VersionStatus.APPROVED])


class VersionPartQuerySet(AccountScopedQuerySet):
    account_path = "version__contract__account"


class InstalmentQuerySet(ContractPartQuerySet):
    def open(self) -> Self:
        """Of signed plans, what is not settled yet."""
        return self.filter(is_current=True, settled_amount__lt=F("amount"))

    def overdue(self, today: dt.date) -> Self:
        """Open and due before `today`."""
        return self.open().filter(due_date__lt=today)


class TemplateQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User) -> Self:
        """Templates are the company's: known to everybody who logs in."""
        return self if user.is_active else self.none()
