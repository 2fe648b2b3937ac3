"""Whose notifications: nobody sees another's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    from users.models import User


class NotificationQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User) -> NotificationQuerySet:
        """The user's own."""
        return self.filter(user=user) if user.is_active else self.none()

    editable_by = visible_to

    def unread(self) -> NotificationQuerySet:
        return self.filter(read_at__isnull=True)
