"""Telling people that they cannot be reached."""

from __future__ import annotations

import datetime as dt
import hashlib

from django.urls import reverse
from django.utils.translation import override

from notifications.channels.words import in_words
from notifications.models import Delivery
from notifications.services.inbox import notify


def tell_of_refusal(row: Delivery, reason: str, now: dt.datetime) -> None:
    """In the bell, once a day for each address or robot; what belongs to a team is seen by administrators."""
    robot = row.robot
    if robot is None:
        kind, address, url = "mail_refused", row.user.email, reverse("users:profile")
    elif robot.team_id is None:
        kind, address, url = "robot_refused", robot.name, reverse("notifications:preferences")
    else:
        return
    digest = hashlib.sha256(f"{kind}.{address}".encode()).hexdigest()[:16]
    with override(row.user.language):
        params = {"address": address, "error": in_words(reason)[:200]}
    notify([row.user], kind, params=params, url=url, key=f"{kind}:{digest}:{now:%Y%m%d}")
