"""What is handed on when somebody leaves: their alerts and tasks of playbooks (see users/duties.py)."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from health.services.alert_watch import hand_over_alerts
from health.services.playbook_watch import hand_over_tasks
from users.duties import register_heir
from users.models import User


def hand_over(user: User, now: dt.datetime) -> None:
    """To the managers of the accounts, which have been handed over by hand before; else to who leads."""
    hand_over_alerts(now, owner=user)
    hand_over_tasks(timezone.localdate(now), owner=user)


register_heir(hand_over)
