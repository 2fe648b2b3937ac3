"""Cells to values: phone numbers, birthdays in either calendar, choices by their words in any language."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models

from contacts.birthdays import check_birthday
from contacts.choices import Attitude, BirthdayCalendar, DecisionRole, Influence, Seniority
from contacts.fields import to_e164
from contacts.models import Contact, Employment
from core.errors import DomainError
from integrations.people.columns import REQUIRED
from integrations.tables.cells import SHOWN, Choices, choice_words, clean_text, fitting, read_day
from integrations.tables.cells import read_choice as read_named
from integrations.tables.problems import RowBad
from orders.intake.values import text_of

_WORDS = tomllib.loads(Path(__file__).with_name("values.toml").read_text(encoding="utf-8"))
CHOICES: dict[str, Choices] = {
    "decision_role": DecisionRole,
    "attitude": Attitude,
    "influence": Influence,
    "seniority": Seniority,
    "birthday_calendar": BirthdayCalendar,
}
_TEXTS: dict[str, type[models.Model]] = {
    "name": Contact,
    "name_en": Contact,
    "form_of_address": Contact,
    "wechat": Contact,
    "notes": Contact,
    "position": Employment,
    "department": Employment,
}
_FULL_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号號]?")
_DAY = re.compile(r"(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号號]?")


@dataclass
class Draft:
    """One row as values: what stands in the file, field by field; a field that is empty there is not in it.

    `account` and `owner` are what the file calls them. `problems` are all that is wrong with the cells.
    """

    row: int
    account: str = ""
    owner: str = ""
    contact: dict[str, Any] = field(default_factory=dict)
    employment: dict[str, Any] = field(default_factory=dict)
    problems: list[RowBad] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.contact.get("name", "")

    def identities(self) -> list[tuple[str, tuple[str, ...]]]:
        """(field, key) by which two rows are the same person."""
        found: list[tuple[str, tuple[str, ...]]] = [
            (name, (name, self.contact[name])) for name in ("mobile", "email", "wechat") if self.contact.get(name)
        ]
        if self.name and self.account:
            found.append(("name", ("name", self.account, name_key(self.name))))
        return found


def name_key(name: str) -> str:
    """A name without case, width and spaces."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def read_row(row: int, cells: Sequence[Any], positions: Mapping[str, int], width: int) -> Draft:
    """The row as values; what cannot be read is in `problems`, and everything else is read all the same."""
    draft = Draft(row)
    if any(text_of(cell) for cell in cells[width:]):
        draft.problems.append(RowBad("too_many_cells"))
    raw = {name: cells[at] for name, at in positions.items() if at < len(cells) and text_of(cells[at])}
    for name in REQUIRED:
        if name not in raw:
            draft.problems.append(RowBad("missing_value", name))
    for name, cell in raw.items():
        try:
            _read_cell(draft, name, cell)
        except RowBad as problem:
            draft.problems.append(problem)
    if "birthday" in raw:
        try:
            draft.contact |= read_birthday(raw["birthday"], draft.contact.pop("birthday_calendar", ""))
        except RowBad as problem:
            draft.problems.append(problem)
    else:
        draft.contact.pop("birthday_calendar", None)  # a calendar alone says nothing
    return draft


def _read_cell(draft: Draft, name: str, cell: Any) -> None:
    text = clean_text(name, cell, lines=name == "notes")
    if name == "account":
        draft.account = text
    elif name == "owner":
        draft.owner = text.lower()
    elif name in _TEXTS:
        target = draft.contact if _TEXTS[name] is Contact else draft.employment
        target[name] = fitting(name, text, _TEXTS[name])
    elif name in ("mobile", "work_phone"):
        draft.contact[name] = read_phone(name, text)
    elif name == "email":
        draft.contact[name] = read_email(text)
    elif name == "from_date":
        draft.employment[name] = read_day(name, cell)
    elif name in CHOICES:
        target = draft.contact if name == "birthday_calendar" else draft.employment
        target[name] = read_choice(name, text)


def read_phone(name: str, text: str) -> str:
    """E.164. Raises RowBad."""
    try:
        return to_e164(unicodedata.normalize("NFKC", text))
    except ValidationError:
        raise RowBad("bad_phone", name, value=text[:SHOWN]) from None


