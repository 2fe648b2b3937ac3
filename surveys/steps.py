"""How a questionnaire is gone through: one page of it after the other, or all of it at once to change an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from surveys.answering import is_empty
from surveys.conditions import shown_pages
from surveys.definition import Definition, Question, Texts


@dataclass(frozen=True)
class Step:
    """One page: `key` is "" where it is everything. `questions` are all of it, shown or not; `before` and `after` the
    keys of its neighbours by the answers so far."""

    key: str
    title: Texts
    questions: tuple[Question, ...]
    number: int = 1
    count: int = 1
    before: str | None = None
    after: str | None = None


def steps(definition: Definition, values: Mapping[str, Any]) -> list[Step]:
    """The pages that somebody with these answers sees."""
    pages = [page for page, _questions in shown_pages(definition, values)]
    keys = [None, *(page.key for page in pages), None]
    return [
        Step(page.key, page.title, page.questions, number, len(pages), keys[number - 1], keys[number + 1])
        for number, page in enumerate(pages, start=1)
    ]


def whole(definition: Definition) -> Step:
    """Everything on one page."""
    return Step("", Texts(), definition.questions)


def step_at(definition: Definition, values: Mapping[str, Any], key: str) -> Step:
    """The page of that key; where it is not shown, the first that has a question without an answer, else the last."""
    found = steps(definition, values)
    by_key = {step.key: step for step in found}
    return by_key.get(key) or resume(definition, values) or (found[-1] if found else whole(definition))


def resume(definition: Definition, values: Mapping[str, Any]) -> Step | None:
    """Where somebody goes on who comes back: the first page with a question that has no answer yet."""
    open_pages = {
        page.key
        for page, questions in shown_pages(definition, values)
        if any(is_empty(values.get(question.key)) for question in questions)
    }
    return next((step for step in steps(definition, values) if step.key in open_pages), None)


def page_named(definition: Definition, values: Mapping[str, Any], key: str) -> Step:
    """The page of that key, also where these answers do not show it; without one of that key everything."""
    found = {step.key: step for step in steps(definition, values)}
    hidden = {page.key: Step(page.key, page.title, page.questions) for page in definition.pages}
    return found.get(key) or hidden.get(key) or whole(definition)


def page_after(definition: Definition, values: Mapping[str, Any], key: str) -> str | None:
    """The key of the page that follows; from one that is not shown any more, of the first that is still open."""
    step = next((step for step in steps(definition, values) if step.key == key), None)
    if step is not None:
        return step.after
    resumed = resume(definition, values)
    return resumed.key if resumed else None
