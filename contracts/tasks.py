"""Doors for the schedule."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from audit.services import audit_context
from contracts.services.jobs import run_contract_jobs as run


@shared_task
def run_contract_jobs() -> None:
    """Every night: renewals and reminders. A second call on the same day changes nothing; nights that were missed are
    caught up."""
    now = timezone.now()
    with audit_context("job"):
        run(today=timezone.localdate(now), now=now)
