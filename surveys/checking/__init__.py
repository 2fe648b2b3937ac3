"""What a questionnaire may not be.

`malformed(data)` says why something cannot even be kept as a draft; `problems(data)` everything that stands in the way
of publishing it. Both take any JSON and find every problem at once.
"""

from __future__ import annotations

from typing import Any

from surveys.checking.comparing import check_conditions
from surveys.checking.problems import Found, Path, Problem
from surveys.checking.reach import check_reach
from surveys.checking.rules import check_rules
from surveys.checking.shape import MAX_CHOICES, MAX_PAGES, MAX_QUESTIONS, check_shape
from surveys.definition import Definition, read

__all__ = ["MAX_CHOICES", "MAX_PAGES", "MAX_QUESTIONS", "Path", "Problem", "malformed", "problems"]

TEXT_CODES = ("text_missing",)
"""Problems that say nothing about what may be answered."""


def malformed(data: Any) -> list[Problem]:
    """What keeps it from being read, shown and edited: wrong types, unknown fields, too much of something."""
    found = Found()
    check_shape(found, data)
    return found.problems


def problems(data: Any) -> list[Problem]:
    """Everything that is wrong, in the order of the questionnaire; of a malformed one, only what makes it so."""
    found = Found()
    check_shape(found, data)
    if len(found):
        return found.problems
    check_rules(found, data)
    definition = read(data)
    unjudged = check_conditions(found, definition, _unsound(found, definition))
    check_reach(found, definition, unjudged)
    return sorted(found.problems, key=_order)


def _unsound(found: Found, definition: Definition) -> set[str]:
    """The questions of which it is not clear what may be answered: their key, choices or bounds are wrong."""
    unsound = set()
    for number, page in enumerate(definition.pages):
        for position, question in enumerate(page.questions):
            place = ("pages", number, "questions", position)
            own = (problem for problem in found if problem.path[:4] == place)
            if any(problem.code not in TEXT_CODES for problem in own):
                unsound.add(question.key)
    return unsound


def _order(problem: Problem) -> tuple[Any, ...]:
    """By page, then by question; what is about the whole comes first, what is about the page before its questions."""
    path = problem.path
    page = path[1] if len(path) > 1 and path[0] == "pages" else -1
    question = path[3] if len(path) > 3 and path[2] == "questions" else -1
    return (page, question)
