"""Sets of interactions, visits and what belongs to them; all as visible as their account."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Left

from accounts.access import AccountScopedQuerySet

if TYPE_CHECKING:
    from contacts.models import Contact
    from users.models import User

EXCERPT = 400


class InteractionQuerySet(AccountScopedQuerySet):
    def with_excerpt(self) -> Self:
        """The beginning of the minutes as `beginning`, and not all 50,000 characters of them."""
        return self.annotate(beginning=Left("minutes", EXCERPT)).defer("minutes")

    def with_colleague(self, user: User) -> Self:
        """What `user` logged or took part in."""
        through = self.model._meta.get_field("colleagues").remote_field.through
        took_part = through._base_manager.filter(user=user).values("interaction")
        return self.filter(Q(author=user) | Q(pk__in=took_part))

    def with_contact(self, contact: Contact) -> Self:
        """What `contact` took part in."""
        through = self.model._meta.get_field("contacts").remote_field.through
        return self.filter(pk__in=through._base_manager.filter(contact=contact).values("interaction"))


class InteractionPartQuerySet(AccountScopedQuerySet):
    """Files and check-ins: as visible as their interaction."""

    account_path = "interaction__account"


class NextStepQuerySet(AccountScopedQuerySet):
    """A step is seen with its account, and by its owner in any case: a task that its owner cannot see is never done."""

    def visible_to(self, user: User) -> Self:
        if user.is_active and user.sees_everything:
            return self
        if user.is_active and user.leads_widely:  # tested row by row: collecting the keys of most steps is dearer
            accounts = self.model._meta.get_field("account").related_model.objects.order_by()
            return self.filter(Q(account__in=accounts.visible_to(user)) | Q(owner=user))
        scoped = super().visible_to(user).order_by().values("pk")
        own = self.model._base_manager.filter(owner=user) if user.is_active else self.model._base_manager.none()
        return self.filter(Q(pk__in=scoped) | Q(pk__in=own.values("pk")))

    def editable_by(self, user: User) -> Self:
        """Steps of the accounts that the user may change, and the user's own."""
        own = self.model._base_manager.filter(owner=user) if user.is_active else self.model._base_manager.none()
        scoped = super().editable_by(user).order_by().values("pk")
        return self.filter(Q(pk__in=scoped) | Q(pk__in=own.values("pk")))

    def open(self) -> Self:
        return self.filter(status="open")

    def overdue(self, today: dt.date) -> Self:
        return self.open().filter(due_date__lt=today)


class VisitQuerySet(AccountScopedQuerySet):
    def planned(self) -> Self:
        return self.filter(status="planned")

    def overdue(self, today: dt.date) -> Self:
        """Planned for a day that is over."""
        return self.planned().filter(planned_date__lt=today)

    def between(self, first: dt.date, last: dt.date) -> Self:
        """Planned for `first` to `last`, whatever became of them."""
        return self.filter(planned_date__gte=first, planned_date__lte=last)


class PlanningRunQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User) -> Self:
        """Everybody may know when the planner last ran; what it left open is as visible as the accounts."""
        return self if user.is_active else self.none()


class PlanningGapQuerySet(AccountScopedQuerySet):
    pass


class GreetingQuerySet(AccountScopedQuerySet):
    def proposed(self) -> Self:
        """Those that wait for somebody; not of people who were erased meanwhile."""
        return self.filter(status="proposed", contact__erased=False)

    def without_erased(self) -> Self:
        """What a list shows: of an erased person only what is done."""
        return self.exclude(status="proposed", contact__erased=True)


class ContactPolicyQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User) -> Self:
        """Everybody reads the policy that plans their week."""
        return self if user.is_active else self.none()

    def editable_by(self, user: User) -> Self:
        return self if user.is_active and user.owns_policies else self.none()

    def in_force(self) -> Self:
        return self.filter(status="in_force")


class CapacityQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User) -> Self:
        """One's own; for those who lead, their people's; for directors everybody's."""
        people: Any = self.model._meta.get_field("user").related_model._default_manager
        return self.filter(user__in=people.whose_leave_is_editable_by(user).order_by())


class FeedQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User) -> Self:
        """The user's own."""
        return self.filter(user=user) if user.is_active else self.none()
