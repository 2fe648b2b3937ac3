"""What a questionnaire is: the shape of a definition (JSON), read into values that cannot change.

```
{"title": T, "intro": T, "thanks": T,
 "pages": [{"key", "title": T, "show_if": C, "questions": [
    {"key", "kind", "text": T, "help": T, "required", "show_if": C,
     "choices": [{"key", "text": T, "other"}], "rows": [{"key", "text": T}], "randomise",
     "low_label": T, "high_label": T, "minimum", "maximum", "max_length"}]}]}
```
`T` is `{"zh-hans": …, "zh-hant": …, "en": …}`; `C` a condition (surveys/conditions.py). Keys are short words
(`[a-z][a-z0-9_]*`, up to 40), unique in the questionnaire (choices and rows: in their question). `choices` belong to
single and multiple choice and ranking, `rows` to a matrix. `minimum`, `maximum`: of a number its bounds, of a multiple
choice how many may be taken, of a date the first and last day (ISO). What a definition may not be: surveys/checking.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from surveys.choices import QuestionKind

LANGUAGES = ("zh-hans", "zh-hant", "en")
SCALES = {
    QuestionKind.NPS: (0, 10),
    QuestionKind.CSAT: (1, 5),
    QuestionKind.CES: (1, 7),
    QuestionKind.MATRIX: (1, 5),
}
"""The lowest and the highest value of what is rated."""
WITH_CHOICES = frozenset({QuestionKind.SINGLE, QuestionKind.MULTIPLE, QuestionKind.RANKING})
MAX_TEXT = 5000
"""Characters of a text answer, where the question does not say less."""

Condition = Mapping[str, Any]


@dataclass(frozen=True)
class Texts:
    """One text in every language."""

    by_language: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return any(self.by_language.values())

    def into(self, language: str) -> str:
        """The text in that language, else in the first that has one."""
        wanted = (language, *LANGUAGES)
        return next((text for code in wanted if (text := self.by_language.get(code))), "")


@dataclass(frozen=True)
class Choice:
    """One choice of a question, or one row of a matrix. `other`: words are written beside it."""

    key: str
    text: Texts
    other: bool = False


@dataclass(frozen=True)
class Question:
    key: str
    kind: str
    text: Texts
    help: Texts = field(default_factory=Texts)
    required: bool = False
    show_if: Condition | None = None
    choices: tuple[Choice, ...] = ()
    rows: tuple[Choice, ...] = ()
    randomise: bool = False
    low_label: Texts = field(default_factory=Texts)
    high_label: Texts = field(default_factory=Texts)
    minimum: Any = None
    maximum: Any = None
    max_length: int = MAX_TEXT

    @property
    def scale(self) -> tuple[int, int] | None:
        """The lowest and the highest value, of a question that rates."""
        return SCALES.get(QuestionKind(self.kind))

    @property
    def points(self) -> range:
        """Every value of the scale, lowest first."""
        low, high = self.scale or (0, -1)
        return range(low, high + 1)

    @property
    def choice_keys(self) -> tuple[str, ...]:
        return tuple(choice.key for choice in self.choices)

    @property
    def row_keys(self) -> tuple[str, ...]:
        return tuple(row.key for row in self.rows)

    def choice(self, key: str) -> Choice | None:
        """The choice or the row of that key."""
        return next((choice for choice in (*self.choices, *self.rows) if choice.key == key), None)


@dataclass(frozen=True)
class Page:
    key: str
    title: Texts
    questions: tuple[Question, ...]
    show_if: Condition | None = None


@dataclass(frozen=True)
class Definition:
    title: Texts
    intro: Texts
    thanks: Texts
    pages: tuple[Page, ...]

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """All questions, in their order."""
        return tuple(question for page in self.pages for question in page.questions)

    @cached_property
    def by_key(self) -> Mapping[str, Question]:
        return {question.key: question for question in self.questions}

    def of_kind(self, *kinds: str) -> Iterator[Question]:
        """The questions of these kinds, in their order."""
        return (question for question in self.questions if question.kind in kinds)


def read(data: Mapping[str, Any]) -> Definition:
    """The definition in a JSON object that `checking.problems` has nothing against. Raises KeyError and the like for
    any other: check first."""
    pages = tuple(_page(page) for page in data.get("pages") or [])
    return Definition(_texts(data, "title"), _texts(data, "intro"), _texts(data, "thanks"), pages)


def _texts(data: Mapping[str, Any], name: str) -> Texts:
    return Texts(dict(data.get(name) or {}))


def _page(data: Mapping[str, Any]) -> Page:
    questions = tuple(_question(question) for question in data.get("questions") or [])
    return Page(data["key"], _texts(data, "title"), questions, data.get("show_if") or None)


def _question(data: Mapping[str, Any]) -> Question:
    return Question(
        key=data["key"],
        kind=data["kind"],
        text=_texts(data, "text"),
        help=_texts(data, "help"),
        required=bool(data.get("required")),
        show_if=data.get("show_if") or None,
        choices=_choices(data, "choices"),
        rows=_choices(data, "rows"),
        randomise=bool(data.get("randomise")),
        low_label=_texts(data, "low_label"),
        high_label=_texts(data, "high_label"),
        minimum=data.get("minimum"),
        maximum=data.get("maximum"),
        max_length=data.get("max_length") or MAX_TEXT,
    )


def _choices(data: Mapping[str, Any], name: str) -> tuple[Choice, ...]:
    return tuple(Choice(row["key"], _texts(row, "text"), bool(row.get("other"))) for row in data.get(name) or [])
