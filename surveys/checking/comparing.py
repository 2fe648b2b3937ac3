"""Whether conditions ask what can be asked: earlier questions, with operators and values that fit them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from surveys.answering import Refused, clean_answer
from surveys.checking.problems import Found, Path
from surveys.choices import QuestionKind
from surveys.conditions import WITHOUT_VALUE
from surveys.definition import Condition, Definition, Question

ORDERED = ("eq", "ne", "lt", "le", "gt", "ge")
FITTING: Mapping[str, tuple[str, ...]] = {
    QuestionKind.NPS: (*ORDERED, "in"),
    QuestionKind.CSAT: (*ORDERED, "in"),
    QuestionKind.CES: (*ORDERED, "in"),
    QuestionKind.MATRIX: (*ORDERED, "in"),
    QuestionKind.SINGLE: ("eq", "ne", "in"),
    QuestionKind.MULTIPLE: ("contains",),
    QuestionKind.RANKING: (),
    QuestionKind.NUMBER: ORDERED,
    QuestionKind.DATE: ORDERED,
    QuestionKind.TEXT: (),
}
"""Which operators fit an answer, besides answered and not answered."""


def places(definition: Definition) -> Iterator[tuple[Path, Question | None, Condition | None, set[str]]]:
    """Every place that has a condition: where, whose question (None for a page), the condition, and which questions it
    may ask: those before it."""
    earlier: set[str] = set()
    for number, page in enumerate(definition.pages):
        yield ("pages", number), None, page.show_if, set(earlier)
        for position, question in enumerate(page.questions):
            yield ("pages", number, "questions", position), question, question.show_if, set(earlier)
            earlier.add(question.key)


def check_conditions(found: Found, definition: Definition, unsound: Collection[str]) -> set[Path]:
    """Note what is wrong; returns the places whose condition cannot be judged further. `unsound` names questions whose
    own choices or bounds are wrong: what they are compared with is not looked at."""
    unjudged = set()
    for path, question, condition, earlier in places(definition):
        own = {question.key} if question else {q.key for q in definition.pages[int(path[1])].questions}
        before = len(found)
        for place, comparison in comparisons(condition, (*path, "show_if")):
            key = comparison["question"]
            if key in earlier and key not in own:
                if key not in unsound:
                    _comparison(found, place, definition.by_key[key], comparison)
            else:
                _not_earlier(found, place, key, own, definition, is_page=question is None)
        for place, inner in groups(condition, (*path, "show_if")):
            if not inner:
                found.add(place, "condition_empty", _("This group of conditions is empty."))
        asked = {comparison["question"] for _place, comparison in comparisons(condition, path)}
        if len(found) > before or asked & set(unsound):
            unjudged.add(path)
    return unjudged


def comparisons(condition: Condition | None, path: Path) -> Iterator[tuple[Path, Condition]]:
    """Each comparison of a condition with its place."""
    if not condition:
        return
    for name in ("all", "any"):
        for number, inner in enumerate(condition.get(name) or ()):
            yield from comparisons(inner, (*path, name, number))
    if "op" in condition:
        yield path, condition


def groups(condition: Condition | None, path: Path) -> Iterator[tuple[Path, Any]]:
    """Each group of a condition with its place."""
    for name in ("all", "any"):
        if condition and name in condition:
            yield path, condition[name]
            for number, inner in enumerate(condition[name]):
                yield from groups(inner, (*path, name, number))


def _not_earlier(
    found: Found, place: Path, key: str, own: Collection[str], definition: Definition, *, is_page: bool
) -> None:
    """Why this question cannot be asked here."""
    place = (*place, "question")
    if not key:
        found.add(place, "condition_incomplete", _("Choose the question that the condition asks."))
    elif key in own and is_page:
        found.add(place, "condition_asks_own_page", _("A page cannot depend on an answer given on it."))
    elif key in own:
        found.add(place, "condition_asks_itself", _("A question cannot depend on its own answer."))
    elif key in definition.by_key:
        text = _("The condition asks “%(key)s”, which comes later.")
        found.add(place, "condition_asks_later", text, key=key)
    else:
        found.add(place, "condition_asks_unknown", _("The condition asks “%(key)s”, which is not here."), key=key[:40])


def _comparison(found: Found, path: Path, question: Question, comparison: Condition) -> None:
    op, part = comparison["op"], comparison.get("part") or ""
    if question.kind == QuestionKind.MATRIX:
        if part not in question.row_keys:
            found.add((*path, "part"), "part_unknown", _("Say which row of the matrix is meant."))
            return
    elif part:
        found.add((*path, "part"), "part_unfit", _("Only a matrix has rows to ask for."))
        return
    if op in WITHOUT_VALUE:
        return
    if op not in FITTING[question.kind]:
        found.add((*path, "op"), "operator_unfit", _("This comparison does not fit the kind of question."))
        return
    values = comparison["value"] if op == "in" else [comparison["value"]]
    if not values:
        found.add((*path, "value"), "value_missing", _("Say what the answer is compared with."))
    for value in values:
        _value(found, (*path, "value"), question, part, value)


def _value(found: Found, path: Path, question: Question, part: str, value: Any) -> None:
    """Whether the question can be answered so."""
    if value == "":
        found.add(path, "value_missing", _("Say what the answer is compared with."))
        return
    if question.kind in (QuestionKind.SINGLE, QuestionKind.MULTIPLE):
        if value not in question.choice_keys:
            text = _("There is no “%(choice)s” to choose.")
            found.add(path, "value_unknown_choice", text, choice=str(value)[:40])
        return
    try:
        clean = clean_answer(replace(question, required=False), {part: value} if part else value)
    except Refused as refused:
        found.add(path, "value_out_of_range", refused.fault.text)
        return
    plain = str(clean[part] if part else clean)
    if plain != str(value):
        found.add(path, "value_not_plain", _("Write it as %(value)s."), value=plain)
