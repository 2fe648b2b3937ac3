"""What the contact policy says for a tier."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from core.tier_effects import Effect, register
from interactions.choices import Duty
from interactions.models import ContactPolicy
from interactions.policy_words import cadence_text
from interactions.services.rhythms import rules_of


def effects(tiers: Sequence[str]) -> list[Effect]:
    """How often an account is visited by whom, where its stage and region have no rule of their own; greetings."""
    policy = ContactPolicy.objects.in_force().first()
    book = rules_of(policy)
    found = []
    for duty in Duty:
        rules = [book.rule_for(duty.value, tier, "", "") for tier in tiers]
        words = [cadence_text(rule.cadence_days) if rule else _("no cadence") for rule in rules]
        found.append(Effect(_("Contact cadence: %(who)s") % {"who": duty.label}, words))
    greeted = policy.greeting_tiers if policy else []
    found.append(Effect(_("Greetings"), [_("Yes") if tier in greeted else _("No") for tier in tiers]))
    return found


register("interactions", effects, position=10)
