"""The people on both sides of a relationship, and its stage."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from accounts.models import ManagerAssignment
from contacts.choices import DECIDERS, DecisionRole
from contacts.models import Employment
from health.facts.segments import segments
from interactions.models import Interaction

KEY_ROLES = (*DECIDERS, DecisionRole.CHAMPION)
ALIVE_DAYS = 180
FORGOTTEN_DAYS = 365


@dataclass(slots=True)
class PeopleFacts:
    """`deciders` counts those who decide or speak for us, present or gone; `left` when such a one left, in which role;
    `alive` the present people with contact within 180 days; `ever_noted`: it was noted within two years with whom.
    `managers` are the days since when each account manager was it, the oldest first."""

    stage: str = ""
    stage_since: dt.date | None = None
    interruption: str = ""
    deciders: int = 0
    present: int = 0
    alive: int = 0
    ever_noted: bool = False
    last_noted: dt.date | None = None
    left: list[tuple[dt.date, str]] = field(default_factory=list)
    managers: list[dt.date] = field(default_factory=list)


def gather(ids: Sequence[int], as_of: dt.date) -> dict[int, PeopleFacts]:
    """Five statements."""
    found = {
        pk: PeopleFacts(segment.stage, segment.stage_since, segment.interruption)
        for pk, segment in segments(ids, as_of).items()
    }
    met = _met(ids, as_of)
    _add_employments(found, ids, as_of, met)
    managers = ManagerAssignment.objects.filter(account__in=ids, from_date__lt=as_of).order_by("from_date", "pk")
    for account, since in managers.values_list("account", "from_date"):
        found[account].managers.append(since)
    return found


def _met(ids: Sequence[int], as_of: dt.date) -> dict[tuple[int, int], dt.date]:
    """(account, contact) -> the last day within two years on which somebody of us had contact with this person."""
    since = as_of - dt.timedelta(days=ALIVE_DAYS + FORGOTTEN_DAYS)
    rows = Interaction.objects.filter(account__in=ids, date__gte=since, date__lt=as_of, contacts__isnull=False)
    met: dict[tuple[int, int], dt.date] = {}
    for account, contact, day in rows.order_by().values_list("account", "contacts", "date").iterator(chunk_size=10_000):
        met[account, contact] = max(day, met.get((account, contact), day))
    return met


def _add_employments(
    found: dict[int, PeopleFacts], ids: Sequence[int], as_of: dt.date, met: dict[tuple[int, int], dt.date]
) -> None:
    for (account, _contact), day in met.items():
        if account in found:
            facts = found[account]
            facts.ever_noted, facts.last_noted = True, max(day, facts.last_noted or day)
    alive_since = as_of - dt.timedelta(days=ALIVE_DAYS)
    columns = ("account", "contact", "decision_role", "from_date", "until_date")
    for account, contact, role, since, until in (
        Employment.objects.filter(account__in=ids).order_by().values_list(*columns)
    ):
        if account not in found or (since is not None and since >= as_of):
            continue
        facts, is_key = found[account], role in KEY_ROLES
        facts.deciders += is_key
        if until is not None and until < as_of:
            if is_key:
                facts.left.append((until, role))
            continue
        facts.present += 1
        facts.alive += met.get((account, contact), dt.date.min) >= alive_since
