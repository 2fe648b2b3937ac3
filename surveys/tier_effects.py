"""What the survey policy says for a tier."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.tier_effects import Effect, register
from surveys.services.policy import policy_now


def effects(tiers: Sequence[str]) -> list[Effect]:
    """How soon somebody calls after a bad answer."""
    policy = policy_now()
    hours = {"A": policy.follow_up_hours_a, "B": policy.follow_up_hours_b}
    words = [
        ngettext("%(hours)d working hour", "%(hours)d working hours", said) % {"hours": said}
        for said in (hours.get(tier, policy.follow_up_hours_c) for tier in tiers)
    ]
    return [Effect(_("To answer an unhappy customer"), words)]


register("surveys", effects, position=40)
