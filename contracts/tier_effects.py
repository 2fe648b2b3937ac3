"""What the contract policy says for a tier."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from contracts.services.policy import policy_now, rules_of
from contracts.terms import open_days
from core.tier_effects import Effect, register


def effects(tiers: Sequence[str]) -> list[Effect]:
    """When the renewal of a contract opens, and when overdue instalments are reminded of."""
    renewals, reminders = rules_of(policy_now())
    opening = [_opening(open_days(renewals, tier, Decimal(0)), open_days(renewals, tier, None)) for tier in tiers]
    levels = [
        sorted(rule.days_overdue for rule in reminders if rule.tier == tier)
        or sorted(rule.days_overdue for rule in reminders if not rule.tier)
        for tier in tiers
    ]
    after = _("%(days)s days after the due date")
    overdue = [after % {"days": _(", ").join(map(str, days))} if days else "" for days in levels]
    return [Effect(_("Renewal opens"), opening), Effect(_("Reminders of overdue payments"), overdue)]


def _opening(small: int, large: int) -> str:
    """`large` is for the largest contracts."""
    days = str(small) if small == large else f"{small}–{large}"
    return _("%(days)s days before the notice date") % {"days": days}


register("contracts", effects, position=20)
