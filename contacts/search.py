"""Contacts in the search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from contacts.models import Contact, Employment
from search.registry import Document, Hit, SearchIndex, register


@register
class ContactIndex(SearchIndex):
    """By name, pinyin, initials, the digits of the phone numbers, e-mail and WeChat; those of own accounts first."""

    kind = "contact"
    label = _("Contacts")
    list_url_name = "contacts:contact_list"

    def all_rows(self) -> models.QuerySet[Any]:
        """Who was erased on request is not to be found."""
        return Contact.objects.filter(erased=False).order_by()

    def document(self, row: Contact) -> Document:
        codes = [row.mobile.removeprefix("+86"), row.mobile, row.work_phone.removeprefix("+86"), row.work_phone]
        return Document(row.pk, row.name, [row.name, row.name_en], [*codes, row.email, row.wechat])

    def visible_to(self, user: Any) -> models.QuerySet[Any]:
        return Contact.objects.visible_to(user)

    def ranks(self, user: Any) -> list[Q]:
        return [_own(user)]

    def samples(self, user: Any) -> list[Q]:
        return [_own(user)] if user.sees_everything else [_own(user), Q()]

    def hits(self, ids: Sequence[int], user: Any) -> list[Hit]:
        """The person with where they work, as far as the searcher sees it."""
        rows = Contact.objects.visible_to(user).filter(pk__in=ids).in_bulk()
        jobs = Employment.objects.visible_to(user).filter(contact__in=ids).select_related("account")
        job_of: dict[int, Employment] = {}
        for job in sorted(jobs, key=lambda job: (job.until_date is None, job.pk)):
            job_of[job.contact_id] = job
        return [_hit(rows[pk], job_of.get(pk), user) for pk in ids if pk in rows]


def _own(user: Any) -> Q:
    """People at the accounts that the user manages, and those whose relationship they keep."""
    mine = Account.objects.order_by().filter(manager=user)
    jobs = Employment.objects.order_by()
    return Q(pk__in=jobs.filter(account__in=mine).values("contact")) | Q(
        pk__in=jobs.filter(owner=user).values("contact")
    )


def _hit(contact: Contact, job: Employment | None, user: Any) -> Hit:
    parts = [job.account.local_name, job.position] if job else []
    return Hit(
        title=contact.local_name,
        detail=" · ".join(part for part in parts if part),
        url=contact.get_absolute_url(),
        own=job is not None and user.pk in (job.account.manager_id, job.owner_id),
    )
