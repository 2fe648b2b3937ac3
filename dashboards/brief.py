"""The brief: what somebody should know before they meet a customer, cut to what one page holds.

Collected in sets: the briefs of a whole day cost as many statements as one.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Generic, TypeVar

from django.db.models import Count, F, Max, Q, Sum, Window
from django.db.models.functions import RowNumber
from django.utils.text import Truncator

from accounts.models import Account
from contacts.birthdays import next_birthday
from contacts.models import Contact, Employment
from core.errors import DomainError
from interactions.choices import CHANNELS, Direction, Outcome
from interactions.models import Interaction, NextStep, Visit
from interactions.relations import LEFT_DAYS, MET, NOTHING, RECENT_DAYS, YEAR_DAYS, Facts, find_gaps, person_of
from orders.models import MonthlyRevenue
from orders.revenue import months_until

PEOPLE, TALKS, STEPS, GAPS = 6, 3, 6, 4
PEOPLE_READ = 200  # the gaps are told of these; the most important come first
BIRTHDAY_DAYS = 30
SUMMARY_LENGTH = 220

T = TypeVar("T")


@dataclass
class Cut(Generic[T]):
    """What fits on the page, and how many more there are."""

    rows: list[T] = field(default_factory=list)
    more: int = 0

    @classmethod
    def of(cls, rows: Sequence[T], limit: int, count: int | None = None) -> Cut[T]:
        """The first rows; one more than the limit is shown where a line would only say that there is one more."""
        count = len(rows) if count is None else count
        shown = list(rows[:limit])
        return cls(shown, count - len(shown))

    def __bool__(self) -> bool:
        return bool(self.rows)

    def __iter__(self) -> Any:
        return iter(self.rows)


@dataclass(frozen=True)
class Person:
    """Somebody at the customer; `birthday` only where it is near."""

    employment: Employment
    facts: Facts
    birthday: dt.date | None

    @property
    def contact(self) -> Contact:
        return self.employment.contact

    @property
    def work(self) -> str:
        return " · ".join(filter(None, [self.employment.position, self.employment.department]))


@dataclass(frozen=True)
class Talk:
    """One of the last interactions, its minutes in a few words."""

    interaction: Interaction
    summary: str


@dataclass
class Brief:
    """One page about one account on one day; `visit` where it is for a visit."""

    account: Account
    today: dt.date
    visit: Visit | None = None
    people: Cut[Person] = field(default_factory=Cut)
    talks: list[Talk] = field(default_factory=list)
    steps: Cut[NextStep] = field(default_factory=Cut)
    gaps: Cut[str] = field(default_factory=Cut)
    months: list[tuple[dt.date, Decimal]] = field(default_factory=list)

    @property
    def address(self) -> str:
        parts = [self.account.country, self.account.city, self.account.address]
        return " ".join(part for number, part in enumerate(parts) if part and part not in parts[:number])

    @property
    def amounts(self) -> list[Decimal]:
        return [amount for _month, amount in self.months]

    @property
    def overdue_days(self) -> int:
        """Days since the next contact was due."""
        due = self.account.summary.contact_due_date
        return (self.today - due).days if due and due < self.today else 0

    @property
    def cadence_days(self) -> int | None:
        """From the visit; else from the dates of the last contact and the next one."""
        if self.visit and self.visit.cadence_days:
            return self.visit.cadence_days
        summary = self.account.summary
        if summary.last_contact_date and summary.contact_due_date:
            return (summary.contact_due_date - summary.last_contact_date).days
        return None


def of_account(account: Account, today: dt.date) -> Brief:
    """The brief of an account, fetched with its summary and its manager as the viewer sees it."""
    return _collect([account], today)[account.pk]


def of_visits(visits: Sequence[Visit], today: dt.date) -> list[Brief]:
    """A brief for each of these visits, fetched with their accounts as the viewer sees them, in their order."""
    briefs = _collect({visit.account for visit in visits}, today)
    return [replace(briefs[visit.account_id], visit=visit) for visit in visits]


def _collect(accounts: Iterable[Account], today: dt.date) -> dict[int, Brief]:
    briefs = {account.pk: Brief(account, today) for account in accounts}
    _add_people(briefs, today)
    _add_talks(briefs)
    _add_steps(briefs)
    _add_revenue(briefs, today)
    return briefs


def _add_people(briefs: dict[int, Brief], today: dt.date) -> None:
    facts = facts_of(briefs, today)
    people, numbers = _employments(briefs, today)
    for pk, brief in briefs.items():
        current = [row for row in people[pk] if row.is_current(today)]
        ours = {contact: one for (account, contact), one in facts.items() if account == pk}
        known = [person_of(row, ours) for row in current]
        left = [person_of(row, ours) for row in people[pk] if not row.is_current(today)]
        alive = sum(one.recent > 0 for one in ours.values()) if numbers[pk] > len(current) else None
        gaps = find_gaps(known, left, today=today, known=numbers[pk], alive=alive)
        brief.gaps = Cut.of([gap.text for gap in gaps], GAPS)
        shown = [Person(row, ours.get(row.contact_id, NOTHING), near_birthday(row.contact, today)) for row in current]
        brief.people = Cut.of(shown, PEOPLE, numbers[pk])


def _employments(briefs: Iterable[int], today: dt.date) -> tuple[dict[int, list[Employment]], dict[int, int]]:
    """By account: the most important people (and those who left lately), and how many are there today."""
    there = Q(until_date__isnull=True) | Q(until_date__gte=today)
    rank: list[Any] = [
        F("until_date").desc(nulls_first=True),
        F("influence").desc(nulls_last=True),
        F("seniority").desc(),
        F("pk"),
    ]
    rows = (
        Employment.objects.filter(there | Q(until_date__gte=today - dt.timedelta(days=LEFT_DAYS)))
        .filter(account__in=list(briefs))
        .select_related("contact", "owner")
        .annotate(
            known=Window(Count("pk", filter=there), partition_by=[F("account")]),
            nth=Window(RowNumber(), partition_by=[F("account")], order_by=rank),
        )
        .filter(nth__lte=PEOPLE_READ)
        .order_by("nth")
    )
    people: dict[int, list[Employment]] = defaultdict(list)
    numbers: dict[int, int] = defaultdict(int)
    for row in rows:
        people[row.account_id].append(row)
        numbers[row.account_id] = row.known
    for found in people.values():
        found.sort(key=_importance)
    return people, numbers


def _importance(row: Employment) -> tuple[Any, ...]:
    """Who decides first, then the champions, then influence and level."""
    roles = ["decision_maker", "economic_buyer", "champion", "blocker", "influencer", "gatekeeper", "user"]
    role = roles.index(row.decision_role) if row.decision_role in roles else len(roles)
    return (role, -(row.influence or 0), -row.seniority, row.pk)


def facts_of(accounts: Iterable[int], today: dt.date) -> dict[tuple[int, int], Facts]:
    """(account, contact) -> what was logged with them up to `today`: `relations.contact_facts` for many at once."""
    recent, year = Q(date__gt=today - dt.timedelta(days=RECENT_DAYS)), Q(date__gt=today - dt.timedelta(days=YEAR_DAYS))
    counted = (
        Interaction.objects.filter(account__in=list(accounts), date__lte=today, kind__in=CHANNELS)
        .filter(contacts__isnull=False)
        .exclude(outcome=Outcome.NOT_REACHED)
        .order_by()
        .values("account", "contacts")
        .annotate(
            last_date=Max("date"),
            last_met=Max("date", filter=Q(kind__in=MET)),
            recent=Count("pk", filter=recent),
            year=Count("pk", filter=year),
            inbound=Count("pk", filter=year & Q(direction=Direction.INBOUND)),
            outbound=Count("pk", filter=year & Q(direction=Direction.OUTBOUND)),
        )
    )
    return {(row.pop("account"), row.pop("contacts")): Facts(**row) for row in counted}


def near_birthday(contact: Contact, today: dt.date) -> dt.date | None:
    """The next birthday, where it is at most 30 days ahead."""
    if not contact.birthday_month or not contact.birthday_day:
        return None
    born = (contact.birthday_calendar, contact.birthday_month, contact.birthday_day, contact.birthday_leap_month)
    try:
        date = next_birthday(*born, today)
    except DomainError:  # a day that its calendar does not have
        return None
    return date if date <= today + dt.timedelta(days=BIRTHDAY_DAYS) else None


def _add_talks(briefs: dict[int, Brief]) -> None:
    """The newest of each account, in the order of its index by account."""
    newest = [F("occurred_at").desc(), F("pk").desc()]
    rows = (
        Interaction.objects.filter(account__in=list(briefs))
        .annotate(nth=Window(RowNumber(), partition_by=[F("account")], order_by=newest))
        .filter(nth__lte=TALKS)
        .select_related("author")
        .prefetch_related("contacts")
    )
    for row in rows.order_by("nth"):
        briefs[row.account_id].talks.append(Talk(row, plain(row.minutes)))


def plain(minutes: str) -> str:
    """The beginning of minutes in Markdown as one line of plain text."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", minutes[: SUMMARY_LENGTH * 4])
    text = re.sub(r"(?m)^\s*(#{1,6}|[-*+]|\d+[.)]|>)\s+", "", text)
    return Truncator(re.sub(r"\s+", " ", re.sub(r"[*_`~|]+", "", text)).strip()).chars(SUMMARY_LENGTH, truncate="…")


def _add_steps(briefs: dict[int, Brief]) -> None:
    rows = (
        NextStep.objects.filter(account__in=list(briefs))
        .open()
        .select_related("owner")
        .annotate(
            number=Window(Count("pk"), partition_by=[F("account")]),
            nth=Window(RowNumber(), partition_by=[F("account")], order_by=[F("due_date"), F("pk")]),
        )
        .filter(nth__lte=STEPS)
        .order_by("nth")
    )
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.account_id].append(row)
    for pk, steps in found.items():
        briefs[pk].steps = Cut.of(steps, STEPS, steps[0].number)


def _add_revenue(briefs: dict[int, Brief], today: dt.date) -> None:
    """Net revenue of the last 12 full months, in the reporting currency."""
    months = months_until(today, 13)[:-1]
    facts = (
        MonthlyRevenue.objects.filter(account__in=list(briefs), month__gte=months[0], month__lte=months[-1])
        .order_by()
        .values_list("account", "month")
        .annotate(net=Sum("reporting_amount"))
    )
    sums = {(account, month): net for account, month, net in facts}
    for pk, brief in briefs.items():
        brief.months = [(month, sums.get((pk, month)) or Decimal(0)) for month in months]
