"""The relationship with an account's people, computed from what was logged: coverage per person, and gaps in words.

What we believe about a person (closeness, attitude, influence) is typed and stays beside this, never mixed into it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Count, Max, Q
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from accounts.models import Account
from contacts.choices import DECIDERS, DecisionRole, Influence
from contacts.models import Employment
from interactions.choices import CHANNELS, Direction, Kind, Outcome
from interactions.models import Interaction

RECENT_DAYS = 90
YEAR_DAYS = 365
SILENT_DAYS = 30  # of a champion
LEFT_DAYS = 90  # how long a person who left is still shown, and missed
MULTIPLE_IN_YEAR = 3
DEPTH_IN_YEAR, DEPTH_RECENT = 12, 3

# Eye to eye; a call or a message is contact, but nobody was met.
MET = [Kind.VISIT, Kind.MEETING, Kind.TRAINING, Kind.LIAISON_MEETING]


class Coverage(models.IntegerChoices):
    """How well one person is covered; `coverage_level` computes it."""

    NONE = 0, pgettext_lazy("coverage", "None")
    BRIEF = 1, pgettext_lazy("coverage", "Brief")
    MULTIPLE = 2, pgettext_lazy("coverage", "Multiple")
    IN_DEPTH = 3, pgettext_lazy("coverage", "In depth")


@dataclass(frozen=True)
class Facts:
    """The contact with one person that was logged at one account, up to a day.

    `recent` counts the last 90 days, `year` the last 365; of the latter `inbound` began with the customer, `outbound`
    with us. `last_by` is who of us logged the last one, `last_met` when somebody met them in person.
    """

    last_date: dt.date | None = None
    last_by: str = ""
    last_met: dt.date | None = None
    recent: int = 0
    year: int = 0
    inbound: int = 0
    outbound: int = 0

    @property
    def coverage(self) -> Coverage:
        return coverage_level(self)

    @property
    def both_ways(self) -> bool:
        """Both sides began something within the year."""
        return bool(self.inbound and self.outbound)


NOTHING = Facts()


def coverage_level(facts: Facts) -> Coverage:
    """The level of coverage that the logged contact amounts to.

    - none: no contact in the last 365 days;
    - in depth: at least 12 contacts in 365 days, 3 of them in the last 90, and both sides began at least one;
    - multiple: at least 3 contacts in 365 days, 1 of them in the last 90;
    - brief: everything between none and multiple.

    Notes and calls that reached nobody are no contact.
    """
    if facts.year == 0:
        return Coverage.NONE
    if facts.year >= DEPTH_IN_YEAR and facts.recent >= DEPTH_RECENT and facts.both_ways:
        return Coverage.IN_DEPTH
    if facts.year >= MULTIPLE_IN_YEAR and facts.recent >= 1:
        return Coverage.MULTIPLE
    return Coverage.BRIEF


def contact_facts(account: Account, *, today: dt.date) -> dict[int, Facts]:
    """Contact id -> facts for everybody who took part in something logged at the account up to `today`.

    Two statements, however many people and interactions there are.
    """
    counted = (
        Interaction.objects.filter(account=account, date__lte=today, kind__in=CHANNELS, contacts__isnull=False)
        .exclude(outcome=Outcome.NOT_REACHED)
        .order_by()
    )
    recent, year = today - dt.timedelta(days=RECENT_DAYS), today - dt.timedelta(days=YEAR_DAYS)
    rows = list(
        counted.values("contacts").annotate(
            last_at=Max("occurred_at"),
            last_date=Max("date"),
            last_met=Max("date", filter=Q(kind__in=MET)),
            recent=Count("pk", filter=Q(date__gt=recent)),
            year=Count("pk", filter=Q(date__gt=year)),
            inbound=Count("pk", filter=Q(date__gt=year, direction=Direction.INBOUND)),
            outbound=Count("pk", filter=Q(date__gt=year, direction=Direction.OUTBOUND)),
        )
    )
    last = counted.filter(occurred_at__in={row["last_at"] for row in rows})
    authors = {
        (contact, at): name or "" for contact, at, name in last.values_list("contacts", "occurred_at", "author__name")
    }
    return {
        row["contacts"]: Facts(
            last_date=row["last_date"],
            last_by=authors.get((row["contacts"], row["last_at"]), ""),
            **{name: row[name] for name in ("last_met", "recent", "year", "inbound", "outbound")},
        )
        for row in rows
    }


@dataclass(frozen=True)
class Person:
    """One employment with the facts about it, as the gaps are told of it."""

    pk: int
    contact_id: int
    name: str
    position: str = ""
    decision_role: str = ""
    influence: int | None = None
    from_date: dt.date | None = None
    until_date: dt.date | None = None
    owner: str = ""
    owner_is_active: bool = True
    facts: Facts = NOTHING

    @property
    def decides(self) -> bool:
        return self.decision_role in DECIDERS

    @property
    def is_key(self) -> bool:
        """Somebody whose leaving matters: who decides, who is for us, who has much influence."""
        return self.decides or self.decision_role == DecisionRole.CHAMPION or self.influence == Influence.HIGH

    @property
    def role_name(self) -> str:
        """The role in decisions in words, else the position, else that their influence is high."""
        if self.decision_role:
            return str(DecisionRole(self.decision_role).label)
        return self.position or _("high influence")


def person_of(employment: Employment, facts: Mapping[int, Facts]) -> Person:
    """The person behind an employment whose contact and owner have been fetched."""
    owner = employment.owner
    return Person(
        pk=employment.pk,
        contact_id=employment.contact_id,
        name=employment.contact.local_name,
        position=employment.position,
        decision_role=employment.decision_role,
        influence=employment.influence,
        from_date=employment.from_date,
        until_date=employment.until_date,
        owner=str(owner) if owner else "",
        owner_is_active=owner is None or owner.is_active,
        facts=facts.get(employment.contact_id, NOTHING),
    )


@dataclass(frozen=True)
class Gap:
    """Something missing in the relationship: a code, a sentence, and what helps.

    `action` is `person` (add somebody), `visit` (plan one), `log` (what happened), `edit` (the employment).
    """

    code: str
    text: str
    action: str
    contact_id: int | None = None
    employment_id: int | None = None


def find_gaps(
    people: Sequence[Person],
    left: Iterable[Person],
    *,
    today: dt.date,
    known: int | None = None,
    alive: int | None = None,
) -> list[Gap]:
    """What is missing, the gravest first. `people` are there today, `left` went within the last 90 days.

    Where `people` are only the most important of very many, `known` counts them all and `alive` those with contact in
    the last 90 days.
    """
    known = len(people) if known is None else known
    alive = sum(person.facts.recent > 0 for person in people) if alive is None else alive
    if not known:
        return [*_departures(people, left, today), Gap("nobody", _("Nobody is known here yet."), "person")]
    return [
        *_no_decider(people, known),
        *_single_thread(people, known, alive),
        *_silent_champions(people, today),
        *_departures(people, left, today),
        *_unowned(people),
        *_never_met(people),
    ]


def _no_decider(people: Sequence[Person], known: int) -> list[Gap]:
    if any(person.decides for person in people):
        return []
    text = ngettext(
        "No decision maker is known: the one person known here is neither economic buyer nor decision maker.",
        "No decision maker is known: none of the %(count)d people known here is economic buyer or decision maker.",
        known,
    )
    return [Gap("no_decider", text % {"count": known}, "person")]


def _single_thread(people: Sequence[Person], known: int, alive: int) -> list[Gap]:
    """At most one person with contact in the last 90 days while more are known, or only one known at all."""
    if known == 1:
        text = _("Single-threaded: %(name)s is the only person known here.") % {"name": people[0].name}
        return [Gap("single_thread", text, "person", people[0].contact_id)]
    if alive > 1:
        return []
    latest = max(people, key=lambda person: (person.facts.recent > 0, person.facts.last_date or dt.date.min))
    params = {"known": known, "bound": RECENT_DAYS, "name": latest.name, "date": _day(latest.facts.last_date)}
    if alive:
        text = _(
            "Single-threaded: of %(known)d people known here only %(name)s had contact with us in the last "
            "%(bound)d days, last on %(date)s."
        )
    elif latest.facts.last_date:
        text = _(
            "Nobody is alive: none of the %(known)d people known here had contact with us in the last %(bound)d days; "
            "the last was %(name)s on %(date)s."
        )
    else:
        text = _("Nobody is alive: none of the %(known)d people known here has ever had contact with us.")
    return [Gap("single_thread", text % params, "visit", latest.contact_id)]


def _silent_champions(people: Iterable[Person], today: dt.date) -> list[Gap]:
    gaps = []
    for person in people:
        last = person.facts.last_date
        days = (today - last).days if last else None
        if person.decision_role != DecisionRole.CHAMPION or (days is not None and days < SILENT_DAYS):
            continue
        if days is None:
            text = _("Champion %(name)s has never had contact with us (bound: %(bound)d days).")
        else:
            text = _("Champion %(name)s has been silent for %(days)d days (bound: %(bound)d), since %(date)s.")
        params = {"name": person.name, "days": days, "bound": SILENT_DAYS, "date": _day(last)}
        gaps.append(Gap("champion_silent", text % params, "log", person.contact_id))
    return gaps


def _departures(people: Sequence[Person], left: Iterable[Person], today: dt.date) -> list[Gap]:
    text = _("%(name)s (%(role)s) left on %(date)s, %(days)d days ago (bound: %(bound)d), and has no successor.")
    gaps = []
    for gone in left:
        days = (today - gone.until_date).days if gone.until_date else LEFT_DAYS + 1
        if not gone.is_key or not 0 < days <= LEFT_DAYS or any(_succeeds(person, gone) for person in people):
            continue
        params = {"name": gone.name, "role": gone.role_name, "date": _day(gone.until_date), "days": days}
        gaps.append(Gap("key_left", text % {**params, "bound": LEFT_DAYS}, "person", gone.contact_id, gone.pk))
    return gaps


def _succeeds(person: Person, gone: Person) -> bool:
    """Who has the same position; or took up the same role in decisions at most 90 days before the other left."""
    if gone.position and person.position.strip().casefold() == gone.position.strip().casefold():
        return True
    if not gone.decision_role or person.decision_role != gone.decision_role or not gone.until_date:
        return False
    return person.from_date is not None and person.from_date >= gone.until_date - dt.timedelta(days=LEFT_DAYS)


def _unowned(people: Iterable[Person]) -> list[Gap]:
    gaps = []
    for person in people:
        if not person.decides or (person.owner and person.owner_is_active):
            continue
        text = _("Nobody of us owns the relationship with %(name)s (%(role)s).")
        if person.owner:
            text = _("%(owner)s, who owns the relationship with %(name)s (%(role)s), is deactivated.")
        params = {"name": person.name, "role": person.role_name, "owner": person.owner}
        gaps.append(Gap("no_owner", text % params, "edit", person.contact_id, person.pk))
    return gaps


def _never_met(people: Iterable[Person]) -> list[Gap]:
    gaps = []
    for person in people:
        if not person.decides or person.facts.last_met:
            continue
        if person.facts.last_date:
            text = _("%(name)s (%(role)s) has never been met in person; the last contact was on %(date)s.")
        else:
            text = _("%(name)s (%(role)s) has never been met in person and never had contact with us.")
        params: dict[str, Any] = {"name": person.name, "role": person.role_name, "date": _day(person.facts.last_date)}
        gaps.append(Gap("never_met", text % params, "visit", person.contact_id))
    return gaps


def _day(value: dt.date | None) -> str:
    return formats.date_format(value, "DATE_FORMAT") if value else "–"
