"""Celery doors of the integrations."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone

from integrations.models import ContactImportJob, ContractImportJob, FileJob, ImportJob
from integrations.services import contact_imports, contract_imports, imports, jobs


@shared_task
def run_import(pk: int) -> bool:
    """Import a file, if it is still waiting. Any number of messages for one job do no harm."""
    return imports.run_job(pk, clock=timezone.now, today=timezone.localdate())


@shared_task
def run_contact_import(pk: int) -> bool:
    """Check or import a file of contacts, if it is still waiting. Any number of messages for one job do no harm."""
    return contact_imports.run_contact_job(pk, clock=timezone.now, today=timezone.localdate())


@shared_task
def run_contract_import(pk: int) -> bool:
    """Check or import a file of contracts, if it is still waiting. Any number of messages for one job do no harm."""
    return contract_imports.run_contract_job(pk, clock=timezone.now, today=timezone.localdate())


@shared_task
def sweep_imports() -> int:
    """Every minute: ring again for jobs that wait, or whose worker died; returns how many."""
    now, rung = timezone.now(), 0
    doorbells: list[tuple[type[FileJob], Any]] = [
        (ImportJob, run_import), (ContactImportJob, run_contact_import), (ContractImportJob, run_contract_import),
    ]  # fmt: skip
    for model, task in doorbells:
        for pk in jobs.due_ids(model, now):
            task.delay(pk)
            rung += 1
    return rung
