"""Doors for the schedule."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from approvals import services
from audit.services import audit_context


@shared_task
def reassign_lost_votes() -> int:
    """Every quarter of an hour: what those who have left should decide goes to their superiors; returns how many."""
    with audit_context("job"):
        return services.reassign_lost_votes(now=timezone.now())
