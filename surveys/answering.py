"""What may be answered: cleaning what came in from a form, a client or a file, and taking it apart for counting.

Clean values: NPS, CSAT, CES an int; number a decimal as text; date ISO text; text a string; single choice
`{"choice": key, "text": words beside "other"}`; multiple choice `{"choices": [keys], "text": …}`; ranking
`{"choices": [keys, best first]}`; matrix `{row: int}`. A plain key or list of keys is taken for a choice as well.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from surveys.choices import QuestionKind
from surveys.conditions import shown
from surveys.definition import Definition, Question

MAX_OTHER = 200
"""Characters of the words beside "other"."""


class Fault(NamedTuple):
    """What is wrong with one answer: a stable code, and a sentence (with its parameters filled in by `text`)."""

    code: str
    message: str | Promise
    params: Mapping[str, Any] = {}

    @property
    def text(self) -> str:
        return str(self.message) % self.params if self.params else str(self.message)


class Refused(Exception):
    """One answer is refused, with its fault."""

    def __init__(self, code: str, message: str | Promise, **params: Any) -> None:
        super().__init__(code)
        self.fault = Fault(code, message, params)


@dataclass
class Cleaned:
    """The answers that are taken, and what is wrong with the others, by question."""

    values: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, Fault] = field(default_factory=dict)


def clean(definition: Definition, given: Mapping[str, Any], *, partial: bool = False) -> Cleaned:
    """Check and clean answers. `partial`: what is required may still be missing. Answers to questions that are not
    shown to this person are left out without a word (they stay from before another answer hid them); answers to
    questions that there are not are faults."""
    result = Cleaned()
    for key in given:
        if key not in definition.by_key:
            result.faults[key] = Fault("unknown_question", _("There is no such question."))
    for question in definition.questions:
        if question.key not in given or is_empty(given[question.key]):
            continue
        try:
            result.values[question.key] = clean_answer(question, given[question.key])
        except Refused as refused:
            result.faults[question.key] = refused.fault
    _keep_shown(definition, result, partial=partial)
    return result


def _keep_shown(definition: Definition, result: Cleaned, *, partial: bool) -> None:
    """Leave what this person does not see, and miss what is required of them."""
    seen = {question.key: question for question in shown(definition, result.values)}
    result.values = {key: value for key, value in result.values.items() if key in seen}
    result.faults = {key: fault for key, fault in result.faults.items() if key in seen or key not in definition.by_key}
    missing = [key for key, question in seen.items() if question.required and key not in result.values]
    for key in missing if not partial else ():
        result.faults.setdefault(key, Fault("required", _("Please answer this question.")))


def is_empty(value: Any) -> bool:
    """Nothing was answered."""
    if isinstance(value, Mapping):
        return all(is_empty(inner) for inner in value.values())
    return value is None or value in ("", [], ())


def clean_answer(question: Question, given: Any) -> Any:
    """One answer, cleaned. Raises Refused."""
    return _CLEANERS[QuestionKind(question.kind)](question, given)


def _rating(question: Question, given: Any) -> int:
    low, high = question.scale or (0, 0)
    if isinstance(given, bool) or not str(given).strip().lstrip("+-").isdecimal() or len(str(given)) > 4:
        raise Refused("not_a_number", _("Choose a number from %(low)s to %(high)s."), low=low, high=high)
    value = int(given)
    if not low <= value <= high:
        raise Refused("out_of_range", _("Choose a number from %(low)s to %(high)s."), low=low, high=high)
    return value


def _matrix(question: Question, given: Any) -> dict[str, int]:
    if not isinstance(given, Mapping):
        raise Refused("not_a_matrix", _("Give a number for each row."))
    if unknown := set(given) - set(question.row_keys):
        raise Refused("unknown_choice", _("There is no “%(choice)s” to choose."), choice=min(map(str, unknown))[:40])
    rows = {key: _rating(question, given[key]) for key in question.row_keys if not is_empty(given.get(key))}
    if question.required and len(rows) < len(question.rows):
        raise Refused("row_missing", _("Please rate every row."))
    return rows


def _chosen(question: Question, given: Any) -> tuple[list[str], str]:
    """The keys that were chosen, and the words beside "other"."""
    text = ""
    if isinstance(given, Mapping):
        text = _words(given.get("text", ""), MAX_OTHER)
        given = given["choice"] if "choice" in given else given.get("choices", [])
    keys = [given] if isinstance(given, str) else given
    if not isinstance(keys, list | tuple) or not all(isinstance(key, str) for key in keys):
        raise Refused("not_a_choice", _("Choose from the list."))
    for key in keys:
        if key not in question.choice_keys:
            raise Refused("unknown_choice", _("There is no “%(choice)s” to choose."), choice=key[:40])
    if len(set(keys)) < len(keys):
        raise Refused("chosen_twice", _("The same choice was taken twice."))
    others = {choice.key for choice in question.choices if choice.other}
    return list(keys), text if others & set(keys) else ""


def _single(question: Question, given: Any) -> dict[str, Any]:
    keys, text = _chosen(question, given)
    if len(keys) != 1:
        raise Refused("not_one", _("Choose one."))
    return {"choice": keys[0], **({"text": text} if text else {})}


def _multiple(question: Question, given: Any) -> dict[str, Any]:
    keys, text = _chosen(question, given)
    if question.minimum is not None and len(keys) < int(question.minimum):
        raise Refused("too_few", _("Choose at least %(count)s."), count=question.minimum)
    if question.maximum is not None and len(keys) > int(question.maximum):
        raise Refused("too_many", _("Choose at most %(count)s."), count=question.maximum)
    keys.sort(key=question.choice_keys.index)
    return {"choices": keys, **({"text": text} if text else {})}


def _ranking(question: Question, given: Any) -> dict[str, Any]:
    keys, _text = _chosen(question, given)
    if len(keys) != len(question.choices):
        raise Refused("not_all_ranked", _("Put every item into your order."))
    return {"choices": keys}


def _number(question: Question, given: Any) -> str:
    try:
        value = Decimal(str(given).strip())
    except InvalidOperation:
        raise Refused("not_a_number", _("Enter a number.")) from None
    if isinstance(given, bool) or not value.is_finite():
        raise Refused("not_a_number", _("Enter a number."))
    if abs(value) >= 10**14 or value != round(value, 4):
        raise Refused("too_long", _("At most 14 digits before and 4 after the decimal point."))
    if question.minimum is not None and value < Decimal(str(question.minimum)):
        raise Refused("out_of_range", _("At least %(number)s."), number=question.minimum)
    if question.maximum is not None and value > Decimal(str(question.maximum)):
        raise Refused("out_of_range", _("At most %(number)s."), number=question.maximum)
    return f"{value.normalize():f}"


def _date(question: Question, given: Any) -> str:
    try:
        value = dt.date.fromisoformat(str(given).strip()).isoformat()
    except ValueError:
        raise Refused("not_a_date", _("Enter a date: year-month-day.")) from None
    if question.minimum and value < str(question.minimum):
        raise Refused("out_of_range", _("Not before %(date)s."), date=question.minimum)
    if question.maximum and value > str(question.maximum):
        raise Refused("out_of_range", _("Not after %(date)s."), date=question.maximum)
    return value


def _text(question: Question, given: Any) -> str:
    return _words(given, min(question.max_length, 5000))


def _words(given: Any, most: int) -> str:
    """Text as it was written, without control characters but line breaks; HTML stays text, escaped where shown."""
    if not isinstance(given, str):
        raise Refused("not_a_text", _("Write text."))
    lines = given.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(c for c in lines if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs")).strip()
    if len(text) > most:
        raise Refused("too_long", _("At most %(most)s characters; these are %(count)s."), most=most, count=len(text))
    return text


_CLEANERS: dict[QuestionKind, Callable[[Question, Any], Any]] = {
    QuestionKind.NPS: _rating,
    QuestionKind.CSAT: _rating,
    QuestionKind.CES: _rating,
    QuestionKind.MATRIX: _matrix,
    QuestionKind.SINGLE: _single,
    QuestionKind.MULTIPLE: _multiple,
    QuestionKind.RANKING: _ranking,
    QuestionKind.NUMBER: _number,
    QuestionKind.DATE: _date,
    QuestionKind.TEXT: _text,
}


class Part(NamedTuple):
    """What becomes one `Answer` row."""

    question: str
    part: str = ""
    value: Decimal | None = None
    choice: str = ""
    text: str = ""


def parts(definition: Definition, values: Mapping[str, Any]) -> Iterator[Part]:
    """Clean answers taken apart for counting, in the order of the questions."""
    for question in definition.questions:
        if question.key in values:
            yield from _parts(question, values[question.key])


def _parts(question: Question, value: Any) -> Iterator[Part]:
    key, kind = question.key, question.kind
    if kind == QuestionKind.MATRIX:
        yield from (Part(key, row, Decimal(given)) for row, given in value.items())
    elif kind == QuestionKind.SINGLE:
        yield Part(key, choice=value["choice"], text=value.get("text", ""))
    elif kind in (QuestionKind.MULTIPLE, QuestionKind.RANKING):
        for rank, choice in enumerate(value["choices"], start=1):
            other = question.choice(choice)
            text = value.get("text", "") if other and other.other else ""
            yield Part(key, choice, Decimal(rank if kind == QuestionKind.RANKING else 1), text=text)
    elif kind in (QuestionKind.TEXT, QuestionKind.DATE):
        yield Part(key, text=value)
    else:
        yield Part(key, value=Decimal(value))
