"""What a questionnaire of the right shape needs to be asked: texts in every language, keys, what each kind needs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.languages import LANGUAGE_CHOICES
from surveys.answering import Refused, clean_answer
from surveys.checking.problems import Found, Path
from surveys.choices import QuestionKind
from surveys.definition import LANGUAGES, MAX_TEXT, SCALES, WITH_CHOICES, Question, Texts

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
NAMES = dict(LANGUAGE_CHOICES)
MAX_RANKED = 20
"""Items that somebody can be asked to put into an order."""


def check_rules(found: Found, data: Mapping[str, Any]) -> None:
    """Everything but the conditions."""
    _complete(found, (), data, "title", needed=True)
    _complete(found, (), data, "intro")
    _complete(found, (), data, "thanks")
    pages = data.get("pages") or []
    if not pages:
        found.add(("pages",), "no_questions", _("There is no question yet."))
    _keys(found, [(("pages", n), page["key"]) for n, page in enumerate(pages)])
    places = []
    for path, page in _each(("pages",), pages):
        _complete(found, path, page, "title")
        questions = page.get("questions") or []
        if not questions:
            found.add(path, "page_empty", _("This page has no question."))
        for place, question in _each((*path, "questions"), questions):
            places.append((place, question["key"]))
            _question(found, place, question)
    _keys(found, places)


def _each(path: Path, rows: Sequence[Any]) -> list[tuple[Path, Any]]:
    return [((*path, number), row) for number, row in enumerate(rows)]


def _keys(found: Found, places: Sequence[tuple[Path, str]]) -> None:
    """Keys are short words, and each is there once."""
    seen: set[str] = set()
    for path, key in places:
        if not KEY.fullmatch(key):
            text = _("A key begins with a letter; then a–z, 0–9 and “_”, at most 40 characters.")
            found.add((*path, "key"), "key_malformed", text)
        elif key in seen:
            found.add((*path, "key"), "key_twice", _("The key “%(key)s” is there twice."), key=key)
        seen.add(key)


def _complete(found: Found, path: Path, row: Mapping[str, Any], name: str, *, needed: bool = False) -> None:
    """A text that must be there, or is there in some language, is there in every one."""
    texts = row.get(name) or {}
    if not needed and not any(text.strip() for text in texts.values()):
        return
    for language in LANGUAGES:
        if not texts.get(language, "").strip():
            text = _("The text in %(language)s is missing.")
            found.add((*path, name, language), "text_missing", text, language=NAMES[language])


def _question(found: Found, path: Path, data: Mapping[str, Any]) -> None:
    _complete(found, path, data, "text", needed=True)
    for name in ("help", "low_label", "high_label"):
        _complete(found, path, data, name)
    for name in sorted(set(FITS) & {name for name, value in data.items() if value not in (None, [], {}, False, "")}):
        if data["kind"] not in FITS[name]:
            text = _("“%(name)s” does not belong to this kind of question.")
            found.add((*path, name), "field_unfit", text, name=name)
    _choices(found, path, data)
    check = _BOUNDS.get(QuestionKind(data["kind"]))
    if check:
        check(found, path, data)


RATED = frozenset(SCALES)
FITS: Mapping[str, frozenset[str]] = {
    "choices": WITH_CHOICES,
    "rows": frozenset({QuestionKind.MATRIX}),
    "randomise": WITH_CHOICES,
    "low_label": RATED,
    "high_label": RATED,
    "minimum": frozenset({QuestionKind.MULTIPLE, QuestionKind.NUMBER, QuestionKind.DATE}),
    "maximum": frozenset({QuestionKind.MULTIPLE, QuestionKind.NUMBER, QuestionKind.DATE}),
    "max_length": frozenset({QuestionKind.TEXT}),
}
"""Which kinds of questions a field belongs to."""


def _choices(found: Found, path: Path, data: Mapping[str, Any]) -> None:
    """What is chosen from, ranked or rated."""
    kind = data["kind"]
    name, least = ("rows", 1) if kind == QuestionKind.MATRIX else ("choices", 2)
    if kind not in WITH_CHOICES and name != "rows":
        return
    rows = data.get(name) or []
    places = _each((*path, name), rows)
    if len(rows) < least:
        text = _("Add a row.") if name == "rows" else _("Give at least two choices.")
        found.add((*path, name), "choices_missing", text)
    if kind == QuestionKind.RANKING and len(rows) > MAX_RANKED:
        found.add((*path, name), "too_many_ranked", _("Nobody ranks more than %(most)s items."), most=MAX_RANKED)
    _keys(found, [(place, row["key"]) for place, row in places])
    others = [place for place, row in places if row.get("other")]
    for place, row in places:
        _complete(found, place, row, "text", needed=True)
    if others and kind not in (QuestionKind.SINGLE, QuestionKind.MULTIPLE):
        found.add(
            (*others[0], "other"), "other_unfit", _("Words beside a choice do not belong to this kind of question.")
        )
    elif len(others) > 1:
        found.add((*others[1], "other"), "other_twice", _("One choice takes words, no more."))


def _how_many(found: Found, path: Path, data: Mapping[str, Any]) -> None:
    """How many of a multiple choice may be taken."""
    most, bounds = len(data.get("choices") or []), {}
    for name in ("minimum", "maximum"):
        value = data.get(name)
        if value is None:
            continue
        if not isinstance(value, int) or not 1 <= value <= max(most, 1):
            found.add((*path, name), "bound_malformed", _("A whole number from 1 to %(most)s."), most=most)
        else:
            bounds[name] = value
    _in_order(found, path, bounds)


def _cleaned(found: Found, path: Path, data: Mapping[str, Any]) -> None:
    """The bounds of a number or a date are numbers or dates themselves."""
    asked = Question(data["key"], data["kind"], Texts())
    bounds: dict[str, Any] = {}
    for name in ("minimum", "maximum"):
        if data.get(name) in (None, ""):
            continue
        try:
            bounds[name] = clean_answer(asked, data[name])
        except Refused as refused:
            found.add((*path, name), "bound_malformed", refused.fault.text)
            continue
        if data["kind"] == QuestionKind.DATE and bounds[name] != data[name]:
            found.add((*path, name), "bound_malformed", _("Enter a date: year-month-day."))
    _in_order(found, path, bounds)


def _in_order(found: Found, path: Path, bounds: Mapping[str, Any]) -> None:
    if len(bounds) < 2:
        return
    try:
        wrong = Decimal(bounds["minimum"]) > Decimal(bounds["maximum"])
    except InvalidOperation:
        wrong = bounds["minimum"] > bounds["maximum"]
    if wrong:
        found.add((*path, "maximum"), "bounds_reversed", _("The range ends before it begins."))


def _length(found: Found, path: Path, data: Mapping[str, Any]) -> None:
    length = data.get("max_length")
    if length is not None and not 1 <= length <= MAX_TEXT:
        text = _("A whole number from 1 to %(most)s.")
        found.add((*path, "max_length"), "bound_malformed", text, most=MAX_TEXT)


_BOUNDS: Mapping[QuestionKind, Callable[[Found, Path, Mapping[str, Any]], None]] = {
    QuestionKind.MULTIPLE: _how_many,
    QuestionKind.NUMBER: _cleaned,
    QuestionKind.DATE: _cleaned,
    QuestionKind.TEXT: _length,
}
