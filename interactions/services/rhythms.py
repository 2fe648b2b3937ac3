"""The dates of AccountSummary that follow from contacts, policy and visits; and what they are computed from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max, Min, QuerySet
from django.db.models.functions import Least, TruncDate

from accounts.choices import Status
from accounts.models import Account, AccountSummary
from contacts.choices import Seniority
from interactions.cadence import (
    EVERY_CHANNEL,
    MANAGER,
    PLAIN,
    Rhythm,
    Rule,
    RuleBook,
    cadence_of,
    contact_due,
    last_contact,
)
from interactions.choices import Kind, Outcome, VisitStatus
from interactions.models import AccountRhythm, ContactPolicy, Interaction, PolicyRule, Visit
from interactions.services.sets import update_rows

BATCH = 5000
# Who logs in a time zone east of the company's may be a day ahead of it.
AHEAD = dt.timedelta(days=1)
UNWRITTEN = (Kind.VISIT.value, Seniority.UNKNOWN.value)
Contacts = dict[int, dict[tuple[str, int], dt.date]]
Dates = tuple[dt.date | None, dt.date | None, dt.date | None]
COLUMNS = ("last_contact_date", "contact_due_date", "next_visit_date")


def refresh_rhythms(account_ids: Collection[int] | None = None, *, today: dt.date) -> int:
    """Set last contact, next contact due and next visit of the account summaries; returns the rows that changed.

    Without `account_ids`: all accounts. In batches of 5,000, each a transaction of its own (or a part of the caller's)
    with the same few statements. A summary is locked before it is computed anew, so that of two at once the later one
    sees what the earlier one wrote.
    """
    ids: Iterable[int]
    if account_ids is None:
        ids = AccountSummary.objects.order_by("account").values_list("account", flat=True)
    else:
        ids = sorted(set(account_ids))
    book = rules_in_force()
    return sum(_refresh(batch, book, today) for batch in _batches(ids))


def _batches(ids: Iterable[int]) -> Iterator[list[int]]:
    rest = iter(ids)
    while batch := list(islice(rest, BATCH)):
        yield batch


@transaction.atomic
def _refresh(ids: Sequence[int], book: RuleBook, today: dt.date) -> int:
    before: dict[int, Dates] = {}
    locked = AccountSummary.objects.filter(account__in=ids).order_by("account").select_for_update(of=("self",))
    for pk, *dates in locked.values_list("account", *COLUMNS):
        before[pk] = (dates[0], dates[1], dates[2])
    accounts = Account.objects.filter(pk__in=ids).order_by()
    contacts = contacts_of(Interaction.objects.filter(account__in=ids), today)
    add_done_visits(contacts, Visit.objects.filter(account__in=ids), today)
    rhythms = rhythms_of(AccountRhythm.objects.filter(account__in=ids))
    visits = dict(
        Visit.objects.planned().filter(account__in=ids).order_by().values_list("account").annotate(Min("planned_date"))
    )
    changed = []
    for pk, tier, stage, region, status, created in accounts.values_list(
        "pk", "tier", "stage", "region", "status", "created_at"
    ):
        rule, rhythm = book.rule_for(MANAGER, tier, stage, region), rhythms.get(pk, PLAIN)
        last = last_contact(rule, contacts.get(pk, {}))
        due = None
        if status != Status.TERMINATED:
            due = contact_due(cadence_of(rule, rhythm, MANAGER), last, company_date(created), today)
        found = (last, due, visits.get(pk))
        if before.get(pk, found) != found:
            changed.append((pk, *found))
    return update_rows(AccountSummary, ("account", *COLUMNS), changed)


def rules_in_force() -> RuleBook:
    """The rules of the contact policy in force; none where there is no policy."""
    return rules_of(ContactPolicy.objects.in_force().first())


def rules_of(policy: ContactPolicy | None) -> RuleBook:
    """The rules of one version of the policy."""
    rows = PolicyRule.objects.filter(policy=policy).order_by("pk") if policy else []
    return RuleBook(as_rule(row) for row in rows)


def as_rule(row: PolicyRule) -> Rule:
    """The row, saved or not, as cadence.py takes it."""
    return Rule(
        cadence_days=row.cadence_days,
        duty=row.duty,
        tier=row.tier,
        stage=row.stage,
        region=row.region,
        channels=frozenset(row.channels),
        minimum_seniority=row.minimum_seniority,
        pk=row.pk or 0,
    )


def contacts_of(interactions: QuerySet[Interaction], as_of: dt.date) -> Contacts:
    """Account -> (kind, highest level present) -> the newest date up to `as_of`, of what can count as a contact."""
    found: Contacts = {}
    rows = (
        interactions.filter(date__lte=as_of + AHEAD, kind__in=EVERY_CHANNEL)
        .exclude(outcome=Outcome.NOT_REACHED)
        .order_by()
        .values_list("account", "kind", "top_seniority")
        .annotate(Max("date"))
    )
    for account, kind, seniority, date in rows.iterator(chunk_size=10_000):
        found.setdefault(account, {})[kind, seniority] = date
    return found


def add_done_visits(contacts: Contacts, visits: QuerySet[Visit], as_of: dt.date) -> None:
    """Put visits that were done and that nobody wrote about into `contacts`: with whom is not known."""
    done = Least(F("planned_date"), TruncDate("closed_at", tzinfo=ZoneInfo(settings.TIME_ZONE)))
    rows = visits.filter(status=VisitStatus.DONE, interaction__isnull=True).order_by().values_list("account")
    for account, date in rows.annotate(newest=Max(done)):
        if date <= as_of + AHEAD:
            known = contacts.setdefault(account, {})
            known[UNWRITTEN] = max(date, known.get(UNWRITTEN, date))


def rhythms_of(rows: QuerySet[AccountRhythm]) -> dict[int, Rhythm]:
    """Account -> its rhythm."""
    columns = ("account", "cadence_days", "override_until", "paused_until", "weekday")
    return {account: Rhythm(*values) for account, *values in rows.order_by().values_list(*columns)}


def company_date(moment: dt.datetime) -> dt.date:
    """The date at the company's seat: the planner's days are the company's, whoever asks."""
    return moment.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
