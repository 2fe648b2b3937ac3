"""People as vCards (RFC 6350, version 4.0; RFC 2426, version 3.0): text in, text out, no rows read."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from contacts.choices import BirthdayCalendar
from contacts.fields import EXTENSION
from contacts.models import Contact, Employment
from search.pinyin import is_chinese

VERSIONS = ("4.0", "3.0")
MEDIA_TYPE = "text/vcard; charset=utf-8"
LINE_OCTETS = 75
COMPOUND_SURNAMES = frozenset(
    re.findall(
        "..",
        "欧阳歐陽上官司马司馬诸葛諸葛东方東方皇甫尉迟尉遲公孙公孫令狐宇文长孙長孫慕容司徒夏侯端木百里呼延轩辕軒轅"
        "东郭東郭南宫南宮独孤獨孤赫连赫連闻人聞人澹台澹臺公冶宗政濮阳濮陽淳于单于單于太叔申屠仲孙仲孫钟离鍾離鲜于鮮于"
        "司空司寇拓跋西门西門左丘第五",
    )
)


def vcards(people: Iterable[tuple[Contact, Employment | None]], *, version: str = "4.0", uid_host: str = "kam") -> str:
    """One vCard after the other, each person with the employment that is to stand on it."""
    return "".join(vcard(contact, job, version=version, uid_host=uid_host) for contact, job in people)


def vcard(contact: Contact, job: Employment | None, *, version: str = "4.0", uid_host: str = "kam") -> str:
    """The person as a vCard: UTF-8, lines of 75 octets, CRLF. Lunar birthdays have no BDAY, and stay here."""
    lines = ["BEGIN:VCARD", f"VERSION:{version}", *_lines(contact, job, version, uid_host), "END:VCARD"]
    return "".join(fold(line) + "\r\n" for line in lines)


def split_name(name: str) -> tuple[str, str]:
    """(family name, given name): Chinese names begin with a surname of one character or a compound one of two; of
    others the last word is the family name."""
    name = " ".join(name.split())
    if name and all(is_chinese(char) or char in " ·" for char in name) and "·" not in name:
        compact = name.replace(" ", "")
        if " " in name:
            family = name.split(" ", 1)[0]
        else:
            family = compact[:2] if compact[:2] in COMPOUND_SURNAMES and len(compact) > 2 else compact[:1]
        return family, compact[len(family) :]
    *given, family = name.split(" ")
    return family, " ".join(given)


def fold(line: str) -> str:
    """A line folded at 75 octets, never inside a character."""
    parts: list[str] = []
    current, size = "", 0
    for char in line:
        octets = len(char.encode())
        if size + octets > LINE_OCTETS:
            parts.append(current)
            current, size = " ", 1  # the space that begins a continuation counts
        current, size = current + char, size + octets
    return "\r\n".join([*parts, current])


def _escape(text: str) -> str:
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return "\\n".join(text.splitlines())


def _lines(contact: Contact, job: Employment | None, version: str, uid_host: str) -> Iterator[str]:
    family, given = split_name(contact.name)
    yield f"FN:{_escape(contact.name)}"
    yield f"N:{_escape(family)};{_escape(given)};;;"
    if contact.name_en:
        yield f"NICKNAME:{_escape(contact.name_en)}"
    yield from _work(job)
    yield from _addresses(contact, version)
    yield from _birthday(contact, version)
    if contact.opt_outs:
        yield f"NOTE:{_escape(_('Please respect: %(wishes)s') % {'wishes': ', '.join(contact.opt_outs)})}"
    yield f"UID:{_uid(contact, version, uid_host)}"
    yield f"REV:{contact.updated_at.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"


def _work(job: Employment | None) -> Iterator[str]:
    if job is not None:
        units = f";{_escape(job.department)}" if job.department else ""
        yield f"ORG:{_escape(job.account.name)}{units}"
        if job.position:
            yield f"TITLE:{_escape(job.position)}"


def _addresses(contact: Contact, version: str) -> Iterator[str]:
    for number, kind in ((contact.mobile, "cell"), (contact.work_phone, "work")):
        if number:
            yield _phone(number, kind, version)
    if contact.email:
        yield f"EMAIL{';TYPE=INTERNET' if version == '3.0' else ';TYPE=work'}:{contact.email}"
    if contact.wechat:
        yield f"X-WECHAT:{_escape(contact.wechat)}"
    if contact.preferred_language and version == "4.0":
        yield f"LANG:{contact.preferred_language}"


def _uid(contact: Contact, version: str, host: str) -> str:
    return f"contact-{contact.pk}@{host}" if version == "3.0" else f"urn:kam:{host}:contact:{contact.pk}"


def _phone(number: str, kind: str, version: str) -> str:
    if version == "3.0":
        return f"TEL;TYPE={kind.upper()},VOICE:{number.replace(EXTENSION, 'x')}"
    return f'TEL;VALUE=uri;TYPE="{kind},voice":tel:{number}'


def _birthday(contact: Contact, version: str) -> Iterator[str]:
    if contact.birthday_calendar != BirthdayCalendar.SOLAR or not contact.birthday_month or not contact.birthday_day:
        return
    year, month, day = contact.birthday_year, contact.birthday_month, contact.birthday_day
    if version == "4.0":
        yield f"BDAY:{year}{month:02}{day:02}" if year else f"BDAY:--{month:02}{day:02}"
    elif year:  # a date of version 3.0 has a year
        yield f"BDAY:{year}-{month:02}-{day:02}"


def of_account(jobs: Collection[Any]) -> list[tuple[Contact, Employment | None]]:
    """The people of these employments, each once."""
    return list({job.contact_id: (job.contact, job) for job in jobs}.values())
