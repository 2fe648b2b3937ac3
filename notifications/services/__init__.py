"""Every write to notifications."""

from notifications.services.inbox import mark_all_read, mark_read, notify

__all__ = ["mark_all_read", "mark_read", "notify"]
