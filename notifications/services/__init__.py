"""Every write to notifications."""

from notifications.services.deliveries import MOST_AGAIN, send_again
from notifications.services.inbox import Note, mark_all_read, mark_read, notify, notify_many, ring
from notifications.services.preferences import (
    preference_of,
    reset_preference,
    reset_rules,
    save_preference,
    save_rules,
)
from notifications.services.robots import add_robot, leads_team, remove_robot, secret_for, try_robot, update_robot

__all__ = [
    "MOST_AGAIN",
    "Note",
    "add_robot",
    "leads_team",
    "mark_all_read",
    "mark_read",
    "notify",
    "notify_many",
    "preference_of",
    "remove_robot",
    "reset_preference",
    "reset_rules",
    "ring",
    "save_preference",
    "save_rules",
    "secret_for",
    "send_again",
    "try_robot",
    "update_robot",
]
