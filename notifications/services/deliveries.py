"""What administrators do with messages that did not arrive."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import transaction
from django.db.models import Q

from audit.services import entry, record_many
from notifications.choices import AGAIN, DeliveryStatus
from notifications.errors import MayNotOwnNotifications, NothingToSendAgain
from notifications.models import Delivery
from users.models import User

MOST_AGAIN = 1000
"""Messages that one click sends again."""


@transaction.atomic
def send_again(pks: Collection[int], *, actor: User, now: dt.datetime) -> int:
    """Put dead letters and uncertain messages back into the outbox, under the key that they had; returns how many
    messages. Raises MayNotOwnNotifications, NothingToSendAgain."""
    if not (actor.is_active and actor.is_administrator):
        raise MayNotOwnNotifications
    chosen = Delivery.objects.filter(pk__in=pks, status__in=AGAIN).select_for_update(of=("self",)).order_by("pk")
    rows = list(chosen[:MOST_AGAIN])
    if not rows:
        raise NothingToSendAgain
    leads = {row.lead or row.pk for row in rows}
    fields = {"status": DeliveryStatus.WAITING, "attempts": 0, "due_at": now, "claimed_at": None}
    Delivery.objects.filter(Q(lead__in=leads) | Q(pk__in=leads), status__in=AGAIN).update(**fields)
    record_many(
        entry(
            "delivery.sent_again", row, actor=actor, changes={"status": (row.status, "waiting")}, reason=row.error[:200]
        )
        for row in rows
    )
    return len(leads)
