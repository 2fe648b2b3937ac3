"""What people are told about alerts: each thing once, however often a job runs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.urls import reverse

from health.models import Alert
from interactions.moments import zone_of
from notifications.services import Note
from users.models import User

SINGLE_NOTES = 3
"""Who gets more alerts than these at once is told of them in one sentence."""


def note(alert: Alert, kind: str, users: Sequence[User], at: dt.datetime, *, actor: User | None = None) -> Note:
    """About one alert; `at` tells apart the times that the same happens to it."""
    due = alert.due_at.astimezone(zone_of(users[0] if users else None)).date() if alert.due_at else None
    params = {
        "account": alert.account.name,
        "reason": alert.reason,
        "due_date": due.isoformat() if due else "–",
        "actor": str(actor) if actor else "",
    }
    return Note(users, kind, params, alert.get_absolute_url(), f"alert:{alert.pk}:{kind}:{at:%Y%m%d%H%M%S}")


def notes_of_opening(owner: User | None, alerts: Sequence[Alert], at: dt.datetime) -> list[Note]:
    """To their owner: one note for each of a few alerts, one for all of many; `alerts` the most dangerous first."""
    if owner is None or not alerts:
        return []
    if len(alerts) <= SINGLE_NOTES:
        return [note(alert, "alert_opened", [owner], at) for alert in alerts]
    worst = alerts[0]
    about = worst.get_absolute_url()
    params = {"count": len(alerts), "account": worst.account.name, "reason": worst.reason, "about": about}
    key = f"alerts:{owner.pk}:{worst.pk}:{at:%Y%m%d%H%M%S}"
    return [Note([owner], "alerts_opened", params, reverse("health:alert_list"), key)]
