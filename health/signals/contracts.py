"""Signs in contracts: a notice date that comes near with nothing done, money that is late."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import pgettext_lazy

from health.choices import Direction, SignalGroup
from health.facts.contracts import ContractFacts
from health.signals.base import Reading, Signal, Unit

NOT_NEAR = 90.0
"""Days before a notice date from which on nothing is late yet."""


def assess_renewal(facts: ContractFacts, as_of: dt.date) -> Reading | None:
    """Days until the earliest notice date for which nobody has done anything (below zero: since); where something is
    under way, or nothing near, it is fine."""
    if facts.idle_notice is not None:
        return Reading((facts.idle_notice - as_of).days, facts.idle_notice, {"idle": True})
    if facts.next_notice is not None:
        return Reading(max(float((facts.next_notice - as_of).days), NOT_NEAR), facts.next_notice, {"idle": False})
    return None


def assess_payment(facts: ContractFacts, as_of: dt.date) -> Reading | None:
    """How many days the oldest unpaid instalment is overdue; 0 where all that was due is paid."""
    if not facts.has_instalments:
        return None
    if facts.overdue_since is None:
        return Reading(0.0)
    days = (as_of - facts.overdue_since).days
    told = {"count": facts.overdue_count, "amount": facts.overdue_amount, "currency": facts.currency}
    return Reading(days, facts.overdue_since, told)


_GROUP = SignalGroup.CONTRACTS
SIGNALS = (
    Signal(
        "renewal_near", _GROUP, pgettext_lazy("signal", "Renewal near, nothing done"), Unit.DAYS,
        Direction.LOW_IS_BAD, bound=30, fine=NOT_NEAR, worst=0, weight=50, needs="contracts", assess=assess_renewal,
    ),
    Signal(
        "payment_overdue", _GROUP, pgettext_lazy("signal", "Payment overdue"), Unit.DAYS,
        Direction.HIGH_IS_BAD, bound=30, fine=5, worst=90, weight=50, needs="contracts", assess=assess_payment,
    ),
)  # fmt: skip
