"""Codes and their words."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class EmailMode(models.TextChoices):
    NEVER = "never", pgettext_lazy("e-mail", "Never")
    NOW = "now", pgettext_lazy("e-mail", "At once")
    DIGEST = "digest", pgettext_lazy("e-mail", "In the daily digest")


class DeliveryMode(models.TextChoices):
    NOW = "now", pgettext_lazy("delivery", "Single message")
    DIGEST = "digest", pgettext_lazy("delivery", "Daily digest")


class DeliveryStatus(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("delivery", "Waiting")
    SENDING = "sending", pgettext_lazy("delivery", "Being sent")
    SENT = "sent", pgettext_lazy("delivery", "Sent")
    UNCERTAIN = "uncertain", pgettext_lazy("delivery", "Uncertain")
    DEAD = "dead", pgettext_lazy("delivery", "Dead letter")
    DROPPED = "dropped", pgettext_lazy("delivery", "Not sent")


class DropReason(models.TextChoices):
    READ = "read", _("Read in KAM before it was due")
    INACTIVE = "inactive", _("The user was deactivated")
    NO_ROBOT = "no_robot", _("The robot was removed")
    ROBOT_OFF = "robot_off", _("The robot was switched off")


AGAIN = (DeliveryStatus.DEAD, DeliveryStatus.UNCERTAIN)
"""What a person may send again."""
EMAIL = "email"
WEBHOOK = "webhook"
