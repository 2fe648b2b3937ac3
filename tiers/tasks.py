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


@shared_task
def carry_out_decision(pk: int) -> int:
    """Decide on many proposals, if that is still to do. Any number of messages for one decision do no harm."""
    with audit_context("job"):
        return services.carry_out_decision(pk, now=timezone.now())


@shared_task
def sweep_decisions() -> int:
    """Every minute: ring again for decisions that wait, or whose worker died; returns how many."""
    due = services.due_decisions(timezone.now())
    for pk in due:
        carry_out_decision.delay(pk)
    return len(due)
