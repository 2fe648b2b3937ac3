"""Doors for the schedule, and for what is to go out right after it was told."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from audit.services import audit_context
from notifications.services import outbox, routing


@shared_task
def deliver() -> None:
    """Put what is new into the outbox, send what is due. Any number may run at once, and be killed: the rows are the
    queue, so a call that is lost is made up for by the next."""
    with audit_context("job"):
        routing.route_new(timezone.now)
        outbox.send_due(timezone.now)
