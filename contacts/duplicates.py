"""Is this person known already? What is compared, and among whom: only people whom the user sees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact, Employment
from search.pinyin import is_chinese, readings
from search.text import normalise

LIMIT = 5
REASONS: dict[str, str | Promise] = {
    "mobile": _("same phone number"),
    "email": _("same e-mail"),
    "wechat": _("same WeChat ID"),
    "name": _("same name at this account"),
    "similar": _("similar name at this account"),
    "elsewhere": _("same name at another account"),
}
MILD = "elsewhere"


@dataclass
class Duplicate:
    """A person who may be the same, with the reasons (codes of REASONS), and where the user knows them from."""

    contact: Contact
    reasons: list[str]
    jobs: list[Employment] = field(default_factory=list)

    @property
    def words(self) -> list[str]:
        return [str(REASONS[reason]) for reason in self.reasons]

    @property
    def is_strong(self) -> bool:
        """More than a name that others have as well: worth a question before saving."""
        return self.reasons != [MILD]


def find_duplicates(user: Any, contact: Contact, account_id: int | None = None) -> list[Duplicate]:
    """People visible to `user` who may be `contact` (saved or not), the likeliest first, at most five.

    Numbers and addresses are compared as they are stored; names at the account `account_id` also across traditional and
    simplified characters, spaces, accents, and pinyin with the family name at either end. Four statements at most.
    """
    found: dict[int, Duplicate] = {}
    for other in _same_data(user, contact):
        found[other.pk] = Duplicate(other, list(_equal_fields(contact, other)))
    if contact.name and account_id is not None:
        for reason, other in _same_names(user, contact, account_id):
            found.setdefault(other.pk, Duplicate(other, [])).reasons.append(reason)
    for duplicate in found.values():
        reasons = duplicate.reasons or [MILD]
        duplicate.reasons = [reason for reason in REASONS if reason in reasons]
        if len(duplicate.reasons) > 1 and MILD in duplicate.reasons:
            duplicate.reasons.remove(MILD)
    best = sorted(found.values(), key=lambda one: (list(REASONS).index(one.reasons[0]), -len(one.reasons)))[:LIMIT]
    _add_jobs(user, best)
    return best


def name_keys(*names: str) -> set[str]:
    """What names are compared by: two names that share a key are written alike or sound alike."""
    keys: set[str] = set()
    for name in filter(None, (normalise(name) for name in names)):
        words = name.split()
        keys |= {"".join(words), "".join([*words[1:], words[0]]), "".join([words[-1], *words[:-1]])}
        if any(map(is_chinese, name)):
            keys |= {"".join(reading) for reading in readings("".join(words))}
    return keys


def _same_data(user: Any, contact: Contact) -> Iterator[Contact]:
    """People with the same number or address, and some with the same name."""
    people = Contact.objects.visible_to(user).filter(erased=False).exclude(pk=contact.pk).order_by("pk")
    equal = Q()
    for name, value in (("mobile", contact.mobile), ("email", contact.email.lower()), ("wechat", contact.wechat)):
        equal |= Q(**{name: value}) if value else Q()
    if equal:
        yield from people.filter(equal)[: 4 * LIMIT]
    if contact.name:
        yield from people.filter(name=contact.name)[:LIMIT]


def _equal_fields(contact: Contact, other: Contact) -> Iterator[str]:
    if contact.mobile and contact.mobile == other.mobile:
        yield "mobile"
    if contact.email and contact.email.lower() == other.email:
        yield "email"
    if contact.wechat and contact.wechat == other.wechat:
        yield "wechat"


def _same_names(user: Any, contact: Contact, account_id: int) -> Iterator[tuple[str, Contact]]:
    """People of the account, present and past, whose name is the same or like it."""
    jobs = Employment.objects.visible_to(user).filter(account=account_id, contact__erased=False)
    people = {job.contact_id: job.contact for job in jobs.exclude(contact=contact.pk).select_related("contact")}
    keys = name_keys(contact.name, contact.name_en)
    plain = normalise(contact.name)
    for other in people.values():
        if plain == normalise(other.name):
            yield "name", other
        elif keys & name_keys(other.name, other.name_en):
            yield "similar", other


def _add_jobs(user: Any, duplicates: list[Duplicate]) -> None:
    jobs = Employment.objects.visible_to(user).filter(contact__in=[one.contact.pk for one in duplicates])
    by_contact = {one.contact.pk: one for one in duplicates}
    for job in jobs.select_related("account").order_by("-pk") if duplicates else ():
        by_contact[job.contact_id].jobs.append(job)
