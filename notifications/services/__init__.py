"""Every write to notifications."""

from notifications.services.inbox import Note, mark_all_read, mark_read, notify, notify_many

__all__ = ["Note", "mark_all_read", "mark_read", "notify", "notify_many"]
