"""Policies and their versions: a change of what is computed is a new version, never an overwritten one."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction

from audit.services import diff, record, snapshot
from tiers.choices import Method, Schedule
from tiers.errors import MayNotOwnPolicies
from tiers.models import TierPolicy, TierPolicyVersion
from users.models import User

DEFAULT_CODE = "standard"
DEFAULT_PARAMETERS = {"cut_a": "80", "cut_b": "95", "down_runs": 2, "margin": "2"}


@transaction.atomic
def create_policy(policy: TierPolicy, version: TierPolicyVersion, *, actor: User | None) -> TierPolicy:
    """Save a new policy with its first version. `actor` None is the system. Raises MayNotOwnPolicies, ValidationError
    by field or parameter name."""
    _check_owner(actor)
    version.number, version.author = 1, actor
    _full_clean(policy, version)
    policy.save()
    version.policy = policy
    version.save()
    record("tier_policy.created", policy, actor=actor, changes={"version": (None, 1), **_rules(None, version)})
    return policy


@transaction.atomic
def update_policy(policy: TierPolicy, version: TierPolicyVersion | None = None, *, actor: User | None) -> TierPolicy:
    """Save a policy; where `version` (unsaved) computes something else than the newest one, it becomes the next.

    Raises MayNotOwnPolicies, ValidationError by field or parameter name.
    """
    _check_owner(actor)
    stored = TierPolicy.objects.select_for_update().get(pk=policy.pk)
    newest = stored.current_version
    if version is not None:
        version.number, version.author = (newest.number if newest else 0) + 1, actor
    _full_clean(policy, version)
    changes = diff(snapshot(stored), policy)
    policy.save()
    if version is not None and (newest is None or not version.same_rules_as(newest)):
        version.policy = policy
        version.save()
        changes |= {"version": [newest and newest.number, version.number], **_rules(newest, version)}
    if changes:
        record("tier_policy.updated", policy, actor=actor, changes=changes, reason=version.note if version else "")
    return policy


@transaction.atomic
def ensure_default_policy(*, actor: User | None = None) -> TierPolicy:
    """The policy in force, else the first there is; where there is none, a Pareto policy 80/95 over 12 months is made:
    every half-year, downgrades after two runs in a row or beyond 2 points."""
    policy = TierPolicy.objects.order_by("-enabled", "pk").first()
    if policy is not None:
        return policy
    policy = TierPolicy(
        code=DEFAULT_CODE,
        name="标准等级策略",
        name_en="Standard tier policy",
        enabled=True,
        schedule=Schedule.HALF_YEARLY,
        schedule_day=5,
    )
    version = TierPolicyVersion(method=Method.PARETO, parameters=DEFAULT_PARAMETERS, months=12)
    return create_policy(policy, version, actor=actor)


def _check_owner(actor: User | None) -> None:
    if actor is not None and not actor.owns_policies:
        raise MayNotOwnPolicies


def _full_clean(policy: TierPolicy, version: TierPolicyVersion | None) -> None:
    """Raises one ValidationError with the errors of both."""
    errors: dict[str, list[ValidationError]] = {}
    for row, exclude in ((policy, None), (version, {"policy"})):
        try:
            if row is not None:
                row.full_clean(exclude=exclude)
        except ValidationError as error:
            errors |= error.error_dict
    if errors:
        raise ValidationError(errors)


def _rules(before: TierPolicyVersion | None, after: TierPolicyVersion) -> dict[str, list[object]]:
    """What differs between two versions, for the audit."""
    found: dict[str, list[object]] = {}
    for name in ("method", "months", "currency"):
        old, new = before and getattr(before, name), getattr(after, name)
        if old != new:
            found[name] = [old, new]
    old_parameters = before.parameters if before else {}
    for name in sorted(old_parameters.keys() | after.parameters.keys()):
        old, new = old_parameters.get(name), after.parameters.get(name)
        if old != new:
            found[name] = [old, new]
    return found
