"""THE access rule: which accounts a user sees and which they may change. Everything else inherits it (access.py)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, cast

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.choices import Gap, MemberRole, Right, Status
from users.models import Role, User

if TYPE_CHECKING:
    from accounts.models import Account


def contact_conditions(today: dt.date) -> dict[str, Q]:
    """Of the accounts with a cadence (`cadence`): those whose contact is `overdue`, `covered` (contacted, and the next
    contact is not due before today), `uncovered` (all others) or that were `never` contacted."""
    due, never = "summary__contact_due_date", Q(summary__last_contact_date__isnull=True)
    known = Q(**{f"{due}__isnull": False})
    overdue = Q(**{f"{due}__lt": today})
    return {
        "cadence": known,
        "overdue": overdue,
        "covered": Q(**{f"{due}__gte": today}) & ~never,
        "uncovered": known & (overdue | never),
        "never": known & never,
    }


def gap_conditions(today: dt.date) -> dict[Gap, Q]:
    """What is missing in the responsibility: an active account has a manager, who is not deactivated; A and B accounts
    have a deputy, A accounts an executive sponsor, who is not the manager. Terminated accounts lack nothing."""

    def lacks(role: str) -> Any:
        members = apps.get_model("accounts", "AccountMember")._base_manager.order_by()
        current = Q(expires_on__isnull=True) | Q(expires_on__gte=today)
        held = members.filter(current, account=OuterRef("pk"), role=role)
        return ~Exists(held.exclude(user=Coalesce(OuterRef("manager"), Value(0))))

    running = ~Q(status=Status.TERMINATED)
    return {
        Gap.NO_MANAGER: Q(manager__isnull=True, status=Status.ACTIVE),
        Gap.MANAGER_LEFT: running & Q(manager__isnull=False, manager__is_active=False),
        Gap.NO_DEPUTY: running & Q(tier__in=["A", "B"]) & lacks(MemberRole.DEPUTY),
        Gap.NO_SPONSOR: running & Q(tier="A") & lacks(MemberRole.EXECUTIVE_SPONSOR),
    }


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
        """Those in one of the states of `contact_conditions`."""
        return self.filter(contact_conditions(today)[state])

    def with_gap(self, gap: str, today: dt.date) -> AccountQuerySet:
        """Those where something is missing in the responsibility (see `gap_conditions`)."""
        return self.filter(gap_conditions(today)[Gap(gap)])

    def in_group_of(self, account: Account) -> AccountQuerySet:
        """All accounts of the group that `account` is in, itself included."""
        return self.filter(path__startswith=account.root_path)

    def below(self, account: Account) -> AccountQuerySet:
        """`account` and everything under it."""
        return self.filter(path__startswith=account.path)
