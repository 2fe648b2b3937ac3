"""THE access rule: which accounts a user sees and which they may change. Everything else inherits it (access.py)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, cast

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.choices import Right, Status
from users.models import Role, User

if TYPE_CHECKING:
    from accounts.models import Account


class AccountQuerySet(models.QuerySet["Account"]):
    def visible_to(self, user: User, today: dt.date | None = None) -> AccountQuerySet:
        """Managers: what they manage or are on the team of. Supervisors: also their subtree's. Directors: all."""
        return self._granted(user, Q(), today)

    def editable_by(self, user: User, today: dt.date | None = None) -> AccountQuerySet:
        """As `visible_to`, but team members need the edit right, and a terminated account is read-only."""
        return self._granted(user, Q(right=Right.EDIT), today).exclude(status=Status.TERMINATED)

    def _granted(self, user: User, member_condition: Q, today: dt.date | None) -> AccountQuerySet:
        """The rule, in one of two shapes that select the same rows.

        `id IN (… UNION ALL …)` makes each branch an index range: a manager's 200 accounts cost the same among 1,000
        and among 1,000,000, where an OR would read the whole table. For a supervisor of much of the company it is the
        other way round: collecting and sorting 500,000 ids costs seconds, while an OR, tested row by row along the
        index of the list's order, finds a page at once.
        """
        if not user.is_active:
            return self.none()
        if user.sees_everything:
            return self
        today = today or timezone.localdate()
        member_model = cast("type[models.Model]", self.model._meta.get_field("members").related_model)
        members = member_model._base_manager.order_by()
        current = Q(expires_on__isnull=True) | Q(expires_on__gte=today)
        shared = members.filter(current, member_condition, user=user).values("account_id")
        people = User.objects.led_by(user).order_by() if user.role == Role.SUPERVISOR else [user]
        if user.leads_widely:
            return self.filter(Q(manager__in=people) | Q(pk__in=shared))
        managed = self.model._base_manager.order_by().filter(manager__in=people).values("pk")
        return self.filter(pk__in=managed.union(shared, all=True))

    def with_list_columns(self) -> AccountQuerySet:
        """What a row of the list shows, in one statement.

        Every account has a summary row; saying so makes an inner join of it, which an index on the summary can order.
        """
        return self.filter(summary__isnull=False).select_related("manager", "summary")

    def in_contact_state(self, state: str, today: dt.date) -> AccountQuerySet:
        """Of the accounts with a cadence: those whose contact is `overdue`, `covered` (contacted, and the next contact
        is not due before today), `uncovered` (all others) or that were `never` contacted."""
        rows = self.filter(summary__contact_due_date__isnull=False)
        if state == "overdue":
            return rows.filter(summary__contact_due_date__lt=today)
        if state == "covered":
            return rows.filter(summary__contact_due_date__gte=today, summary__last_contact_date__isnull=False)
        if state == "uncovered":
            return rows.filter(Q(summary__contact_due_date__lt=today) | Q(summary__last_contact_date__isnull=True))
        return rows.filter(summary__last_contact_date__isnull=True)

    def in_group_of(self, account: Account) -> AccountQuerySet:
        """All accounts of the group that `account` is in, itself included."""
        return self.filter(path__startswith=account.root_path)

    def below(self, account: Account) -> AccountQuerySet:
        """`account` and everything under it."""
        return self.filter(path__startswith=account.path)
