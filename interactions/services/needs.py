"""From rows to the planner's plain values: the needs of accounts, with their contacts and existing visits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Q

from accounts.choices import MemberRole, Status
from accounts.models import Account, AccountSummary
from core.workdays import country_code
from interactions.cadence import MANAGER, PLAIN, SPONSOR, Cadence, Rhythm, RuleBook, cadence_of, last_contact
from interactions.choices import VisitSource, VisitStatus
from interactions.models import AccountRhythm, Interaction, Visit
from interactions.plan_values import Need, Slot
from interactions.services.rhythms import Contacts, add_done_visits, company_date, contacts_of, rhythms_of
from interactions.services.workload import sponsor_ids

ACCOUNT_COLUMNS = ("pk", "name", "manager", "tier", "stage", "region", "city", "country", "status", "created_at")


@dataclass(slots=True)
class Subject:
    """One account, as far as planning goes."""

    pk: int
    name: str
    manager: int | None
    tier: str
    stage: str
    region: str
    city: str
    country: str
    status: str
    created: dt.date
    sponsor: int | None = None

    def visitor(self, duty: str) -> int | None:
        return self.manager if duty == MANAGER else self.sponsor


@dataclass(slots=True)
class VisitRow:
    """One planned visit, as it is stored."""

    pk: int
    account: int
    owner: int
    owner_is_active: bool
    duty: str
    date: dt.date
    source: str
    pinned: bool
    due: dt.date | None
    cadence_days: int | None
    city: str

    def is_fixed(self, as_of: dt.date) -> bool:
        """The planner leaves it where it is: by hand, or its day is over and it waits to be closed."""
        return self.pinned or self.source == VisitSource.MANUAL or self.date < as_of


@dataclass(slots=True)
class Material:
    """Everything about a set of accounts that their needs are made of."""

    subjects: dict[int, Subject]
    book: RuleBook
    as_of: dt.date
    contacts: Contacts = field(default_factory=dict)
    sponsored: Contacts = field(default_factory=dict)
    rhythms: dict[int, Rhythm] = field(default_factory=dict)
    visits: dict[tuple[int, str], list[VisitRow]] = field(default_factory=dict)
    avoid: dict[tuple[int, str], set[dt.date]] = field(default_factory=dict)

    def need(self, subject: Subject, duty: str, urgent: Collection[int] = ()) -> Need:
        """What this duty asks at this account; without a cadence where nothing is to be planned."""
        rule = self.book.rule_for(duty, subject.tier, subject.stage, subject.region)
        rhythm, key = self.rhythms.get(subject.pk, PLAIN), (subject.pk, duty)
        contacts = self.contacts if duty == MANAGER else self.sponsored
        cadence = cadence_of(rule, rhythm, duty)
        if duty == SPONSOR:  # the pause and the weekday are the customer's, whoever comes
            cadence = Cadence(cadence.rule_days, Rhythm(paused_until=rhythm.paused_until, weekday=rhythm.weekday))
        if subject.status == Status.TERMINATED:
            cadence = Cadence(None)
        return Need(
            account=subject.pk,
            duty=duty,
            cadence=cadence,
            created=subject.created,
            last=last_contact(rule, contacts.get(subject.pk, {})),
            tier=subject.tier,
            city=subject.city,
            country=country_code(subject.country),
            slots=tuple(Slot(row.pk, row.date, row.is_fixed(self.as_of), row.due) for row in self.visits.get(key, ())),
            avoid=frozenset(self.avoid.get(key, ())),
            urgent=subject.pk in urgent,
        )


def alerted_accounts() -> frozenset[int]:
    """Accounts with an open alert: whom to see before others."""
    rows = AccountSummary.objects.filter(open_alerts__gt=0).order_by()
    return frozenset(rows.values_list("account", flat=True))


def subjects_of(accounts: Any, as_of: dt.date) -> dict[int, Subject]:
    """The accounts of the queryset with their sponsors; two statements."""
    rows = accounts.order_by("pk").values_list(*ACCOUNT_COLUMNS)
    found = {}
    for pk, name, manager, tier, stage, region, city, country, status, created in rows.iterator(chunk_size=10_000):
        known = company_date(created)
        found[pk] = Subject(pk, name, manager, tier, stage, region, city, country, status, known)
    for account, user in sponsor_ids(found, as_of).items():
        found[account].sponsor = user
    return found


def gather(subjects: dict[int, Subject], book: RuleBook, as_of: dt.date, earliest: dt.date) -> Material:
    """Contacts, rhythms and planned visits from `earliest` on, of these accounts; the visits are locked.

    At most six statements, however many accounts there are.
    """
    ids = list(subjects)
    material = Material(subjects, book, as_of)
    interactions = Interaction.objects.filter(account__in=ids)
    material.contacts = contacts_of(interactions, as_of)
    add_done_visits(material.contacts, Visit.objects.filter(account__in=ids), as_of)
    material.rhythms = rhythms_of(AccountRhythm.objects.filter(account__in=ids))
    if any(rule.duty == SPONSOR for rule in book.rules):
        material.sponsored = _sponsored(interactions, as_of)
    for row in visit_rows(Visit.objects.filter(account__in=ids), earliest, as_of):
        if isinstance(row, VisitRow):
            material.visits.setdefault((row.account, row.duty), []).append(row)
        else:
            account, duty, date = row
            material.avoid.setdefault((account, duty), set()).add(date)
    return material


def visit_rows(visits: Any, earliest: dt.date, as_of: dt.date) -> Iterator[VisitRow | tuple[int, str, dt.date]]:
    """The planned visits from `earliest` on, held until the transaction ends; and, as (account, duty, date), the days
    to come on which one was cancelled by hand."""
    planned = Q(status=VisitStatus.PLANNED, planned_date__gte=earliest)
    by_hand = Q(status=VisitStatus.CANCELLED, closed_by__isnull=False, planned_date__gte=as_of)
    columns = (
        "pk", "account", "owner", "owner__is_active", "duty", "planned_date", "source", "pinned", "due_date",
        "cadence_days", "account__city", "status",
    )  # fmt: skip
    rows = visits.filter(planned | by_hand).order_by("pk").select_for_update(of=("self",), no_key=True)
    for *values, status in rows.values_list(*columns):
        row = VisitRow(*values)
        yield row if status == VisitStatus.PLANNED else (row.account, row.duty, row.date)


def _sponsored(interactions: Any, as_of: dt.date) -> Contacts:
    """As `contacts_of`, where an executive sponsor of today wrote it or was among our people."""
    current = Q(account__members__expires_on__isnull=True) | Q(account__members__expires_on__gte=as_of)
    # In one call, so that it is one and the same member who is sponsor and took part.
    present = interactions.filter(
        current,
        Q(author=F("account__members__user")) | Q(colleagues=F("account__members__user")),
        account__members__role=MemberRole.EXECUTIVE_SPONSOR,
    )
    return contacts_of(present, as_of)


def countries_of(accounts: Any) -> set[str]:
    """The ISO codes of the countries that the accounts lie in."""
    return {country_code(country) for country in accounts.order_by().values_list("country", flat=True).distinct()}


def single(account: Account, book: RuleBook, as_of: dt.date) -> Material:
    """The material of one account; its planned visits from `as_of` on."""
    subjects = subjects_of(Account.objects.filter(pk=account.pk), as_of)
    return gather(subjects, book, as_of, as_of)
