"""Celery doors of the integrations."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from integrations.services import contact_imports, imports


@shared_task
def run_import(pk: int) -> bool:
    """Import a file, if it is still waiting. Any number of messages for one job do no harm."""
    return imports.run_job(pk, clock=timezone.now, today=timezone.localdate())


@shared_task
def run_contact_import(pk: int) -> bool:
    """Check or import a file of contacts, if it is still waiting. Any number of messages for one job do no harm."""
    return contact_imports.run_contact_job(pk, clock=timezone.now, today=timezone.localdate())


@shared_task
def sweep_imports() -> int:
    """Every minute: ring again for jobs that wait, or whose worker died; returns how many."""
    now = timezone.now()
    orders, contacts = imports.due_jobs(now), contact_imports.due_contact_jobs(now)
    for pk in orders:
        run_import.delay(pk)
    for pk in contacts:
        run_contact_import.delay(pk)
    return len(orders) + len(contacts)
