"""What alerts and health profiles say for a tier: bounds, conditions, hours to act."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.choices import Status
from core.tier_effects import Effect, register
from health.choices import Reason
from health.models import AlertRule, HealthProfile
from health.profile_words import weighed
from health.rule_words import condition_sentences
from health.services.policy import policy_now
from health.services.profiles import Chooser


def effects(tiers: Sequence[str]) -> list[Effect]:
    """As they are for an active account without a category, in a stage that has no profile of its own."""
    policy = policy_now()
    hours = {"A": policy.due_hours_a, "B": policy.due_hours_b}
    acting = [
        ngettext("%(hours)d working hour", "%(hours)d working hours", said) % {"hours": said}
        for said in (hours.get(tier, policy.due_hours_c) for tier in tiers)
    ]
    return [Effect(_("To act on an alert"), acting), *_alerts(tiers), *_bounds(tiers)]


def _alerts(tiers: Sequence[str]) -> list[Effect]:
    """When an alert is raised, by reason."""
    rules: list[AlertRule] = list(AlertRule.objects.active())
    found = []
    for reason in Reason:
        own = [rule for rule in rules if rule.reason == reason]
        words = [
            pgettext("of two rules", " or ").join(_when(rule) for rule in own if not rule.tiers or tier in rule.tiers)
            for tier in tiers
        ]
        if own:
            label = _("Alert “%(reason)s”") % {"reason": reason.label}
            found.append(Effect(label, [said or _("no rule") for said in words]))
    return found


def _when(rule: AlertRule) -> str:
    together = pgettext("conditions", " or ") if rule.any_of else pgettext("conditions", " and ")
    return together.join(condition_sentences(rule))


def _bounds(tiers: Sequence[str]) -> list[Effect]:
    """The health profile, and from where on its signals are bad."""
    chooser = Chooser(list(HealthProfile.objects.active()))
    scales = [chooser.scale_for(tier, "", Status.ACTIVE.value, "") for tier in tiers]
    profiles: list[Any] = [scale.profile if scale else None for scale in scales]
    found = [
        Effect(
            _("Health profile"),
            [str(profile) if profile else pgettext("rules of a tier", "none") for profile in profiles],
        )
    ]
    signals = [
        {signal.key: signal for group in weighed(profile) for signal in group.signals} if profile else {}
        for profile in profiles
    ]
    for key, signal in (signals[0] if all(signals) else {}).items():
        words = [said[key].bound if said[key].share else "" for said in signals]
        found.append(Effect(_("%(signal)s: bad from") % {"signal": signal.label}, words))
    return found


register("health", effects, position=50)
