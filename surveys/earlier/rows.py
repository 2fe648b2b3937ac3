"""A row of a file as an answer: cells in the words of the questionnaire, cleaned as any other answer is."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from core.languages import LANGUAGE_CHOICES
from orders.intake.problems import Bad
from orders.intake.values import parse_moment, text_of
from surveys import answering
from surveys.choices import QuestionKind
from surveys.definition import Choice, Definition, Question
from surveys.earlier.columns import ACCOUNT, CONTACT, DATE, EMAIL, LANGUAGE, NUMBER, Columns

FIRST_YEAR = 1990
_SEPARATORS = re.compile(r"\s*[;；、|\n]\s*")
_PLACE = re.compile(r"^\d+\s*[.)、]\s*")
DAY_SECONDS = 86400


class Problem(NamedTuple):
    """What is wrong with a row: in which column, a stable code, a sentence in the reader's language."""

    row: int
    column: str
    code: str
    message: str


@dataclass
class Row:
    """One row as it was read; with problems it is bad."""

    number: int
    cells: Sequence[Any]
    account: str = ""
    contact: str = ""
    email: str = ""
    date: dt.date | None = None
    language: str = "zh-hans"
    values: dict[str, Any] = field(default_factory=dict)
    external_id: str = ""
    problems: list[Problem] = field(default_factory=list)


class Reader:
    """Reads the rows of one file, one after the other."""

    def __init__(self, header: Sequence[str], columns: Columns, asked: Definition, today: dt.date) -> None:
        self.header, self.columns, self.asked, self.today = header, columns, asked, today
        self._seen: Counter[str] = Counter()
        self._numbers: set[str] = set()

    def read(self, number: int, cells: Sequence[Any]) -> Row:
        """The row with everything that can be said without the database."""
        row = Row(number, cells)
        row.account, row.contact = self._text(row, ACCOUNT), self._text(row, CONTACT)
        row.email = self._text(row, EMAIL).lower()
        if not row.account:
            self._problem(row, ACCOUNT, "account_missing", _("The code of the account is missing."))
        self._date(row)
        self._language(row)
        self._answers(row)
        self._number(row)
        return row

    def add(self, row: Row, fact: str, code: str, message: str) -> None:
        """Note what only the database could tell."""
        self._problem(row, fact, code, message)

    def _date(self, row: Row) -> None:
        cell = self._cell(row, DATE)
        try:
            seconds = parse_moment(cell, None)
        except Bad:
            said = _("“%(value)s” is not a date; write year-month-day.") % {"value": text_of(cell)[:60]}
            self._problem(row, DATE, "date_wrong", said)
            return
        row.date = dt.date.fromordinal(seconds // DAY_SECONDS)
        if row.date > self.today or row.date.year < FIRST_YEAR:
            said = _("The day lies in the future, or too far back.")
            self._problem(row, DATE, "date_out_of_range", said)

    def _language(self, row: Row) -> None:
        word = self._text(row, LANGUAGE).casefold()
        known = {name.casefold(): code for code, name in LANGUAGE_CHOICES}
        known |= {str(code).casefold(): code for code, _name in LANGUAGE_CHOICES}
        if word and word not in known:
            said = _("“%(value)s” is none of the languages.") % {"value": word[:60]}
            self._problem(row, LANGUAGE, "language_unknown", said)
        row.language = known.get(word, row.language)

    def _answers(self, row: Row) -> None:
        given: dict[str, Any] = {}
        for position, target in self.columns.answers.items():
            cell = row.cells[position] if position < len(row.cells) else ""
            if text_of(cell):
                question = self.asked.by_key[target.question]
                value = answer_of(question, cell)
                if target.row:
                    given.setdefault(target.question, {})[target.row] = value
                else:
                    given[target.question] = value
        cleaned = answering.clean(self.asked, given, partial=True)
        for key, fault in cleaned.faults.items():
            row.problems.append(Problem(row.number, self._heading_of(key), fault.code, fault.text))
        row.values = cleaned.values
        if not row.values and not cleaned.faults:
            row.problems.append(Problem(row.number, "", "no_answers", _("There is no answer in this row.")))

    def _number(self, row: Row) -> None:
        """The number that makes the same row the same the next time: its own, or one of what it says (and of how often
        the file said so before)."""
        own = self._text(row, NUMBER)[:80]
        if own:
            if own in self._numbers:
                self._problem(row, NUMBER, "number_twice", _("This number is in a row above already."))
            self._numbers.add(own)
            row.external_id = own
            return
        said = [row.account, row.contact, row.email, str(row.date), row.values]
        digest = hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:40]
        self._seen[digest] += 1
        row.external_id = f"{digest}-{self._seen[digest]}"

    def _cell(self, row: Row, fact: str) -> Any:
        position = self.columns.facts.get(fact)
        return "" if position is None or position >= len(row.cells) else row.cells[position]

    def _text(self, row: Row, fact: str) -> str:
        return text_of(self._cell(row, fact))

    def _problem(self, row: Row, fact: str, code: str, message: str) -> None:
        position = self.columns.facts.get(fact)
        heading = self.header[position] if position is not None else ""
        row.problems.append(Problem(row.number, heading, code, message))

    def _heading_of(self, question: str) -> str:
        positions = (position for position, target in self.columns.answers.items() if target.question == question)
        return next((self.header[position] for position in positions), question)


def answer_of(question: Question, cell: Any) -> Any:
    """What a cell says in answer to a question, in the form that `answering.clean` takes."""
    if question.kind == QuestionKind.SINGLE:
        return _one(question, text_of(cell))
    if question.kind == QuestionKind.MULTIPLE:
        return _several(question, text_of(cell))
    if question.kind == QuestionKind.RANKING:
        items = [_PLACE.sub("", item) for item in _SEPARATORS.split(text_of(cell)) if item]
        return {"choices": [_key(question, item) or item for item in items]}
    if question.kind == QuestionKind.DATE:
        try:
            return dt.date.fromordinal(parse_moment(cell, None) // DAY_SECONDS).isoformat()
        except Bad:
            return text_of(cell)
    return text_of(cell)


def _one(question: Question, text: str) -> dict[str, Any]:
    found = _key(question, text)
    if found:
        return {"choice": found}
    before, _colon, after = text.partition(":")
    if (key := _key(question, before)) and after:
        return {"choice": key, "text": after.strip()}
    other = _other(question)
    return {"choice": other.key, "text": text} if other else {"choice": text}


def _several(question: Question, text: str) -> dict[str, Any]:
    keys, words = [], ""
    for item in (item for item in _SEPARATORS.split(text) if item):
        one = _one(question, item)
        keys.append(one["choice"])
        words = one.get("text", words)
    return {"choices": list(dict.fromkeys(keys)), "text": words}


def _key(question: Question, text: str) -> str:
    """The key of the choice that is called so, by its key or in any language; "" for none."""
    wanted = " ".join(text.split()).casefold()
    return next((choice.key for choice in question.choices if wanted in set(_names(choice))), "")


def _names(choice: Choice) -> Iterator[str]:
    yield choice.key.casefold()
    yield from (" ".join(text.split()).casefold() for text in choice.text.by_language.values() if text)


def _other(question: Question) -> Choice | None:
    return next((choice for choice in question.choices if choice.other), None)
