"""Create and change people."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import F

from audit.services import diff, record, snapshot
from contacts.errors import AccountMissing, ContactErased, DateInFuture
from contacts.models import Contact, Employment
from contacts.services.employments import check_new_employment, lock_people_of
from search.services import index_rows
from users.models import User


@transaction.atomic
def create_contact(contact: Contact, employment: Employment | None, *, actor: User | None, today: dt.date) -> Contact:
    """Save a new person together with where they work: nobody is a contact without an account.

    Raises ValidationError (fields), AccountMissing, DateInFuture, and what `add_employment` raises.
    """
    if employment is None or employment.account_id is None:
        raise AccountMissing(field="account")
    contact.full_clean()
    check_dates(contact, today)
    lock_people_of(employment.account_id)
    contact.save()
    employment.contact = contact
    try:
        check_new_employment(employment, today)
        employment.save()
    except Exception:
        contact.pk = None  # as if it had not been tried: the form shows a new person
        raise
    record("contact.created", contact, actor=actor, account_id=employment.account_id)
    record("employment.added", employment, actor=actor)
    index_rows("contact", [contact.pk])
    return contact


@transaction.atomic
def update_contact(contact: Contact, *, actor: User | None, today: dt.date | None = None) -> Contact:
    """Save the changed fields of a person. With `today`, dates of birth and consent may not lie after it.

    Raises ValidationError, ContactErased, DateInFuture.
    """
    stored = Contact.objects.select_for_update(of=("self",)).get(pk=contact.pk)
    if stored.erased:
        raise ContactErased
    before = snapshot(stored)
    contact.full_clean()
    if today is not None:
        check_dates(contact, today)
    contact.save(update_fields=[*(before.keys() - {"id"}), "updated_at"])
    if changes := diff(before, contact):
        record("contact.updated", contact, actor=actor, changes=changes, account_id=main_account_id(contact))
        index_rows("contact", [contact.pk])
    return contact


def check_dates(contact: Contact, today: dt.date) -> None:
    """Raises DateInFuture for a birth or a consent that has not been yet."""
    if contact.consent_date is not None and contact.consent_date > today:
        raise DateInFuture(field="consent_date")
    if contact.birthday_year is not None and contact.birthday_year > today.year:
        raise DateInFuture(field="birthday_year")


def main_account_id(contact: Contact) -> int | None:
    """The account in whose history changes of the person stand: where they work, else where they worked last."""
    newest = F("until_date").desc(nulls_first=True)
    return contact.employments.order_by(newest, "-pk").values_list("account_id", flat=True).first()
