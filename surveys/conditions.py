"""When a question or a page is shown: conditions over earlier answers.

`{"all": [C, …]}`, `{"any": [C, …]}`, or `{"question": key, "op": op, "value": v}` with one of the operators below.
`part` beside them names the row of a matrix. Values are those that `surveys/answering.py` cleans: of a single choice
the key that was chosen, of a multiple choice or ranking the keys in their order. A question that was not answered (or
not shown) fulfils `not_answered` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from surveys.definition import Condition, Definition, Page, Question


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """Numbers are compared as numbers; what has no order (text against number) is not fulfilled."""

    def test(given: Any, wanted: Any) -> bool:
        try:
            return compare(_number(given), _number(wanted))
        except (TypeError, ValueError, ArithmeticError):
            return False

    return test


def _number(value: Any) -> Decimal | str:
    """A number as such; a date stays text, whose order is that of the days."""
    text = str(value)
    return text if len(text) == 10 and text[4:5] == "-" else Decimal(text)


OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda given, wanted: str(given) == str(wanted),
    "ne": lambda given, wanted: str(given) != str(wanted),
    "lt": _ordered(lambda given, wanted: given < wanted),
    "le": _ordered(lambda given, wanted: given <= wanted),
    "gt": _ordered(lambda given, wanted: given > wanted),
    "ge": _ordered(lambda given, wanted: given >= wanted),
    "in": lambda given, wanted: str(given) in [str(value) for value in wanted],
    "contains": lambda given, wanted: isinstance(given, list | tuple) and wanted in given,
}
WITHOUT_VALUE = ("answered", "not_answered")


def holds(condition: Condition | None, values: Mapping[str, Any]) -> bool:
    """Whether the condition is fulfilled by the answers given so far; without one always."""
    if not condition:
        return True
    if "all" in condition:
        return all(holds(inner, values) for inner in condition["all"])
    if "any" in condition:
        return any(holds(inner, values) for inner in condition["any"])
    given = comparable(values.get(condition["question"]), condition.get("part"))
    if condition["op"] in WITHOUT_VALUE:
        return (given is not None) == (condition["op"] == "answered")
    return given is not None and OPERATORS[condition["op"]](given, condition["value"])


def comparable(value: Any, part: str | None = None) -> Any:
    """What of a cleaned answer conditions compare; None where nothing was answered."""
    if isinstance(value, Mapping):
        if "choice" in value:
            return value["choice"]
        return value["choices"] if "choices" in value else value.get(part)
    return None if value in ("", [], None) else value


def questions_of(condition: Condition | None) -> Iterator[str]:
    """The keys of the questions that a condition asks."""
    if not condition:
        return
    for inner in (*condition.get("all", ()), *condition.get("any", ())):
        yield from questions_of(inner)
    if "question" in condition:
        yield condition["question"]


def shown_pages(definition: Definition, values: Mapping[str, Any]) -> list[tuple[Page, list[Question]]]:
    """The pages that somebody with these answers sees, each with its questions; an answer to what is not shown does
    not count, however it came there."""
    counted: dict[str, Any] = {}
    pages: list[tuple[Page, list[Question]]] = []
    for page in definition.pages:
        if not holds(page.show_if, counted):
            continue
        questions = []
        for question in page.questions:
            if holds(question.show_if, counted):
                questions.append(question)
                if question.key in values:
                    counted[question.key] = values[question.key]
        if questions:
            pages.append((page, questions))
    return pages


def shown(definition: Definition, values: Mapping[str, Any]) -> list[Question]:
    """All questions that somebody with these answers sees."""
    return [question for _page, questions in shown_pages(definition, values) for question in questions]
