"""What users choose for themselves, and what administrators decide for each role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from audit.services import diff, entry, record, record_many, snapshot
from notifications.desk import default_of, rules_now
from notifications.errors import MayNotOwnNotifications
from notifications.events import GROUPS, Choice
from notifications.models import DeliveryRule, NotificationPreference
from notifications.services.routing import reroute
from users.models import User


def preference_of(user: User) -> NotificationPreference:
    """The user's own settings as they are, or unsaved ones with the defaults; for reading."""
    found = NotificationPreference.objects.visible_to(user).first()
    return found or NotificationPreference(user=user)


@transaction.atomic
def save_preference(
    preference: NotificationPreference, choices: Mapping[str, Choice], *, actor: User
) -> NotificationPreference:
    """Store the actor's own quiet hours and choices; what equals the default of the role goes on following it. What
    waits to be delivered follows at once. Raises ValidationError."""
    stored = NotificationPreference.objects.filter(user=actor).select_for_update().first()
    before = snapshot(stored) if stored else None
    rules = rules_now()
    preference.user, preference.pk = actor, stored.pk if stored else None
    preference.choices = {
        code: {"email": str(choice.email), "robots": sorted(choice.robots)}
        for code, choice in choices.items()
        if not _same(choice, default_of(rules, actor.role, GROUPS[code]))
    }
    preference._state.adding = stored is None
    if stored:
        preference.created_at = stored.created_at
    preference.full_clean()
    preference.save()
    _record(preference, before, actor)
    return preference


@transaction.atomic
def reset_preference(*, actor: User) -> None:
    """Back to the defaults, quiet hours too."""
    stored = NotificationPreference.objects.filter(user=actor).select_for_update().first()
    if stored is None:
        return
    record("notification_preference.reset", stored, actor=actor, changes={"choices": (stored.choices, {})})
    stored.delete()
    reroute(actor)


@transaction.atomic
def save_rules(role: str, choices: Mapping[str, Choice], *, actor: User) -> int:
    """Decide what users of a role get where they have not chosen; returns how many groups changed.

    Raises MayNotOwnNotifications.
    """
    if not (actor.is_active and actor.is_administrator):
        raise MayNotOwnNotifications
    rows = {rule.group: rule for rule in DeliveryRule.objects.filter(role=role).select_for_update()}
    rules, entries = rules_now(), []
    for code, choice in choices.items():
        now = default_of(rules, role, GROUPS[code])
        if choice == now:
            continue
        rule = rows.get(code) or DeliveryRule(role=role, group=code)
        rule.email, rule.robots, rule.copied = str(choice.email), sorted(choice.robots), choice.copied
        rule.full_clean()
        rule.save()
        entries.append(entry("notification_rule.updated", rule, actor=actor, changes=_changes(now, choice)))
    record_many(entries)
    return len(entries)


@transaction.atomic
def reset_rules(role: str, *, actor: User) -> None:
    """What comes with KAM counts again for a role. Raises MayNotOwnNotifications."""
    if not (actor.is_active and actor.is_administrator):
        raise MayNotOwnNotifications
    rows = list(DeliveryRule.objects.filter(role=role).select_for_update())
    record_many(entry("notification_rule.reset", row, actor=actor) for row in rows)
    DeliveryRule.objects.filter(pk__in=[row.pk for row in rows]).delete()


def _record(preference: NotificationPreference, before: dict[str, Any] | None, actor: User) -> None:
    fresh = snapshot(NotificationPreference(user=actor))
    changes = diff(before or fresh | {"id": preference.pk}, preference)
    if changes:
        record("notification_preference.updated", preference, actor=actor, changes=changes)
        reroute(actor)


def _same(one: Choice, other: Choice) -> bool:
    return (str(one.email), one.robots) == (str(other.email), other.robots)


def _changes(before: Choice, after: Choice) -> dict[str, tuple[Any, Any]]:
    pairs: dict[str, tuple[Any, Any]] = {
        "email": (str(before.email), str(after.email)),
        "robots": (sorted(before.robots), sorted(after.robots)),
        "copied": (before.copied, after.copied),
    }
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
