"""The survey policy: one row for the company. Who asks or sends locks it: limits over all campaigns hold."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from audit.services import diff, record, snapshot
from surveys.errors import MayNotOwnSurveys
from surveys.models import SurveyPolicy
from users.models import User

ONLY = 1
"""The primary key of the one row."""
POLICY_FIELDS = (
    "min_days_between",
    "mails_per_minute",
    "answer_days",
    "follow_up_hours_a",
    "follow_up_hours_b",
    "follow_up_hours_c",
    "day_from",
    "day_until",
)


def policy_now() -> SurveyPolicy:
    """The policy as it is, or an unsaved one with the defaults; for reading."""
    return SurveyPolicy.objects.order_by("pk").first() or SurveyPolicy()


def locked_policy() -> SurveyPolicy:
    """The policy, locked until the transaction ends: one at a time asks contacts or takes mails from the outbox.

    Made with the defaults where there is none yet."""
    found = SurveyPolicy.objects.select_for_update().order_by("pk").first()
    if found is not None:
        return found
    SurveyPolicy.objects.bulk_create([SurveyPolicy(pk=ONLY)], ignore_conflicts=True)
    return SurveyPolicy.objects.select_for_update().get(pk=ONLY)


@transaction.atomic
def update_policy(policy: SurveyPolicy, *, actor: User | None) -> SurveyPolicy:
    """Store `policy` (its primary key does not matter) as the one that counts. Returns it.

    Raises MayNotOwnSurveys, ValidationError.
    """
    if actor is not None and not (actor.is_active and actor.owns_policies):
        raise MayNotOwnSurveys
    stored = locked_policy()
    policy.pk = stored.pk
    policy.full_clean(validate_unique=False)
    changes: dict[str, Any] = diff(snapshot(stored), policy)
    policy._state.adding = False
    policy.save()
    if changes:
        record("survey_policy.updated", policy, actor=actor, changes=changes)
    return policy