def read_email(text: str) -> str:
    """The address in lower case. Raises RowBad."""
    text = unicodedata.normalize("NFKC", text).removeprefix("mailto:").lower()
    try:
        validate_email(text)
    except ValidationError:
        raise RowBad("bad_email", "email", value=text[:SHOWN]) from None
    if len(text) > 254:
        raise RowBad("too_long", "email", limit=254)
    return text


def read_choice(name: str, text: str) -> Any:
    """The value of a choice that the text names. Raises RowBad, naming the labels."""
    return read_named(name, text, CHOICES[name], words_of(name))


@cache
def words_of(name: str) -> dict[str, Any]:
    """What files may write for a choice -> value."""
    return choice_words(CHOICES[name], _WORDS["choices"][name])


def read_birthday(cell: Any, calendar: str = "") -> dict[str, Any]:
    """The fields of a birthday: 1980-05-06, 05-06, 5月6日, with or without a word for the lunar calendar before it,
    and lunar days in words (腊月三十). `calendar` is what its own column says. Raises RowBad."""
    if isinstance(cell, dt.date):
        found: tuple[int | None, int, int, bool] = (cell.year, cell.month, cell.day, False)
        text = cell.strftime("%Y-%m-%d")
    else:
        text = unicodedata.normalize("NFKC", text_of(cell)).strip()
        calendar, rest = _calendar_of(text, calendar)
        found = _parts(rest, text, lunar=calendar == BirthdayCalendar.LUNAR)
    year, month, day, leap = found
    calendar = calendar or BirthdayCalendar.SOLAR
    if year is not None and not 1900 <= year <= 2100:
        raise RowBad("no_such_birthday", "birthday", value=text[:SHOWN])
    try:
        check_birthday(calendar, year, month, day, leap_month=leap)
    except DomainError:
        raise RowBad("no_such_birthday", "birthday", value=text[:SHOWN]) from None
    return {
        "birthday_calendar": str(calendar),
        "birthday_year": year,
        "birthday_month": month,
        "birthday_day": day,
        "birthday_leap_month": leap,
    }


def _calendar_of(text: str, calendar: str) -> tuple[str, str]:
    """The calendar that the text names, else `calendar`, else lunar for days in words; and the text without it."""
    low = text.casefold()
    for name, marks in (("lunar", _WORDS["lunar"]["marks"]), ("solar", _WORDS["lunar"]["solar_marks"])):
        for mark in marks:
            if mark in low:
                at = low.index(mark)
                return name, (text[:at] + text[at + len(mark) :]).strip(" :()")
    if not calendar and not re.search(r"\d", text):
        return BirthdayCalendar.LUNAR, text
    return calendar, text


def _parts(text: str, whole: str, *, lunar: bool) -> tuple[int | None, int, int, bool]:
    """Year if there is one, month, day, leap month."""
    leap = False
    for mark in _WORDS["lunar"]["leap"]:
        if mark in text.casefold():
            at = text.casefold().index(mark)
            text, leap = text[:at] + text[at + len(mark) :], True
    text = text.strip()
    if match := _FULL_DAY.fullmatch(text):
        return int(match[1]), int(match[2]), int(match[3]), leap
    if match := _DAY.fullmatch(text):
        return None, int(match[1]), int(match[2]), leap
    if lunar and (spoken := _in_words(text)):
        return None, *spoken, leap
    raise RowBad("bad_birthday", "birthday", value=whole[:SHOWN])


def _in_words(text: str) -> tuple[int, int] | None:
    """Month and day of a lunar day in words."""
    for word, month in sorted(_WORDS["months"].items(), key=lambda item: -len(item[0])):
        if text.startswith(word):
            day = _day_words().get(text.removeprefix(word).strip())
            return (month, day) if day else None
    return None


@cache
def _day_words() -> dict[str, int]:
    words = _WORDS["days"]
    digits = words["digits"]
    days = {words["first"] + digit: number for number, digit in enumerate(digits, 1)}
    for number, digit in enumerate(digits[:9], 1):
        days[words["ten"] + digit] = 10 + number
        days |= {tens + digit: 20 + number for tens in words["twenty"]}
    days |= dict.fromkeys(words["twenty"], 20) | dict.fromkeys(words["thirty"], 30)
    return days
