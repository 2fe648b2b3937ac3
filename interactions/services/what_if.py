"""What a contact policy would ask of everybody, before it is saved: in sets, however many accounts there are."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Case, Count, DateField, Exists, OuterRef, Q, QuerySet, Value, When

from accounts.choices import MemberRole, Status
from accounts.models import Account, AccountMember
from core.workdays import HOME, work_calendars
from interactions.cadence import MANAGER, SPONSOR, Rhythm, Rule, RuleBook
from interactions.models import AccountRhythm, ContactPolicy, PolicyRule
from interactions.policy_load import NOTHING, Group, Load, Loads, Single, manager_loads, sponsor_loads
from interactions.services.rhythms import as_rule, rules_of
from interactions.services.workload import DEFAULT_VISITS_PER_DAY, capacities
from users.models import User

DIMENSIONS = ("tier", "stage", "region")
WEEKS = 52
YEAR = dt.timedelta(days=7 * WEEKS - 1)


@dataclass
class PersonLoad:
    """One person: visits a week as they are now and as they would be, and what the person can do in an average week."""

    user: User
    now: Load
    then: Load
    capacity_now: float
    capacity: float

    @property
    def share(self) -> float:
        """Of the capacity; of a capacity of zero nothing fits, so everything is too much."""
        if not self.capacity:
            return 9.99 if self.then.per_week else 0.0
        return self.then.per_week / self.capacity

    @property
    def is_over(self) -> bool:
        return self.then.per_week > self.capacity

    @property
    def was_over(self) -> bool:
        return self.now.per_week > self.capacity_now

    @property
    def is_over_at_first(self) -> bool:
        """Only while what is overdue is caught up."""
        return not self.is_over and self.then.at_first > self.capacity


@dataclass
class WhatIf:
    """Everybody's load, the fullest first; `nobody`: accounts that a rule fits and nobody answers for."""

    people: list[PersonLoad]
    nobody: Load
    no_sponsor: int
    now: Load = field(default_factory=Load)
    then: Load = field(default_factory=Load)

    @property
    def capacity(self) -> float:
        return sum(person.capacity for person in self.people)

    @property
    def share(self) -> float | None:
        """Of everybody's capacity together."""
        return self.then.per_week / self.capacity if self.capacity else None

    @property
    def over(self) -> int:
        return sum(person.is_over for person in self.people)

    @property
    def over_at_first(self) -> int:
        return sum(person.is_over_at_first for person in self.people)

    @property
    def over_now(self) -> int:
        return sum(person.was_over for person in self.people)


def what_if(policy: ContactPolicy, rules: Iterable[PolicyRule], *, today: dt.date) -> WhatIf:
    """What `policy` with `rules`, saved or not, would ask of everybody, beside what the policy in force asks.

    When an account was last in contact is as the policy in force counts it.
    """
    current = ContactPolicy.objects.in_force().first()
    books = (rules_of(current), RuleBook(as_rule(rule) for rule in rules))
    groups, singles = _groups(books, today), _singles(today)
    loads: list[Loads] = []
    for book, grouped in zip(books, groups, strict=True):
        loads.append(manager_loads(book, grouped, singles, today))
    sponsored = _sponsored(books, groups[0], singles, today)
    missing = [sponsor_loads(book, sponsored) for book in books]
    no_sponsor = missing[1].pop(None, NOTHING).accounts
    missing[0].pop(None, None)
    nobody = loads[1].pop(None, Load())
    loads[0].pop(None, None)
    for managers, sponsors in zip(loads, missing, strict=True):
        for user, load in sponsors.items():
            total = managers.setdefault(user, Load())
            total += load
    people = _people(loads[0], loads[1], current, policy, today)
    result = WhatIf(people, nobody, no_sponsor)
    for person in people:
        result.now += person.now
        result.then += person.then
    return result


def _people(
    now: Loads, then: Loads, current: ContactPolicy | None, policy: ContactPolicy, today: dt.date
) -> list[PersonLoad]:
    ids = [user for user in now.keys() | then.keys() if user is not None]
    users = User.objects.select_related("team").in_bulk(ids)
    week = _working_days_a_week(today)
    otherwise = current.visits_per_day if current else DEFAULT_VISITS_PER_DAY
    before, after = capacities(ids, otherwise), capacities(ids, policy.visits_per_day)
    people = [
        PersonLoad(users[pk], now.get(pk, Load()), then.get(pk, Load()), before[pk] * week, after[pk] * week)
        for pk in ids
    ]
    return sorted(people, key=lambda person: (-person.share, person.user.name, person.user.pk))


def _working_days_a_week(today: dt.date) -> float:
    """On average over the coming year: holidays and make-up days included."""
    calendar = work_calendars([HOME], today, today + YEAR)[HOME]
    return len(calendar.days) / WEEKS


