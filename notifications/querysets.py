"""Whose notifications: nobody sees another's."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery

if TYPE_CHECKING:
    from users.models import User


class OwnQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User) -> Self:
        """The user's own."""
        return self.filter(user=user) if user.is_active else self.none()

    editable_by = visible_to


class NotificationQuerySet(OwnQuerySet):
    def unread(self) -> Self:
        return self.filter(read_at__isnull=True)


class RobotQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User) -> Self:
        """What the user may change; an administrator sees everybody's, and may stop them."""
        return self if user.is_active and user.is_administrator else self.editable_by(user)

    def editable_by(self, user: User) -> Self:
        """The own; for those who lead those of the teams below them, for directors those of all teams."""
        if not user.is_active:
            return self.none()
        if user.sees_everything:
            return self.filter(Q(user=user) | Q(team__isnull=False))
        if not user.leads or user.team is None:
            return self.filter(user=user)
        return self.filter(Q(user=user) | Q(team__path__startswith=user.team.path))

    def active(self) -> Self:
        return self.filter(is_active=True)


class DeliveryQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User) -> Self:
        """Administrators watch over all of them."""
        return self if user.is_active and user.is_administrator else self.none()

    editable_by = visible_to

    def waiting(self) -> Self:
        return self.filter(status="waiting")

    def free(self, now: dt.datetime, lease: dt.timedelta) -> Self:
        """Waiting ones that no sender has in hand."""
        return self.waiting().filter(Q(claimed_at__isnull=True) | Q(claimed_at__lte=now - lease))

    def messages(self) -> Self:
        """One row for each message: those that went, or go, in another row's message are left out."""
        return self.filter(Q(lead__isnull=True) | Q(lead=F("pk")))

    def with_size(self) -> Self:
        """`size`: how many notifications are in the message; None before it was put together."""
        parts = self.model._default_manager.order_by().filter(lead=OuterRef("pk"))
        counted = parts.values("lead").annotate(number=Count("pk")).values("number")
        return self.annotate(size=Subquery(counted))
