"""Signs of neglect: contact beyond the cadence."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import pgettext_lazy

from health.choices import Direction, SignalGroup
from health.facts.contact import ContactFacts
from health.signals.base import Reading, Signal, Unit


def assess_contact_gap(facts: ContactFacts, as_of: dt.date) -> Reading | None:
    """Days since the last contact that counts over the cadence of the day; since the account is known where there was
    none. Without a cadence, or while contact is paused, nothing is late."""
    if facts.cadence is None:
        return None
    since = facts.last or facts.known_since
    days = (as_of - since).days
    if days < 0:
        return None
    told = {"days": days, "cadence": facts.cadence, "ever": facts.last is not None}
    return Reading(days / facts.cadence, since, told)


SIGNALS = (
    Signal(
        "contact_gap", SignalGroup.CONTACT, pgettext_lazy("signal", "Contact beyond the cadence"), Unit.TIMES,
        Direction.HIGH_IS_BAD, bound=1.5, fine=1.0, worst=3.0, weight=100, needs="contact", assess=assess_contact_gap,
    ),
)  # fmt: skip
