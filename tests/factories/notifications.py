"""Notifications, sent through the service."""

from notifications.models import Notification
from notifications.services import notify


def make_notification(user, key="mention:1", *, url="/accounts/", **params) -> Notification:
    """An unread mention of `user`."""
    params = {"actor": "Lee", "account": "客户", "title": "季度会", **params}
    notify([user], "mentioned", params=params, url=url, key=key)
    return Notification.objects.get(user=user, key=key)
