"""Questions as fields of a page, and what such a page sends back taken apart.

`field_of(question, language, …)` is what templates/surveys/answer/question.html draws: on the answer page, when staff
enter an answer, and in the preview of a questionnaire. Names: `q-<key>`, and beside it `q-<key>-text` (the words beside
"other"), `q-<key>-row-<row>` (of a matrix), `q-<key>-rank-<choice>` (of a ranking). Keys have no hyphen.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from surveys.answering import MAX_OTHER, Fault
from surveys.choices import QuestionKind
from surveys.conditions import questions_of, shown
from surveys.definition import Choice, Definition, Question

PREFIX = "q-"
_ENDS = {
    QuestionKind.NPS: (_("Not at all likely"), _("Extremely likely")),
    QuestionKind.CSAT: (_("Very dissatisfied"), _("Very satisfied")),
    QuestionKind.CES: (pgettext_lazy("effort", "Very difficult"), pgettext_lazy("effort", "Very easy")),
    QuestionKind.MATRIX: (_("Very dissatisfied"), _("Very satisfied")),
}


@dataclass(frozen=True)
class Option:
    """One thing to choose: of a scale a number, else a choice."""

    value: str
    label: str
    id: str
    name: str
    chosen: bool = False
    other: bool = False
    rank: str = ""


@dataclass(frozen=True)
class Row:
    """One row of a matrix."""

    label: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Field:
    """A question in one language with what was answered, ready to be drawn."""

    key: str
    kind: str
    text: str
    help: str = ""
    required: bool = False
    fault: str = ""
    value: str = ""
    other_text: str = ""
    options: tuple[Option, ...] = ()
    rows: tuple[Row, ...] = ()
    low_label: str | Promise = ""
    high_label: str | Promise = ""
    minimum: str = ""
    maximum: str = ""
    max_length: int = 0
    show_if: str = ""
    hidden: bool = False
    max_other: int = field(default=MAX_OTHER, init=False)

    @property
    def name(self) -> str:
        return PREFIX + self.key

    @property
    def is_group(self) -> bool:
        """Several controls answer it: a group with a legend, not one control with a label."""
        return self.kind not in (QuestionKind.NUMBER, QuestionKind.DATE, QuestionKind.TEXT)

    @property
    def has_other(self) -> bool:
        return any(option.other for option in self.options)

    @property
    def described_by(self) -> str:
        """The ids of what explains it, for screen readers."""
        parts = {"help": self.help, "ends": self.low_label or self.high_label, "fault": self.fault}
        return " ".join(f"{self.name}-{part}" for part, text in parts.items() if text)


def field_of(
    question: Question,
    language: str,
    value: Any = None,
    *,
    fault: Fault | None = None,
    seed: str = "",
    hidden: bool = False,
) -> Field:
    """A question in that language. `value` is a cleaned answer, or what was typed in its place; the same `seed` gives
    the same order of randomised choices. `hidden`: in the page, but not shown by the answers so far."""
    low, high = _ENDS.get(QuestionKind(question.kind), ("", ""))
    return Field(
        key=question.key,
        kind=question.kind,
        text=question.text.into(language),
        help=question.help.into(language),
        required=question.required,
        fault=fault.text if fault else "",
        value="" if value is None or isinstance(value, Mapping | list) else str(value),
        other_text=str(value.get("text") or "") if isinstance(value, Mapping) else "",
        options=_options(question, language, value, seed),
        rows=_rows(question, language, value),
        low_label=question.low_label.into(language) or low,
        high_label=question.high_label.into(language) or high,
        minimum=str(question.minimum if question.minimum is not None else ""),
        maximum=str(question.maximum if question.maximum is not None else ""),
        max_length=question.max_length,
        show_if=json.dumps(question.show_if, separators=(",", ":")) if question.show_if else "",
        hidden=hidden,
    )


def _options(question: Question, language: str, value: Any, seed: str) -> tuple[Option, ...]:
    name = PREFIX + question.key
    if question.rows:
        return ()
    if question.choices:
        chosen, ranks = _chosen(value), _ranks(value)
        return tuple(
            Option(
                choice.key, choice.text.into(language), f"{name}-{choice.key}",
                f"{name}-rank-{choice.key}" if question.kind == QuestionKind.RANKING else name,
                choice.key in chosen, choice.other, ranks.get(choice.key, ""),
            )
            for choice in _ordered(question, seed)
        )  # fmt: skip
    return tuple(_points(question, name, value))


def _points(question: Question, name: str, value: Any) -> Iterable[Option]:
    given = "" if value is None else str(value)
    return (Option(str(point), str(point), f"{name}-{point}", name, str(point) == given) for point in question.points)


def _rows(question: Question, language: str, value: Any) -> tuple[Row, ...]:
    given = value if isinstance(value, Mapping) else {}
    return tuple(
        Row(
            row.text.into(language),
            tuple(_points(question, f"{PREFIX}{question.key}-row-{row.key}", given.get(row.key))),
        )
        for row in question.rows
    )


def _ordered(question: Question, seed: str) -> list[Choice]:
    """The choices; randomised ones in an order of their own for each respondent, "other" last."""
    choices = list(question.choices)
    if question.randomise:
        random.Random(f"{seed}:{question.key}").shuffle(choices)  # noqa: S311  an order, no secret
        choices.sort(key=lambda choice: choice.other)
    return choices


def _chosen(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        value = value.get("choice") or value.get("choices") or []
    return [value] if isinstance(value, str) else list(value or [])


def _ranks(value: Any) -> Mapping[str, str]:
    if isinstance(value, Mapping) and isinstance(value.get("ranks"), Mapping):
        return value["ranks"]
    return {key: str(rank) for rank, key in enumerate(_chosen(value), start=1)}


def fields_of(
    questions: Iterable[Question],
    definition: Definition,
    typed: Mapping[str, Any],
    counted: Mapping[str, Any],
    language: str,
    *,
    faults: Mapping[str, Fault] | None = None,
    seed: str = "",
) -> list[Field]:
    """Fields of these questions with what was `typed`; the clean answers `counted` say what is shown. What they do not
    show is hidden, so that a browser with scripts can show it; what earlier pages alone decide about is left out."""
    questions = list(questions)
    here = {question.key for question in questions}
    seen = {question.key for question in shown(definition, counted)}
    return [
        field_of(
            question, language, typed.get(question.key), fault=(faults or {}).get(question.key), seed=seed,
            hidden=question.key not in seen,
        )
        for question in questions
        if question.key in seen or here & set(questions_of(question.show_if))
    ]  # fmt: skip


def given_in(post: QueryDict, definition: Definition, questions: Iterable[Question]) -> dict[str, Any]:
    """What was sent for these questions, as `surveys/answering.py` reads it: None where nothing was answered. What was
    sent for questions that there are not is in it as well, to be refused."""
    given = {question.key: _given(post, question) for question in questions}
    for name in post:
        key = name.removeprefix(PREFIX).split("-")[0]
        if name.startswith(PREFIX) and key not in definition.by_key:
            given[key[:40]] = post[name]
    return given


def _given(post: QueryDict, question: Question) -> Any:
    name = PREFIX + question.key
    text = post.get(f"{name}-text", "")
    if question.kind == QuestionKind.SINGLE:
        return {"choice": post.get(name, ""), "text": text} if post.get(name) else None
    if question.kind == QuestionKind.MULTIPLE:
        keys = post.getlist(name)
        return {"choices": keys, "text": text} if keys else None
    if question.kind == QuestionKind.MATRIX:
        rows = {key: post.get(f"{name}-row-{key}") for key in question.row_keys}
        return {key: value for key, value in rows.items() if value} or None
    if question.kind == QuestionKind.RANKING:
        return _ranking({key: post.get(f"{name}-rank-{key}", "") for key in question.choice_keys})
    return post.get(name) or None


def _ranking(ranks: Mapping[str, str]) -> Any:
    """The choices in the order of their ranks; a rank given twice counts for nobody, so that the order is not whole."""
    given = {key: rank for key, rank in ranks.items() if rank}
    if not given:
        return None
    once = {key: rank for key, rank in given.items() if list(given.values()).count(rank) == 1 and rank.isdecimal()}
    return {"choices": sorted(once, key=lambda key: int(once[key][:4])), "ranks": given}
