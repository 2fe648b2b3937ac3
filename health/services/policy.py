"""The health policy: one row for the company."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from audit.services import diff, record, snapshot
from health.errors import MayNotOwnHealth
from health.models import HealthPolicy
from users.models import User

ONLY = 1
"""The primary key of the one row."""
POLICY_FIELDS = (
    "open_alerts_per_manager",
    "due_hours_a",
    "due_hours_b",
    "due_hours_c",
    "director_after_hours",
    "quiet_days",
    "keep_days",
    "day_from",
    "day_until",
)


def policy_now() -> HealthPolicy:
    """The policy as it is, or an unsaved one with the defaults; for reading."""
    return HealthPolicy.objects.order_by("pk").first() or HealthPolicy()


def locked_policy() -> HealthPolicy:
    """The policy, locked until the transaction ends; made with the defaults where there is none yet."""
    found = HealthPolicy.objects.select_for_update().order_by("pk").first()
    if found is not None:
        return found
    HealthPolicy.objects.bulk_create([HealthPolicy(pk=ONLY)], ignore_conflicts=True)
    return HealthPolicy.objects.select_for_update().get(pk=ONLY)


@transaction.atomic
def update_policy(policy: HealthPolicy, *, actor: User | None) -> HealthPolicy:
    """Store `policy` (its primary key does not matter) as the one that counts. Returns it.

    Raises MayNotOwnHealth, ValidationError.
    """
    check_owner(actor)
    stored = locked_policy()
    policy.pk = stored.pk
    policy.full_clean(validate_unique=False)
    changes: dict[str, Any] = diff(snapshot(stored), policy)
    policy._state.adding = False
    policy.save()
    if changes:
        record("health_policy.updated", policy, actor=actor, changes=changes)
    return policy


def check_owner(actor: User | None) -> None:
    """Raises MayNotOwnHealth unless it is the system or somebody who owns the company's policies."""
    if actor is not None and not (actor.is_active and actor.owns_policies):
        raise MayNotOwnHealth
