"""Celery doors of the accounts."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from accounts import services


@shared_task
def note_expired_members() -> int:
    """Every hour: tell the audit of memberships whose last day is over. Twice does no harm."""
    return services.note_expired_members(timezone.localdate())
