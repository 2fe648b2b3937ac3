"""The shape of a definition: what even a draft must be, so that it can be read, shown and edited.

Takes any JSON whatever: lists for objects, numbers for texts, conditions a thousand deep.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from surveys.checking.problems import Found, Path
from surveys.choices import QuestionKind
from surveys.conditions import OPERATORS, WITHOUT_VALUE
from surveys.definition import LANGUAGES

MAX_PAGES, MAX_QUESTIONS, MAX_CHOICES = 50, 200, 100
MAX_DEPTH, MAX_COMPARISONS = 4, 50
"""Of one condition: groups inside groups, and comparisons in all."""
MAX_BYTES = 1_000_000
"""Of the whole definition as JSON."""
TEXT_SIZES = {
    "title": 200, "intro": 2000, "thanks": 2000, "text": 500, "help": 1000, "low_label": 60, "high_label": 60,
}  # fmt: skip
CHOICE_SIZE = 200

Check = Callable[[Found, Path, Any], None]


def check_shape(found: Found, data: Any) -> None:
    """Whether the definition can be read at all."""
    if not isinstance(data, Mapping):
        found.add((), "not_an_object", _("A questionnaire is a JSON object."))
        return
    try:
        size = len(json.dumps(data, ensure_ascii=False, allow_nan=False).encode())
    except (RecursionError, TypeError, ValueError):
        found.add((), "not_json", _("This is not a questionnaire as JSON."))
        return
    if size > MAX_BYTES:
        found.add((), "too_large", _("The questionnaire is too large."))
        return
    _fields(found, (), data, DEFINITION)
    pages = data.get("pages")
    listed = pages if isinstance(pages, list) else []
    questions = [page.get("questions") for page in listed if isinstance(page, Mapping)]
    if sum(len(rows) for rows in questions if isinstance(rows, list)) > MAX_QUESTIONS:
        found.add(("pages",), "too_many_questions", _("At most %(most)s questions."), most=MAX_QUESTIONS)


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _fields(found: Found, path: Path, data: Any, known: Mapping[str, Check]) -> None:
    """Each field of an object by its own check; unknown fields are refused, so that no typing error hides."""
    if not isinstance(data, Mapping):
        found.add(path, "not_an_object", _("This is not an object."))
        return
    for name, value in data.items():
        if name not in known:
            found.add(path, "unknown_field", _("There is no field “%(name)s” here."), name=str(name)[:40])
        elif value is not None:
            known[name](found, (*path, name), value)


def _texts(size: int | None = None) -> Check:
    def check(found: Found, path: Path, value: Any) -> None:
        most = size or TEXT_SIZES[str(path[-1])]
        if not isinstance(value, Mapping) or not all(isinstance(text, str) for text in value.values()):
            found.add(path, "not_texts", _("Give one text for each language."))
            return
        for language, text in value.items():
            if language not in LANGUAGES:
                found.add(path, "unknown_language", _("There is no language “%(name)s”."), name=str(language)[:40])
            elif len(text) > most:
                found.add((*path, language), "text_too_long", _("At most %(most)s characters."), most=most)

    return check


def _text(found: Found, path: Path, value: Any) -> None:
    if not isinstance(value, str):
        found.add(path, "not_a_text", _("This is not a text."))


def _flag(found: Found, path: Path, value: Any) -> None:
    if not isinstance(value, bool):
        found.add(path, "not_a_flag", _("This is neither true nor false."))


def _bound(found: Found, path: Path, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        found.add(path, "not_a_bound", _("This is neither a number nor a date."))


def _whole(found: Found, path: Path, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        found.add(path, "not_a_number", _("This is not a whole number."))


def _kind(found: Found, path: Path, value: Any) -> None:
    if value not in QuestionKind.values:
        found.add(path, "unknown_kind", _("There is no such kind of question."))


def _rows(known: Mapping[str, Check], needed: tuple[str, ...], most: int) -> Check:
    """A list of objects, of which each must have some fields."""

    def check(found: Found, path: Path, value: Any) -> None:
        if not isinstance(value, list):
            found.add(path, "not_a_list", _("This is not a list."))
            return
        if len(value) > most:
            found.add(path, "too_many_rows", _("At most %(most)s of them."), most=most)
            return
        for number, row in enumerate(value):
            _fields(found, (*path, number), row, known)
            for name in needed:
                if isinstance(row, Mapping) and row.get(name) is None:
                    found.add((*path, number), "field_missing", _("The field “%(name)s” is missing."), name=name)

    return check


def _condition(found: Found, path: Path, value: Any) -> None:
    if not value and isinstance(value, Mapping):
        return
    if _comparisons(found, path, value, 0) > MAX_COMPARISONS:
        found.add(path, "condition_too_long", _("At most %(most)s comparisons."), most=MAX_COMPARISONS)


def _comparisons(found: Found, path: Path, value: Any, depth: int) -> int:
    """How many there are in a condition."""
    if isinstance(value, Mapping) and "op" in value:
        _comparison(found, path, value)
        return 1
    group = set(value) if isinstance(value, Mapping) else set()
    name = str(next(iter(group), ""))
    if group not in ({"all"}, {"any"}) or not isinstance(value[name], list):
        found.add(path, "condition_malformed", _("A condition is “all”, “any”, or a comparison."))
        return 1
    if depth >= MAX_DEPTH:
        found.add(path, "condition_too_deep", _("At most %(most)s groups inside each other."), most=MAX_DEPTH)
        return 1
    if len(value[name]) > MAX_COMPARISONS:
        return len(value[name])
    inner = enumerate(value[name])
    return sum(_comparisons(found, (*path, name, number), row, depth + 1) for number, row in inner)


def _comparison(found: Found, path: Path, value: Mapping[str, Any]) -> None:
    """One comparison: a question, an operator and what fits it."""
    op = value.get("op")
    texts = (value.get("question"), op, value.get("part") or "")
    scalar = isinstance(value.get("value"), str | int | float)
    scalars = _is_list(value.get("value")) and all(isinstance(one, str | int | float) for one in value["value"])
    fits = op in WITHOUT_VALUE or (scalars if op == "in" else scalar)
    known = set(value) <= {"question", "part", "op", "value"}
    if not all(isinstance(text, str) for text in texts) or not known or not fits:
        found.add(path, "condition_malformed", _("A comparison has a question, an operator and a value."))
    elif op not in OPERATORS and op not in WITHOUT_VALUE:
        found.add((*path, "op"), "unknown_operator", _("There is no such operator."))


CHOICE: Mapping[str, Check] = {"key": _text, "text": _texts(CHOICE_SIZE), "other": _flag}
QUESTION: Mapping[str, Check] = {
    "key": _text,
    "kind": _kind,
    "text": _texts(),
    "help": _texts(),
    "required": _flag,
    "show_if": _condition,
    "choices": _rows(CHOICE, ("key",), MAX_CHOICES),
    "rows": _rows(CHOICE, ("key",), MAX_CHOICES),
    "randomise": _flag,
    "low_label": _texts(),
    "high_label": _texts(),
    "minimum": _bound,
    "maximum": _bound,
    "max_length": _whole,
}
PAGE: Mapping[str, Check] = {
    "key": _text,
    "title": _texts(),
    "show_if": _condition,
    "questions": _rows(QUESTION, ("key", "kind"), MAX_QUESTIONS),
}
DEFINITION: Mapping[str, Check] = {
    "title": _texts(),
    "intro": _texts(),
    "thanks": _texts(),
    "pages": _rows(PAGE, ("key",), MAX_PAGES),
}
