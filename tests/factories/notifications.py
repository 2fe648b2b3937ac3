"""Notifications, sent through the service, and what is delivered of them."""

import datetime as dt

from django.utils import timezone

from notifications.channels.signing import new_webhook_secret
from notifications.models import Delivery, Notification, Robot
from notifications.services import notify


def make_notification(user, key="mention:1", *, kind="mentioned", url="/accounts/", **params) -> Notification:
    """An unread mention of `user`."""
    params = {"actor": "Lee", "account": "客户", "title": "季度会", **params}
    notify([user], kind, params=params, url=url, key=key)
    return Notification.objects.get(user=user, key=key)


def make_robot(user=None, **fields) -> Robot:
    """A webhook of `user`, or of `team`."""
    robot = Robot(user=user, **{"channel": "webhook", "name": "Mein Roboter", **fields})
    robot.seal_target("https://chat.example.com/hook?key=geheim", new_webhook_secret())
    robot.save()
    return robot


def make_delivery(user, key="mention:1", *, now: dt.datetime | None = None, **fields) -> Delivery:
    """A mail to `user` that became a dead letter."""
    note, now = make_notification(user, key), now or timezone.now()
    fields = {"channel": "email", "status": "dead", "error": "550 no such user", "attempts": 1, **fields}
    return Delivery.objects.create(
        notification=note, user=user, target=user.email, thread=note.thread, key=f"{note.pk}:email", due_at=now,
        created_at=now, **fields,
    )  # fmt: skip
