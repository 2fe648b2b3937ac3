"""Interactions, visits and policies, as rows: what services do besides is what their own tests are about."""

import datetime as dt

from django.core.files.base import ContentFile
from django.utils import timezone

from interactions.models import (
    ContactPolicy,
    Greeting,
    Interaction,
    InteractionFile,
    NextStep,
    PlanningGap,
    PolicyRule,
    Visit,
)
from tests.factories import TODAY


def make_interaction(account, days_ago=0, *, kind="visit", contacts=(), colleagues=(), **fields):
    """Something that happened at ten in the morning, `days_ago` before TODAY, logged by the account's manager."""
    date = TODAY - dt.timedelta(days=days_ago)
    moment = timezone.make_aware(dt.datetime.combine(date, dt.time(10)))
    author = fields.pop("author", account.manager)
    row = Interaction.objects.create(account=account, kind=kind, occurred_at=moment, date=date, author=author, **fields)
    row.contacts.set(contacts)
    row.colleagues.set(colleagues)
    return row


def make_file(interaction, name="报价.txt", content=b"12.50"):
    """A small text file of an interaction, on the disk as well."""
    row = InteractionFile(interaction=interaction, name=name, size=len(content), content_type="text/plain")
    row.file.save(name, ContentFile(content), save=False)
    row.save()
    return row


def make_step(account, days=3, **fields):
    """An open next step of the account's manager, due `days` after TODAY."""
    fields = {"text": "报价", "owner": account.manager, **fields}
    return NextStep.objects.create(account=account, due_date=TODAY + dt.timedelta(days=days), **fields)


def make_visit(account, days=1, **fields):
    """A visit by the account's manager, planned for `days` after TODAY."""
    fields = {"owner": account.manager, **fields}
    return Visit.objects.create(account=account, planned_date=TODAY + dt.timedelta(days=days), **fields)


def make_gap(account, **fields):
    """A visit due on TODAY that nobody had time for."""
    fields = {"user": account.manager, "duty": "manager", "due_date": TODAY, "reason": "over_capacity", **fields}
    return PlanningGap.objects.create(account=account, as_of=TODAY, **fields)


def make_contact_policy(*rules, status="in_force", **fields):
    """A policy with rules like `{"tier": "A", "cadence_days": 14}`; without any: A 14, B 30, C 90 days."""
    rules = rules or [{"tier": tier, "cadence_days": days} for tier, days in (("A", 14), ("B", 30), ("C", 90))]
    number = ContactPolicy.objects.count() + 1
    policy = ContactPolicy.objects.create(number=number, status=status, **fields)
    PolicyRule.objects.bulk_create([PolicyRule(policy=policy, **rule) for rule in rules])
    return policy


def make_greeting(contact, days=3, *, occasion="birthday", **fields):
    """A greeting proposed to the manager of the contact's account, `days` after TODAY."""
    account = contact.employments.first().account
    fields = {"owner": account.manager, "date": TODAY + dt.timedelta(days=days), **fields}
    return Greeting.objects.create(account=account, contact=contact, occasion=occasion, **fields)
