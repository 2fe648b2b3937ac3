"""What a draft looks like to those who answer it: its pages and questions with what was tried out so far."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from surveys.checking import Problem
from surveys.condition_words import in_words
from surveys.conditions import shown_pages
from surveys.definition import Definition, Question, read


@dataclass(frozen=True)
class PreviewQuestion:
    """A question of the preview; `when` says in words when it is shown, `place` where it stands in the definition."""

    question: Question
    place: str
    when: str = ""
    number: int = 0


@dataclass(frozen=True)
class PreviewPage:
    number: int
    title: str
    when: str
    questions: Sequence[PreviewQuestion]


def readable(data: Mapping[str, Any], problems: Sequence[Problem]) -> Definition:
    """A well-formed draft as a definition that answers can be tried on: without bounds that are none."""
    data = copy.deepcopy(dict(data))
    for problem in problems:
        if problem.code == "bound_malformed":
            row: Any = data
            for step in problem.path[:-1]:
                row = row[step]
            row.pop(problem.path[-1], None)
    return read(data)


def pages_of(
    definition: Definition, language: str, values: Mapping[str, Any] | None = None, *, reader: str = ""
) -> list[PreviewPage]:
    """Every page with every question, titles in `language`; with `values` (clean answers), those that somebody who gave
    them sees. `reader`: the language of the questions' texts inside conditions, where it is another one."""
    seen = None
    if values is not None:
        seen = {id(question) for _page, questions in shown_pages(definition, values) for question in questions}
    pages, count, reader = [], 0, reader or language
    for number, page in enumerate(definition.pages):
        rows = []
        for position, question in enumerate(page.questions):
            if seen is None or id(question) in seen:
                count += 1
                place = f"pages.{number}.questions.{position}"
                rows.append(PreviewQuestion(question, place, in_words(question.show_if, definition, reader), count))
        if rows or seen is None:
            when = in_words(page.show_if, definition, reader)
            pages.append(PreviewPage(number + 1, page.title.into(language), when, rows))
    return pages
