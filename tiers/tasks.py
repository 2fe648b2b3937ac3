"""Doors for the schedule."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from audit.services import audit_context
from tiers import services


@shared_task
def run_due_policies() -> None:
    """Daily: run the policy in force if its schedule has fallen due; a second call on the same day does nothing."""
    with audit_context("job"):
        services.run_due_policies(today=timezone.localdate())
