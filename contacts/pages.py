"""What every page about one person begins with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.errors import AccountReadOnly
from accounts.models import Account
from audit.models import AuditEntry
from contacts.birthdays import BirthdayImpossible, DateTooFar, lunar_words, next_birthday
from contacts.choices import BirthdayCalendar
from contacts.errors import ContactShared
from contacts.models import Contact, Employment
from users.models import User

HISTORY = 20


@dataclass(frozen=True)
class Birthday:
    """The birthday in words, and when it is next."""

    words: str
    date: dt.date
    days: int


def get_contact(user: User, pk: int) -> Contact:
    """The person with the employments that `user` sees in `contact.jobs`, present ones first. Raises Http404.

    `contact.may_edit` tells whether `user` may change the person, `job.may_edit` an employment.
    """
    contact = Contact.objects.visible_to(user).filter(pk=pk).first()
    if contact is None:
        raise Http404
    jobs = list(seen_jobs(user).filter(contact=contact))
    editable = Account.objects.editable_by(user).filter(pk__in={job.account_id for job in jobs})
    may_edit = set(editable.order_by().values_list("pk", flat=True))
    for job in jobs:
        job.contact = contact
        job.may_edit = job.account_id in may_edit and not contact.erased
    contact.jobs = sorted(jobs, key=_present_first)
    contact.may_edit = any(job.may_edit for job in jobs)
    return contact


def get_editable_contact(user: User, pk: int) -> Contact:
    """As `get_contact`; raises PermissionDenied where the user may read the person but not change it."""
    contact = get_contact(user, pk)
    if not contact.may_edit:
        if contact.erased:
            raise PermissionDenied(_("The personal data of this contact was erased on request and cannot come back."))
        raise PermissionDenied(_("You may read this contact but not change it."))
    return contact


def get_editable_job(user: User, pk: int) -> Employment:
    """An employment at an account that the user may change. Raises Http404, PermissionDenied."""
    job = seen_jobs(user).filter(pk=pk).select_related("contact").first()
    if job is None:
        raise Http404
    if job.contact.erased or not Account.objects.editable_by(user).filter(pk=job.account_id).exists():
        raise PermissionDenied(_("You may read this contact but not change it."))
    return job


def seen_jobs(user: User) -> QuerySet[Any]:
    """The employments that `user` sees, with what pages show of them."""
    return Employment.objects.visible_to(user).select_related("account", "owner", "reports_to__contact")


def require_editable(user: User, account: Account) -> None:
    """Raises AccountReadOnly on `account` unless `user`, who sees the account, may change it."""
    if not Account.objects.editable_by(user).filter(pk=account.pk).exists():
        raise AccountReadOnly(field="account")


def require_whole(user: User, *contacts: Contact) -> None:
    """Raises ContactShared unless `user` sees every employment of these people: what is done cannot be undone."""
    ids = {contact.pk for contact in contacts}
    if Contact.objects.visible_to(user).wholly_seen_by(user).filter(pk__in=ids).count() != len(ids):
        raise ContactShared


def add_jobs(user: User, contacts: Iterable[Contact], today: dt.date) -> None:
    """Give each person of a list `job` (where they work, else worked last) and `more_jobs` (how many others)."""
    people = {contact.pk: contact for contact in contacts}
    for contact in people.values():
        contact.job, contact.more_jobs, contact.left = None, 0, False
    jobs = Employment.objects.visible_to(user).filter(contact__in=people).select_related("account", "owner")
    for job in sorted(jobs, key=_present_first, reverse=True):
        contact = people[job.contact_id]
        contact.more_jobs += contact.job is not None
        contact.job, contact.left = job, not job.is_current(today)


def history(user: User, contact: Contact) -> list[AuditEntry]:
    """The newest entries about the person and about the employments that the user sees."""
    entries = AuditEntry.objects.of(contact)
    for job in contact.jobs:
        entries |= AuditEntry.objects.of(job)
    return list(entries.with_names(user)[:HISTORY])


def birthday(contact: Contact, today: dt.date) -> Birthday | None:
    """The birthday of a person, where it is known."""
    month, day = contact.birthday_month, contact.birthday_day
    if not month or not day:
        return None
    try:
        date = next_birthday(contact.birthday_calendar, month, day, contact.birthday_leap_month, today)
    except (BirthdayImpossible, DateTooFar):
        return None
    if contact.birthday_calendar == BirthdayCalendar.LUNAR:
        chinese = lunar_words(month, day, leap_month=contact.birthday_leap_month)
        words = _("lunar %(day)s") % {"day": chinese}
    else:
        words = _("%(month)s/%(day)s") % {"month": month, "day": day}
    if contact.birthday_year:
        words = _("%(year)s, %(day)s") % {"year": contact.birthday_year, "day": words}
    return Birthday(words, date, (date - today).days)


def _present_first(job: Employment) -> tuple[Any, ...]:
    return (job.until_date is not None, -(job.until_date or dt.date.max).toordinal(), -job.seniority, -job.pk)
