"""Sets of API tokens and imports."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Case, Q, Value, When

if TYPE_CHECKING:
    from users.models import User


class ApiTokenQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User) -> ApiTokenQuerySet:
        """People see their own tokens; administrators see all, since they have to be able to revoke them."""
        if not user.is_active:
            return self.none()
        return self if user.is_administrator else self.filter(owner=user)

    def editable_by(self, user: User) -> ApiTokenQuerySet:
        """Whoever sees a token may revoke it."""
        return self.visible_to(user)

    def with_state(self, now: dt.datetime) -> ApiTokenQuerySet:
        """Adds `state` at `now`: `revoked`, `expired` or `active`."""
        return self.annotate(
            state=Case(
                When(revoked_at__isnull=False, then=Value("revoked")),
                When(Q(expires_at__lte=now), then=Value("expired")),
                default=Value("active"),
                output_field=models.CharField(),
            )
        )


class FileJobQuerySet(models.QuerySet[Any]):
    def due(self, now: dt.datetime, lease: dt.timedelta) -> Self:
        """Jobs that a worker may claim: waiting, or running under a worker that gave no sign of life for `lease`."""
        return self.filter(Q(status="queued") | Q(status="running", heartbeat_at__lt=now - lease))


class ImportJobQuerySet(FileJobQuerySet):
    def visible_to(self, user: User) -> ImportJobQuerySet:
        """Imports write to every account: only directors and administrators make and see them."""
        return self if user.is_active and user.sees_everything else self.none()

    def editable_by(self, user: User) -> ImportJobQuerySet:
        """Whoever sees an import may start, change and cancel it."""
        return self.visible_to(user)


class ContactImportJobQuerySet(FileJobQuerySet):
    def visible_to(self, user: User) -> ContactImportJobQuerySet:
        """People see their own imports, for the files hold personal data; administrators see all."""
        if not user.is_active:
            return self.none()
        return self if user.is_administrator else self.filter(created_by=user)

    def editable_by(self, user: User) -> ContactImportJobQuerySet:
        """Whoever sees an import may start and stop it; its rows are written with the rights of who made it."""
        return self.visible_to(user)


class ContractImportJobQuerySet(FileJobQuerySet):
    def visible_to(self, user: User) -> Self:
        """Who may enter signed contracts sees their own imports; administrators see all."""
        if not user.is_active or not user.leads:
            return self.none()
        return self if user.is_administrator else self.filter(created_by=user)

    def editable_by(self, user: User) -> Self:
        """Whoever sees an import may start and stop it; its rows are written with the rights of who made it."""
        return self.visible_to(user)
