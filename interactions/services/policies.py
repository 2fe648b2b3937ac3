"""The contact policy: drafts are changed and tried, one version is in force, superseded ones never change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import Account
from audit.services import diff, record, snapshot
from contacts.choices import Seniority
from interactions.choices import Duty, Occasion, PolicyStatus
from interactions.errors import MayNotOwnContactPolicy, NoRules, PolicyNotDraft, RulesEqual
from interactions.models import ContactPolicy, PolicyRule
from interactions.services.rhythms import refresh_rhythms
from notifications.services import notify
from users.models import User

# Up to here the dates of all accounts follow at once; beyond, the doors ring for a worker.
REFRESHED_AT_ONCE = 2000
RULE_FIELDS = ("duty", "tier", "stage", "region", "cadence_days", "channels", "minimum_seniority")
DEFAULT_RULES = (
    {"tier": "A", "cadence_days": 14},
    {"tier": "B", "cadence_days": 30},
    {"tier": "C", "cadence_days": 90},
    {
        "duty": Duty.SPONSOR,
        "tier": "A",
        "cadence_days": 90,
        "channels": ["visit", "meeting"],
        "minimum_seniority": Seniority.DIRECTOR,
    },
)


@transaction.atomic
def create_contact_policy(policy: ContactPolicy, rules: Sequence[PolicyRule], *, actor: User | None) -> ContactPolicy:
    """Save a new draft with its rules; it gets the next number. Raises MayNotOwnContactPolicy, NoRules, RulesEqual,
    ValidationError (`rules.0.cadence_days` for a rule)."""
    _check_owner(actor)
    check_rules(rules, policy)
    list(ContactPolicy.objects.select_for_update().order_by("pk").values_list("pk", flat=True))
    policy.number = (ContactPolicy.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    policy.status, policy.created_by = PolicyStatus.DRAFT, actor
    policy.save()
    _put_rules(policy, rules)
    changes = {"version": (None, policy.number), "rules": (None, len(rules))}
    record("contact_policy.created", policy, actor=actor, changes=changes, reason=policy.note)
    return policy


@transaction.atomic
def update_contact_policy(policy: ContactPolicy, rules: Sequence[PolicyRule], *, actor: User | None) -> ContactPolicy:
    """Save a draft and put `rules` in the place of its rules.

    Raises PolicyNotDraft and what `create_contact_policy` raises.
    """
    _check_owner(actor)
    stored = _locked_draft(policy)
    check_rules(rules, policy)
    changes = diff(snapshot(stored), policy)
    before, after = _in_words(stored.rules.all()), _in_words(rules)
    policy.number, policy.status = stored.number, stored.status
    policy.save()
    if before != after:
        PolicyRule.objects.filter(policy=policy).delete()
        _put_rules(policy, rules)
        changes["rules"] = [before, after]
    if changes:
        record("contact_policy.updated", policy, actor=actor, changes=changes)
    return policy


@transaction.atomic
def delete_contact_policy(policy: ContactPolicy, *, actor: User | None) -> None:
    """Throw a draft away. Raises MayNotOwnContactPolicy, PolicyNotDraft."""
    _check_owner(actor)
    stored = _locked_draft(policy)
    record("contact_policy.deleted", stored, actor=actor, changes={"version": (stored.number, None)})
    stored.delete()


@transaction.atomic
def activate_contact_policy(policy: ContactPolicy, *, actor: User | None, now: dt.datetime) -> ContactPolicy:
    """Put a draft in force; the version before is superseded, and both never change any more.

    The dates of the accounts follow at once where those are few; else `interactions.tasks.refresh_all_rhythms` does it,
    and the nightly planning in any case. Raises MayNotOwnContactPolicy, PolicyNotDraft, NoRules.
    """
    _check_owner(actor)
    # The whole (small) table, in order: of two drafts activated at the same moment the later one wins, never both.
    list(ContactPolicy.objects.select_for_update().order_by("pk").values_list("pk", flat=True))
    if not PolicyRule.objects.filter(policy=policy).exists():
        raise NoRules
    before = ContactPolicy.objects.in_force().first()
    ContactPolicy.objects.in_force().update(status=PolicyStatus.SUPERSEDED, updated_at=now)
    draft = ContactPolicy.objects.filter(pk=policy.pk, status=PolicyStatus.DRAFT)
    if not draft.update(status=PolicyStatus.IN_FORCE, in_force_from=now, updated_at=now):
        raise PolicyNotDraft
    policy.refresh_from_db()
    changes = {"version": (before and before.number, policy.number)}
    record("contact_policy.activated", policy, actor=actor, changes=changes, reason=policy.note)
    if actor is not None:
        people = User.objects.active().exclude(pk=actor.pk)
        url, key = policy.get_absolute_url(), f"contact_policy:{policy.pk}"
        notify(people, "policy_activated", params={"actor": actor}, url=url, key=key)
    if Account.objects.count() <= REFRESHED_AT_ONCE:
        refresh_rhythms(None, today=timezone.localdate(now))
    return policy


@transaction.atomic
def ensure_default_contact_policy(*, now: dt.datetime, actor: User | None = None) -> ContactPolicy:
    """The policy in force, else the newest there is; where there is none, one is made and put in force: A every 14
    days, B every 30, C every 90, and A by the executive sponsor every 90 days on the level of directors."""
    policy = ContactPolicy.objects.in_force().first() or ContactPolicy.objects.first()
    if policy is not None:
        return policy
    policy = ContactPolicy(
        holidays=[Occasion.SPRING_FESTIVAL, Occasion.MID_AUTUMN, Occasion.NEW_YEAR], greeting_tiers=["A", "B"]
    )
    create_contact_policy(policy, [PolicyRule(**rule) for rule in DEFAULT_RULES], actor=actor)
    return activate_contact_policy(policy, actor=actor, now=now)


def _check_owner(actor: User | None) -> None:
    if actor is not None and not (actor.is_active and actor.owns_policies):
        raise MayNotOwnContactPolicy


def _locked_draft(policy: ContactPolicy) -> ContactPolicy:
    stored = ContactPolicy.objects.select_for_update(of=("self",)).filter(pk=policy.pk).first()
    if stored is None or stored.status != PolicyStatus.DRAFT:
        raise PolicyNotDraft
    return stored


def check_rules(rules: Sequence[PolicyRule], policy: ContactPolicy | None = None) -> None:
    """Raises NoRules, RulesEqual, or one ValidationError with everything that is wrong, also with `policy`."""
    errors = _errors(policy, "") if policy is not None else {}
    for number, rule in enumerate(rules):
        errors |= _errors(rule, f"rules.{number}.")
    if errors:
        raise ValidationError(errors)
    if not rules:
        raise NoRules(field="rules")
    seen: dict[tuple[str, str, str, str], int] = {}
    for number, rule in enumerate(rules, 1):
        first = seen.setdefault((rule.duty, rule.tier, rule.stage, rule.region), number)
        if first != number:
            raise RulesEqual(field="rules", first=first, second=number)


def _errors(row: ContactPolicy | PolicyRule, prefix: str) -> dict[str, list[ValidationError]]:
    try:
        row.full_clean(exclude={"policy"})
    except ValidationError as error:
        return {f"{prefix}{name}": found for name, found in error.error_dict.items()}
    return {}


def _put_rules(policy: ContactPolicy, rules: Iterable[PolicyRule]) -> None:
    copies = [PolicyRule(policy=policy, **{name: getattr(rule, name) for name in RULE_FIELDS}) for rule in rules]
    PolicyRule.objects.bulk_create(copies)


def _in_words(rules: Iterable[PolicyRule]) -> list[str]:
    """The rules as the audit keeps them: `manager A * *: 14 visit,meeting,call 0`."""
    return sorted(
        f"{rule.duty} {rule.tier or '*'} {rule.stage or '*'} {rule.region or '*'}: {rule.cadence_days} "
        f"{','.join(rule.channels)} {rule.minimum_seniority:d}"
        for rule in rules
    )
