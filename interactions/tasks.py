"""Doors for the schedule and for work that pages leave behind."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from audit.services import audit_context
from interactions import services


@shared_task
def refresh_all_rhythms() -> int:
    """The dates of all accounts after another contact policy came into force; returns how many changed."""
    with audit_context("job"):
        return services.refresh_rhythms(None, today=timezone.localdate())
