"""Signs in the relationship: who left, who is left to talk to, who changed on our side, what was broken off."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import pgettext_lazy

from accounts.choices import Stage
from health.choices import Direction, SignalGroup
from health.facts.people import PeopleFacts
from health.signals.base import Reading, Signal, Unit

LEFT_DAYS = 120
ALIVE_DAYS = 180
YEAR = 365


def assess_contact_left(facts: PeopleFacts, as_of: dt.date) -> Reading | None:
    """How many of those who decide have left within 120 days."""
    if not facts.deciders:
        return None
    left = [(day, role) for day, role in facts.left if (as_of - day).days <= LEFT_DAYS]
    last = max((day for day, _role in left), default=None)
    return Reading(len(left), last, {"roles": sorted({role for _day, role in left}), "known": facts.deciders})


def assess_single_threaded(facts: PeopleFacts, as_of: dt.date) -> Reading | None:
    """With how many of the customer's present people somebody of us had contact within 180 days.

    Where it was never noted with whom, it is not known.
    """
    if not facts.present or not facts.ever_noted:
        return None
    return Reading(facts.alive, facts.last_noted, {"known": facts.present})


def assess_manager_changed(facts: PeopleFacts, as_of: dt.date) -> Reading | None:
    """How often the account manager changed within a year; the first one is no change."""
    if not facts.managers:
        return None
    changes = [day for day in facts.managers[1:] if (as_of - day).days <= YEAR]
    return Reading(len(changes), max(changes, default=None))


def assess_stage(facts: PeopleFacts, as_of: dt.date) -> Reading | None:
    """1 while the relationship is interrupted."""
    interrupted = facts.stage == Stage.INTERRUPTED
    return Reading(float(interrupted), facts.stage_since if interrupted else None, {"reason": facts.interruption})


_HIGH, _LOW, _GROUP = Direction.HIGH_IS_BAD, Direction.LOW_IS_BAD, SignalGroup.RELATIONSHIP
SIGNALS = (
    Signal(
        "key_contact_left", _GROUP, pgettext_lazy("signal", "Key contact left"), Unit.COUNT, _HIGH,
        bound=1, fine=0, worst=2, weight=35, needs="people", assess=assess_contact_left,
    ),
    Signal(
        "single_threaded", _GROUP, pgettext_lazy("signal", "Hangs on one person"), Unit.COUNT, _LOW,
        bound=1, fine=3, worst=0, weight=20, needs="people", assess=assess_single_threaded,
    ),
    Signal(
        "manager_changed", _GROUP, pgettext_lazy("signal", "Account manager changed"), Unit.COUNT, _HIGH,
        bound=2, fine=1, worst=3, weight=15, needs="people", assess=assess_manager_changed,
    ),
    Signal(
        "stage_interrupted", _GROUP, pgettext_lazy("signal", "Relationship interrupted"), Unit.COUNT, _HIGH,
        bound=0.5, fine=0, worst=1, weight=30, needs="people", assess=assess_stage,
    ),
)  # fmt: skip
