"""Greetings: proposed once per contact, occasion and day, then sent or skipped."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from functools import reduce
from itertools import islice
from operator import or_
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.choices import Status
from audit.services import entry, record, record_many
from contacts.choices import Consent
from contacts.models import Employment
from core.errors import Conflict
from interactions import occasions
from interactions.choices import GreetingStatus, Occasion
from interactions.models import ContactPolicy, Greeting
from users.models import User

BATCH = 2000
_OWNER = ("account", "contact", "account__manager")
_BIRTHDAY = tuple(f"contact__birthday_{part}" for part in ("calendar", "month", "day", "leap_month"))


class GreetingClosed(Conflict):
    code = "greeting_closed"
    message = _("Somebody else has closed this greeting already.")


def propose_greetings(today: dt.date) -> int:
    """Propose what falls due within the days ahead of the policy in force; returns how many are new.

    To the account's manager, for people who work there today, want greetings and have not withdrawn their consent, at
    accounts of the policy's tiers (none chosen: of none). Whoever works at two accounts is greeted once. Running twice
    proposes nothing twice: contact, occasion and day are unique.
    """
    policy = ContactPolicy.objects.in_force().first()
    if policy is None or not policy.greeting_tiers:
        return 0
    due, new = _due(policy, _people(policy.greeting_tiers, today), today), 0
    while batch := list(islice(due, BATCH)):
        new += _propose(batch)
    return new


def _people(tiers: Collection[str], today: dt.date) -> QuerySet[Employment]:
    return (
        Employment.objects.current(today)
        .filter(account__manager__is_active=True, contact__no_greetings=False, contact__erased=False)
        .exclude(contact__consent=Consent.WITHDRAWN)
        .exclude(account__status=Status.TERMINATED)
        .filter(account__tier__in=tiers)
        .order_by("pk")
    )


def _due(policy: ContactPolicy, people: QuerySet[Employment], today: dt.date) -> Iterator[Greeting]:
    days = dict(occasions.birthdays_between(today, today + dt.timedelta(days=policy.birthday_days_ahead)))
    born = people.filter(_born_on(days)).values_list(*_OWNER, *_BIRTHDAY)
    for account, contact, owner, *birthday in born.iterator(BATCH):
        yield _greeting(Occasion.BIRTHDAY, days[tuple(birthday)], account, contact, owner)
    for holiday in policy.holidays:
        date = occasions.next_day_of(holiday, today)
        if date <= today + dt.timedelta(days=policy.holiday_days_ahead):
            for account, contact, owner in people.values_list(*_OWNER).iterator(BATCH):
                yield _greeting(holiday, date, account, contact, owner)


def _born_on(birthdays: Iterable[tuple[Any, ...]]) -> Q:
    return reduce(or_, (Q(**dict(zip(_BIRTHDAY, birthday, strict=True))) for birthday in birthdays))


def _greeting(occasion: str, date: dt.date, account: int, contact: int, owner: int) -> Greeting:
    return Greeting(account_id=account, contact_id=contact, owner_id=owner, occasion=occasion, date=date)


@transaction.atomic
def _propose(batch: list[Greeting]) -> int:
    """Insert those that are not there yet; two runs at once are kept apart by the unique key."""
    wanted = {(row.contact_id, row.occasion, row.date): row for row in reversed(batch)}
    there = Greeting.objects.filter(
        contact__in={contact for contact, _occasion, _date in wanted}, date__in={date for _c, _o, date in wanted}
    )
    for key in there.values_list("contact", "occasion", "date"):
        wanted.pop(key, None)
    Greeting.objects.bulk_create(wanted.values(), ignore_conflicts=True, batch_size=BATCH)
    made = Greeting.objects.filter(
        contact__in=[contact for contact, _occasion, _date in wanted], date__in={date for _c, _o, date in wanted}
    ).select_related("contact")
    new = [row for row in made if (row.contact_id, row.occasion, row.date) in wanted]
    record_many(entry("greeting.proposed", row, actor=None) for row in new)
    return len(new)


@transaction.atomic
def close_greeting(greeting: Greeting, status: GreetingStatus, *, actor: User | None, now: dt.datetime) -> Greeting:
    """Mark a proposed greeting as sent or skipped. Raises GreetingClosed where somebody was quicker."""
    claimed = Greeting.objects.filter(pk=greeting.pk, status=GreetingStatus.PROPOSED)
    if not claimed.update(status=status, closed_at=now, updated_at=now):
        raise GreetingClosed
    greeting.refresh_from_db()
    record(f"greeting.{status}", greeting, actor=actor, changes={"status": (GreetingStatus.PROPOSED, status)})
    return greeting
