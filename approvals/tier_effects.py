"""Which approval rules are for a tier."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from approvals.models import ApprovalRule
from core.tier_effects import Effect, register


def effects(tiers: Sequence[str]) -> list[Effect]:
    """The rules that name the tier; those for all tiers are the same for all."""
    rules = [rule for rule in ApprovalRule.objects.filter(is_active=True).order_by("subject", "position") if rule.tiers]
    words = [
        _(", ").join(f"{rule.get_subject_display()}: {rule}" for rule in rules if tier in rule.tiers) for tier in tiers
    ]
    return [Effect(_("Approval rules of its own"), [said or pgettext("rules of a tier", "none") for said in words])]


register("approvals", effects, position=30)
