"""The contract policy: one row for the company, with the rules of renewals and of reminders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from audit.services import diff, record, snapshot
from contracts.errors import MayNotOwnContractPolicy, RuleTwice
from contracts.models import ContractPolicy, DunningRule, RenewalRule
from contracts.services.renewal_terms import redate
from users.models import User

RENEWAL_RULES = (
    {"tier": "A", "open_days": 180},
    {"tier": "B", "open_days": 120},
    {"tier": "C", "open_days": 90},
    {"tier": "", "open_days": 90},
)
DUNNING_RULES = (
    *({"tier": "A", "level": level, "days_overdue": days} for level, days in ((1, 14), (2, 30), (3, 60))),
    *({"tier": "", "level": level, "days_overdue": days} for level, days in ((1, 7), (2, 21), (3, 45))),
)
RENEWAL_FIELDS = ("tier", "min_amount", "open_days")
DUNNING_FIELDS = ("tier", "level", "days_overdue")


@transaction.atomic
def ensure_contract_policy() -> ContractPolicy:
    """The policy; where there is none, one is made with the default rules: renewals open 180 days before notice for A,
    120 for B, 90 for C and others; reminders 7, 21 and 45 days after the due date, for A 14, 30 and 60."""
    policy = ContractPolicy.objects.first()
    if policy is not None:
        return policy
    policy, created = ContractPolicy.objects.get_or_create(singleton=True)
    if created:
        _put(policy, RenewalRule, [RenewalRule(**rule) for rule in RENEWAL_RULES], RENEWAL_FIELDS)
        _put(policy, DunningRule, [DunningRule(**rule) for rule in DUNNING_RULES], DUNNING_FIELDS)
        changes = {"rules": (None, len(RENEWAL_RULES) + len(DUNNING_RULES))}
        record("contract_policy.created", policy, actor=None, changes=changes)
    return policy


def policy_now() -> ContractPolicy:
    """The policy as it is, or an unsaved one with the defaults; for reading."""
    return ContractPolicy.objects.first() or ContractPolicy()


def rules_of(policy: ContractPolicy) -> tuple[list[RenewalRule], list[DunningRule]]:
    """The rules of a policy, A first and those for others last; of one that is not saved yet, the defaults."""
    if policy.pk is None:
        return [RenewalRule(**rule) for rule in RENEWAL_RULES], [DunningRule(**rule) for rule in DUNNING_RULES]
    renewal_rules = sorted(policy.renewal_rules.all(), key=lambda rule: (not rule.tier, rule.tier, rule.min_amount))
    dunning_rules = sorted(policy.dunning_rules.all(), key=lambda rule: (not rule.tier, rule.tier, rule.level))
    return renewal_rules, dunning_rules


@transaction.atomic
def update_contract_policy(
    policy: ContractPolicy,
    renewal_rules: Sequence[RenewalRule],
    dunning_rules: Sequence[DunningRule],
    *,
    actor: User | None,
    today: dt.date,
    now: dt.datetime,
) -> ContractPolicy:
    """Save the policy and put these rules in the place of its rules; the days on which renewals open follow at once.

    Raises MayNotOwnContractPolicy, RuleTwice, ValidationError (`renewal_rules.0.open_days` for a rule).
    """
    if actor is not None and not (actor.is_active and actor.owns_policies):
        raise MayNotOwnContractPolicy
    check_policy(policy, renewal_rules, dunning_rules)
    stored = ContractPolicy.objects.select_for_update().get(pk=ensure_contract_policy().pk)
    policy.pk, policy.created_at, policy.singleton = stored.pk, stored.created_at, True
    changes: dict[str, Any] = diff(snapshot(stored), policy)
    policy.save(force_update=True)
    for name, model, rules, columns in (
        ("renewal_rules", RenewalRule, renewal_rules, RENEWAL_FIELDS),
        ("dunning_rules", DunningRule, dunning_rules, DUNNING_FIELDS),
    ):
        before, after = _in_words(model.objects.filter(policy=stored), columns), _in_words(rules, columns)
        if before != after:
            model.objects.filter(policy=stored).delete()
            _put(policy, model, rules, columns)
            changes[name] = [before, after]
    if changes:
        record("contract_policy.updated", policy, actor=actor, changes=changes)
    if "renewal_rules" in changes:
        redate(today, now=now)
    return policy


def check_policy(
    policy: ContractPolicy, renewal_rules: Sequence[RenewalRule], dunning_rules: Sequence[DunningRule]
) -> None:
    """Raises one ValidationError with everything that is wrong with the fields, and RuleTwice."""
    errors = _errors(policy, "", {"singleton"})
    for number, rule in enumerate(renewal_rules):
        errors |= _errors(rule, f"renewal_rules.{number}.", {"policy"})
    for number, reminder in enumerate(dunning_rules):
        errors |= _errors(reminder, f"dunning_rules.{number}.", {"policy"})
    if errors:
        raise ValidationError(errors)
    _once("renewal_rules", [(rule.tier, rule.min_amount) for rule in renewal_rules])
    _once("dunning_rules", [(rule.tier, rule.level) for rule in dunning_rules])


def _once(field: str, keys: Sequence[tuple[Any, ...]]) -> None:
    seen: dict[tuple[Any, ...], int] = {}
    for number, key in enumerate(keys, 1):
        first = seen.setdefault(key, number)
        if first != number:
            raise RuleTwice(field=field, first=first, second=number)


def _errors(row: Any, prefix: str, exclude: set[str]) -> dict[str, Any]:
    try:
        row.full_clean(exclude=exclude, validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        return {f"{prefix}{name}": found for name, found in error.error_dict.items()}
    return {}


def _put(policy: ContractPolicy, model: type[Any], rules: Iterable[Any], columns: Sequence[str]) -> None:
    copies = [model(policy=policy, **{name: getattr(rule, name) for name in columns}) for rule in rules]
    model.objects.bulk_create(copies)


def _in_words(rules: Iterable[Any], columns: Sequence[str]) -> list[str]:
    """The rules as the audit keeps them: `A 0: 180`, tier (* for none), amount or level, days."""
    found = []
    for rule in rules:
        tier, bound, days = (getattr(rule, name) for name in columns)
        found.append(f"{tier or '*'} {Decimal(bound).normalize():,f}: {days}")
    return sorted(found)
