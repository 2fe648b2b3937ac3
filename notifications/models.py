"""Notification: one thing that one user should know, with the address where it is."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from notifications.querysets import NotificationQuerySet
from notifications.sentences import icon_of, sentence
from users.models import User


class Notification(models.Model):
    """Written by a service in the transaction of what it tells; `key` makes it once however often the job runs.

    `kind` names a sentence of `notifications/sentences.py` that is filled with `params` in the reader's language.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notifications", verbose_name=_("user"))
    kind = models.CharField(_("kind"), max_length=40)
    params = models.JSONField(_("parameters"), default=dict)
    url = models.CharField(_("address"), max_length=300)
    key = models.CharField(_("key"), max_length=120)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    read_at = models.DateTimeField(pgettext_lazy("time", "read"), null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["user", "-id"], name="notifications_by_user"),
            models.Index(fields=["user"], condition=models.Q(read_at__isnull=True), name="notifications_unread"),
        ]
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="notifications_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.kind}"

    @property
    def sentence(self) -> str:
        """What it says, in the reader's language."""
        return sentence(self.kind, self.params)

    @property
    def icon(self) -> str:
        return icon_of(self.kind)

    @property
    def is_unread(self) -> bool:
        return self.read_at is None
