"""When somebody last was in contact with an account, and how often that was to be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings

from health.facts.segments import segments
from interactions.cadence import MANAGER, PLAIN, RuleBook, cadence_of, last_contact
from interactions.choices import PolicyStatus
from interactions.models import AccountRhythm, ContactPolicy, Interaction, Visit
from interactions.services.rhythms import AHEAD, add_done_visits, contacts_of, rhythms_of, rules_of

ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """The last contact that counts for the policy of the day, and its cadence in days: None where none applies."""

    last: dt.date | None
    cadence: int | None
    known_since: dt.date


def gather(ids: Sequence[int], as_of: dt.date) -> dict[int, ContactFacts]:
    """By the policy in force before `as_of`. Own rhythms of accounts have no history: those of today count."""
    book = _rules(as_of)
    rhythms = rhythms_of(AccountRhythm.objects.filter(account__in=ids))
    if not book.rules and not rhythms:
        return {}
    yesterday = as_of - ONE_DAY
    # Both count days up to the one named and those that are ahead of it elsewhere: so the one before is named.
    contacts = contacts_of(Interaction.objects.filter(account__in=ids), yesterday - AHEAD)
    add_done_visits(contacts, Visit.objects.filter(account__in=ids), yesterday - AHEAD)
    found = {}
    for pk, segment in segments(ids, as_of).items():
        rule, rhythm = book.rule_for(MANAGER, segment.tier, segment.stage, segment.region), rhythms.get(pk, PLAIN)
        cadence = None if rhythm.is_paused(yesterday) else cadence_of(rule, rhythm, MANAGER).on(yesterday)
        found[pk] = ContactFacts(last_contact(rule, contacts.get(pk, {})), cadence, segment.known_since)
    return found


def _rules(as_of: dt.date) -> RuleBook:
    """The rules of the version that was in force at the beginning of the day."""
    start = dt.datetime.combine(as_of, dt.time(), tzinfo=ZoneInfo(settings.TIME_ZONE))
    policies = ContactPolicy.objects.exclude(status=PolicyStatus.DRAFT).filter(in_force_from__lt=start)
    return rules_of(policies.order_by("-in_force_from", "-pk").first())
