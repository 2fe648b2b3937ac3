"""Celery doors of the integrations."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from integrations.services import imports


@shared_task
def run_import(pk: int) -> bool:
    """Import a file, if it is still waiting. Any number of messages for one job do no harm."""
    return imports.run_job(pk, clock=timezone.now, today=timezone.localdate())


@shared_task
def sweep_imports() -> int:
    """Every minute: ring again for jobs that wait, or whose worker died; returns how many."""
    due = imports.due_jobs(timezone.now())
    for pk in due:
        run_import.delay(pk)
    return len(due)