def _dimensions(books: Sequence[RuleBook]) -> list[str]:
    """What the rules tell accounts apart by: grouping by anything else would only make more groups."""
    return [name for name in DIMENSIONS if any(getattr(rule, name) for book in books for rule in book.rules)]


def _accounts() -> QuerySet[Account]:
    return Account.objects.exclude(status=Status.TERMINATED).order_by()


def _groups(books: Sequence[RuleBook], today: dt.date) -> list[list[Group]]:
    """For each book the accounts without a rhythm of their own, in groups that no rule tells apart; one query."""
    names = _dimensions(books)
    counts: dict[str, Any] = {
        f"overdue_{number}": Count("pk", filter=_is_overdue(book, today)) for number, book in enumerate(books)
    }
    # A sub-query makes it an anti-join whose size PostgreSQL guesses well; of `rhythm__isnull` it expects one row.
    plain = _accounts().filter(~Exists(AccountRhythm.objects.filter(account=OuterRef("pk"))), summary__isnull=False)
    rows = plain.values_list("manager", *names).annotate(accounts=Count("pk"), **counts)
    at = [names.index(name) + 1 if name in names else 0 for name in DIMENSIONS]
    found: list[list[Group]] = [[] for _book in books]
    number = len(names) + 1
    for row in rows:
        tier, stage, region = (row[place] if place else "" for place in at)
        for place, groups in enumerate(found, number + 1):
            groups.append(Group(row[0], tier, stage, region, row[number], row[place]))
    return found


def _is_overdue(book: RuleBook, today: dt.date) -> Q:
    """The last contact is longer ago than the cadence of the rule that fits; or there was none and the account is not
    new today."""
    midnight = dt.datetime.combine(today, dt.time(), ZoneInfo(settings.TIME_ZONE))
    never = Q(summary__last_contact_date__isnull=True, created_at__lt=midnight)
    rules = sorted((rule for rule in book.rules if rule.duty == MANAGER), key=lambda rule: (-rule.specificity, rule.pk))
    cases = [When(_condition(rule), then=_cutoff(rule, today)) for rule in rules if rule.specificity]
    general = next((_cutoff(rule, today) for rule in rules if not rule.specificity), None)
    cutoff = Case(*cases, default=general, output_field=DateField())
    return never | Q(summary__last_contact_date__lt=cutoff) if rules else never


def _condition(rule: Rule) -> Q:
    return Q(**{name: getattr(rule, name) for name in DIMENSIONS if getattr(rule, name)})


def _cutoff(rule: Rule, today: dt.date) -> Value:
    return Value(today - dt.timedelta(days=rule.cadence_days), output_field=DateField())


def _singles(today: dt.date) -> list[Single]:
    """The accounts with a rhythm of their own, one by one: they are few."""
    zone = ZoneInfo(settings.TIME_ZONE)
    rows = (
        _accounts()
        .filter(rhythm__isnull=False)
        .values_list(
            "manager",
            *DIMENSIONS,
            "rhythm__cadence_days",
            "rhythm__override_until",
            "rhythm__paused_until",
            "summary__last_contact_date",
            "created_at",
        )
    )
    return [
        Single(manager, tier, stage, region, Rhythm(own, until, paused), last, created.astimezone(zone).date())
        for manager, tier, stage, region, own, until, paused, last, created in rows
    ]


def _sponsored(
    books: Sequence[RuleBook], groups: Iterable[Group], singles: Iterable[Single], today: dt.date
) -> Counter[tuple[int | None, str, str, str]]:
    """Accounts by (sponsor or None, tier, stage, region), as far as some rule asks for a sponsor."""
    found: Counter[tuple[int | None, str, str, str]] = Counter()
    if not any(rule.duty == SPONSOR for book in books for rule in book.rules):
        return found
    names = set(_dimensions(books))
    for group in groups:
        found[None, group.tier, group.stage, group.region] += group.accounts
    for one in singles:
        if not one.rhythm.is_paused(today):
            found[None, *_key(names, one.tier, one.stage, one.region)] += 1
    members = (
        AccountMember.objects.filter(role=MemberRole.EXECUTIVE_SPONSOR)
        .exclude(expires_on__lt=today)
        .exclude(account__status=Status.TERMINATED)
        .exclude(account__rhythm__paused_until__gte=today)
        .order_by("account", "-user__is_active", "pk")
        .values_list("account", "user", *(f"account__{name}" for name in DIMENSIONS))
    )
    seen: set[int] = set()
    for account, user, tier, stage, region in members:
        if account not in seen:  # of several sponsors the first one goes, as the planner has it
            seen.add(account)
            key = _key(names, tier, stage, region)
            found[user, *key] += 1
            found[None, *key] -= 1
    return found


def _key(names: set[str], tier: str, stage: str, region: str) -> tuple[str, str, str]:
    """As the groups have it: empty where no rule looks at it."""
    return (
        tier if "tier" in names else "",
        stage if "stage" in names else "",
        region if "region" in names else "",
    )
