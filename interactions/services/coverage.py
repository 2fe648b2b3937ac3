"""The months of coverage: which accounts were within their cadence at the end of each month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import islice

from django.db import transaction
from django.db.models import Q

from accounts.choices import Status
from accounts.models import Account, ManagerAssignment, TierHistory
from interactions.cadence import MANAGER, PLAIN, Rhythm, RuleBook, cadence_of, contact_due, last_contact
from interactions.coverage import month_end, previous_month
from interactions.models import AccountRhythm, ContactPolicy, CoverageMonth, Interaction, Visit
from interactions.services.rhythms import (
    AHEAD,
    add_done_visits,
    company_date,
    contacts_of,
    rhythms_of,
    rules_of,
)

BATCH = 5000
FINAL_DAYS = 3  # so many days of a month its predecessor is computed anew: what was logged late counts
COLUMNS = ["manager", "tier", "last_contact_date", "due_date", "covered"]
Facts = tuple[int, int | None, str, dt.date | None, dt.date | None]


def record_coverage(*, today: dt.date) -> int:
    """Write the current month as it is today, and in the first days of a month its predecessor as it ended.

    Running it again changes nothing. Returns the rows of the current month.
    """
    if today.day <= FINAL_DAYS:
        rebuild_month(previous_month(today), today=today)
    facts = Account.objects.filter(summary__contact_due_date__isnull=False).order_by("pk")
    columns = ("pk", "manager", "tier", "summary__last_contact_date", "summary__contact_due_date")
    return _replace(today.replace(day=1), facts.values_list(*columns).iterator(chunk_size=BATCH), today)


def rebuild_month(month: dt.date, *, today: dt.date) -> int:
    """Compute a month anew from the interactions, with the policy, managers and tiers of its last day.

    Stage, region and own rhythms have no history: they count as they are. So do terminated accounts, which have no
    row. An account that was entered later counts from its first contact on. The current month is as of `today`.
    Returns the rows.
    """
    month = month.replace(day=1)
    day = min(month_end(month), today)
    return _replace(month, _facts_on(day), day)


def _facts_on(day: dt.date) -> Iterator[Facts]:
    """What `COLUMNS` come from, for every account that was there on `day` and has a cadence; a few queries a batch."""
    book = rules_of(_policy_on(day))
    accounts = Account.objects.exclude(status=Status.TERMINATED).order_by("pk")
    rows = accounts.values_list("pk", "tier", "stage", "region", "created_at").iterator(chunk_size=BATCH)
    while batch := list(islice(rows, BATCH)):
        yield from _batch_facts(batch, book, day)


def _batch_facts(batch: list[tuple[int, str, str, str, dt.datetime]], book: RuleBook, day: dt.date) -> Iterator[Facts]:
    ids = [row[0] for row in batch]
    before = day - AHEAD  # these two look a day ahead, for time zones; a month that is over does not
    contacts = contacts_of(Interaction.objects.filter(account__in=ids), before)
    add_done_visits(contacts, Visit.objects.filter(account__in=ids), before)
    rhythms = rhythms_of(AccountRhythm.objects.filter(account__in=ids))
    managers, tiers = _managers_on(ids, day), _tiers_on(ids, day)
    for pk, tier, stage, region, created in batch:
        then = tiers.get(pk, tier)
        rhythm: Rhythm = rhythms.get(pk, PLAIN)
        rule = book.rule_for(MANAGER, then, stage, region)
        last = last_contact(rule, contacts.get(pk, {}))
        if last is None and company_date(created) > day:
            continue
        due = contact_due(cadence_of(rule, rhythm, MANAGER), last, company_date(created), day)
        yield pk, managers.get(pk), then, last, due


def _policy_on(day: dt.date) -> ContactPolicy | None:
    """The version in force at the end of `day`; before the first one, the first one."""
    made = ContactPolicy.objects.filter(in_force_from__isnull=False)
    then = made.filter(in_force_from__date__lte=day).order_by("-in_force_from").first()
    return then or made.order_by("in_force_from").first() or ContactPolicy.objects.in_force().first()


def _managers_on(ids: Iterable[int], day: dt.date) -> dict[int, int]:
    spans = ManagerAssignment.objects.filter(account__in=ids, from_date__lte=day).order_by("from_date", "pk")
    spans = spans.filter(Q(until_date__isnull=True) | Q(until_date__gte=day))
    return dict(spans.values_list("account", "manager"))


def _tiers_on(ids: Iterable[int], day: dt.date) -> dict[int, str]:
    """The tier that each account had; before its first change, the one that it had before that."""
    found: dict[int, str] = {}
    changes = TierHistory.objects.filter(account__in=ids).order_by("account", "since", "pk")
    for account, since, tier, previous in changes.values_list("account", "since", "tier", "previous_tier"):
        if since <= day:
            found[account] = tier
        else:
            found.setdefault(account, previous)
    return found


@transaction.atomic
def _replace(month: dt.date, facts: Iterable[Facts], day: dt.date) -> int:
    """Write the rows of a month, and take out those of accounts that have none any more."""
    kept: set[int] = set()
    rows = iter(facts)
    while batch := list(islice(rows, BATCH)):
        made = [_row(month, row, day) for row in batch if row[4] is not None]
        kept.update(row.account_id for row in made)
        CoverageMonth.objects.bulk_create(
            made, batch_size=2000, update_conflicts=True, unique_fields=["month", "account"], update_fields=COLUMNS
        )
    old = CoverageMonth.objects.filter(month=month).values_list("account", flat=True)
    gone = [pk for pk in old if pk not in kept]
    for at in range(0, len(gone), BATCH):
        CoverageMonth.objects.filter(month=month, account__in=gone[at : at + BATCH]).delete()
    return len(kept)


def _row(month: dt.date, facts: Facts, day: dt.date) -> CoverageMonth:
    account, manager, tier, last, due = facts
    row = CoverageMonth(
        month=month, account_id=account, manager_id=manager, tier=tier, last_contact_date=last, covered=False
    )
    if due is not None:  # those without a cadence have been left out
        row.due_date, row.covered = due, last is not None and due >= day
    return row
