"""Load the demo's relationships: people, a year of contact history, the contact policy, leave, and the visits planned
from them. All by COPY, in batches, but for what services derive."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models

from accounts.choices import Status
from accounts.models import Account, AccountSummary
from contacts.models import Contact, ContactLink, Employment
from core.bulk import analyze, copy_rows, next_pk, reset_sequence
from interactions.models import Interaction, NextStep, Topic, Visit
from interactions.services import (
    ensure_default_contact_policy,
    plan_visits,
    propose_greetings,
    refresh_rhythms,
)
from interactions.services.coverage import rebuild_month
from kam.demo import contacts, history, talk
from kam.demo.dates import months_before
from kam.demo.people import Staff
from search.services import index_new_rows
from users.models import Leave

BATCH = 5000
MONTHS, FEW_MONTHS, MANY_MONTHS_UP_TO = 12, 3, 20_000  # of coverage: each has a row per account
TARGETS: dict[str, tuple[type[models.Model], list[str]]] = {
    "contacts": (Contact, contacts.CONTACT_COLUMNS),
    "employments": (Employment, contacts.EMPLOYMENT_COLUMNS),
    "links": (ContactLink, contacts.LINK_COLUMNS),
    "interactions": (Interaction, history.INTERACTION_COLUMNS),
    "with_contacts": (Interaction.contacts.through, ["interaction", "contact"]),
    "with_colleagues": (Interaction.colleagues.through, ["interaction", "user"]),
    "with_topics": (Interaction.topics.through, ["interaction", "topic"]),
    "steps": (NextStep, history.STEP_COLUMNS),
    "visits": (Visit, history.VISIT_COLUMNS),
}


def load_relationships(staff: Staff, *, seed: int, today: dt.date, now: dt.datetime) -> None:
    """People and a year of history for every account, by its tier."""
    topics = {said.topic: 0 for said in (*talk.CHINESE, *talk.ENGLISH)}
    topics = {name: Topic.objects.create(name=name).pk for name in topics}
    people = contacts.People(seed, today, now, next_pk(Contact), next_pk(Employment))
    past = history.History(seed, today, now, next_pk(Interaction), topics)
    last = 0
    while batch := _accounts_after(last):
        for row in batch:
            since = row.pop("customer_since")
            host = contacts.Host(**row)
            past.make(host, people.make(host), since)
        for name, rows in (*people.take(), *past.take()):
            model, columns = TARGETS[name]
            copy_rows(model, columns, rows)
        last = batch[-1]["pk"]
    reset_sequence(Contact, Employment, Interaction)
    Leave.objects.create(
        user_id=staff.alice, from_date=today + dt.timedelta(days=18), until_date=today + dt.timedelta(days=20)
    )
    analyze(Contact, Employment, Interaction, NextStep, Visit)


def plan_from_policy(*, today: dt.date, now: dt.datetime) -> None:
    """The contact policy and what follows from it: rhythms, visits, greetings, the index."""
    ensure_default_contact_policy(now=now - dt.timedelta(days=400))  # in force through the months of coverage
    refresh_rhythms(None, today=today)
    analyze(AccountSummary)
    plan_visits(today, now=now)
    propose_greetings(today)
    for months_ago in range(MONTHS if Account.objects.count() <= MANY_MONTHS_UP_TO else FEW_MONTHS):
        rebuild_month(months_before(today, months_ago), today=today)
    for kind in ("contact", "interaction"):
        index_new_rows(kind)


def _accounts_after(pk: int) -> list[dict[str, Any]]:
    rows = Account.objects.exclude(status=Status.TERMINATED).filter(pk__gt=pk).order_by("pk")
    fields = ("pk", "code", "tier", "region", "country", "website", "manager", "customer_since")
    return list(rows.values(*fields)[:BATCH])
