"""Personal data: what is handed out, and what is removed on request. Each leaves its trace in the audit."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from typing import Any

from django.db import models, transaction

from accounts.models import Account
from audit.models import AuditEntry
from audit.services import entry, forget, record, record_many
from contacts.choices import Consent
from contacts.erasure import forget_elsewhere
from contacts.errors import ContactErased, NotALeader
from contacts.models import CONTACT_FIELDS, Contact, ContactLink, Employment
from contacts.services.merging import merges_into
from contacts.services.people import main_account_id
from search.services import index_rows
from users.models import User

ERASED_NAME = "Erased person"
KEPT_OF_EMPLOYMENT = ("from_date", "until_date", "seniority", "reports_to")
"""What the business record needs of an employment: when, how high, where in the chart."""


def export_contacts(account: Account, contacts: Collection[Contact], *, form: str, actor: User) -> None:
    """Record that these people of an account were handed out as a file in this form."""
    changes = {"contacts": (None, len(contacts)), "format": (None, form)}
    record("contact.list_exported", account, actor=actor, changes=changes)


def export_person(contact: Contact, *, actor: User) -> None:
    """Record that everything about one person was handed out."""
    record("contact.data_exported", contact, actor=actor, account_id=main_account_id(contact))


@transaction.atomic
def erase_contact(contact: Contact, *, actor: User, today: dt.date) -> Contact:
    """Remove the person and keep the business record: name and all personal fields are cleared, in the audit as well;
    employments end and keep account, dates, level and place in the chart; what happened stays. It cannot be undone.

    Raises NotALeader, ContactErased.
    """
    if not actor.leads:
        raise NotALeader
    stored = Contact.objects.select_for_update(of=("self",)).get(pk=contact.pk)
    if stored.erased:
        raise ContactErased
    account_id, name = main_account_id(stored), stored.name
    _clear(stored)
    employments = list(stored.employments.select_for_update(of=("self",)).select_related("account").order_by("pk"))
    for employment in employments:
        employment.contact = stored
        _clear_employment(employment, today)
    lines = ContactLink.objects.filter(models.Q(source__in=employments) | models.Q(target__in=employments))
    lines.update(note="")
    forget_elsewhere(stored)
    _forget_in_audit(stored, [*employments, *lines])
    _forget_lines_removed(name, [employment.account_id for employment in employments])
    record("contact.erased", stored, actor=actor, account_id=account_id)
    record_many(entry("employment.cleared", employment, actor=actor) for employment in employments)
    index_rows("contact", [stored.pk])
    contact.refresh_from_db()
    return contact


def _clear(contact: Contact) -> None:
    for name in CONTACT_FIELDS:
        field: Any = Contact._meta.get_field(name)
        setattr(contact, name, None if field.null else field.get_default())
    contact.name, contact.erased = ERASED_NAME, True
    contact.consent = Consent.WITHDRAWN
    # Nobody is to be written to, greeted or asked any more, whatever list the row still is in.
    contact.no_phone = contact.no_email = contact.no_wechat = contact.no_surveys = contact.no_greetings = True
    contact.save()


def _clear_employment(employment: Employment, today: dt.date) -> None:
    for field in Employment._meta.concrete_fields:
        if field.editable and field.name not in ("id", "contact", "account", *KEPT_OF_EMPLOYMENT):
            setattr(employment, field.name, None if field.null else field.get_default())
    if employment.until_date is None or employment.until_date > today:
        employment.until_date = max(today, employment.from_date or today)
    employment.save()


def _forget_in_audit(contact: Contact, rows: Collection[models.Model]) -> None:
    """Every entry about the person, about rows merged into it, and about what is named after it."""
    for relation in Contact._meta.related_objects:
        if not relation.many_to_many and relation.related_model is not Employment:
            related: Any = relation.related_model
            rows = [*rows, *related._base_manager.filter(**{relation.field.name: contact.pk})]
    ids: dict[str, set[int]] = defaultdict(set)
    for row in [contact, *rows]:
        ids[row._meta.label_lower].add(row.pk)
    for merged in merges_into(contact):
        ids[Contact._meta.label_lower].add(merged["contact"])
        ids[Employment._meta.label_lower].update(merged["employments"])
    forget(ids, label=ERASED_NAME)


def _forget_lines_removed(name: str, account_ids: Collection[int]) -> None:
    """Lines that are on no map any more are known by their name only, which is that of two people."""
    kind = ContactLink._meta.label_lower
    entries = AuditEntry.objects.filter(object_type=kind, account_id__in=account_ids, object_label__contains=name)
    forget({kind: set(entries.values_list("object_id", flat=True))}, label=ERASED_NAME)
