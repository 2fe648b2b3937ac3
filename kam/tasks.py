"""Housekeeping of the whole system."""

import time

from celery import shared_task
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from core.idempotency import forget_answers
from kam import broker


@shared_task
def clear_sessions() -> None:
    """Delete expired sessions, and answers that were kept for keys of the API."""
    call_command("clearsessions")
    forget_answers(timezone.now())


@shared_task
def sweep_broker() -> int:
    """Delete old message files of the embedded broker; returns how many. Nothing to do with Redis."""
    if not settings.EMBEDDED_BROKER:
        return 0
    return broker.sweep(settings.BROKER_DIR, now=time.time())
