"""Which conditions can be fulfilled, and which questions can be shown, by any complete set of answers. Exact.

A question is shown if its page and it are; it can only be asked about where it was shown; what is required has an
answer where it was shown. So "can this question be shown" asks for answers to the questions of its condition, which
asks whether *those* can be shown, and so on backwards. The search narrows the answers left to each question by one
comparison after the other and tries the parts of an "any" in turn.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from surveys.checking.comparing import places
from surveys.checking.domains import OPPOSITE, Domain, coded, domain_of
from surveys.checking.problems import Found, Path
from surveys.conditions import WITHOUT_VALUE, questions_of
from surveys.definition import Condition, Definition, Page, Question

MOST_STEPS = 40_000
"""Parts of "any" that are tried in one questionnaire, before the search gives up and says so."""

Variable = tuple[str, str]
"""A question, or a row of a matrix."""


class TooInvolved(Exception):
    """The search took too long."""


class Goal(NamedTuple):
    """A condition that shall hold, or (`positive` false) that shall not; None always holds."""

    condition: Condition | None
    positive: bool = True


@dataclass
class Branch:
    """One way through: what must still hold, the choices put off, which questions have an answer and what it may be."""

    goals: list[Goal]
    choices: list[list[Goal]] = field(default_factory=list)
    answered: dict[Variable, bool] = field(default_factory=dict)
    left: dict[Variable, Domain] = field(default_factory=dict)

    def split(self) -> list[Branch]:
        """One branch for each alternative of the first choice, the first one last."""
        first, *others = self.choices
        return [Branch([goal], list(others), dict(self.answered), dict(self.left)) for goal in reversed(first)]


@dataclass
class Search:
    """Searches one questionnaire. `closed`: what a comparison asks must have been shown as well; otherwise conditions
    are looked at by themselves."""

    definition: Definition
    closed: bool = True
    steps: int = 0

    def __post_init__(self) -> None:
        self.page_of: Mapping[str, Page] = {q.key: page for page in self.definition.pages for q in page.questions}

    def satisfiable(self, *conditions: Condition | None) -> bool:
        """Whether some answers fulfil all conditions. Raises TooInvolved."""
        branches = [Branch([Goal(condition) for condition in conditions])]
        while branches:
            self.steps += 1
            if self.steps > MOST_STEPS:
                raise TooInvolved
            branch = branches.pop()
            if self._settle(branch):
                if not branch.choices:
                    return True
                branches += branch.split()
        return False

    def _settle(self, branch: Branch) -> bool:
        """Work off the goals that leave no choice. False where they contradict."""
        while branch.goals:
            condition, positive = branch.goals.pop()
            if not condition:
                if not positive:
                    return False
            elif "op" in condition:
                if not self._compare(branch, condition, positive=positive):
                    return False
            elif not _divide(branch, condition, positive=positive):
                return False
        return True

    def _compare(self, branch: Branch, comparison: Condition, *, positive: bool) -> bool:
        op, key = comparison["op"], comparison["question"]
        variable = (key, comparison.get("part") or "")
        if op in WITHOUT_VALUE:
            return self._decide(branch, variable, answered=(op == "answered") == positive)
        if not positive:
            opposite, unanswered = {**comparison, "op": OPPOSITE[op]}, {**comparison, "op": "not_answered"}
            branch.choices.append([Goal(opposite), Goal(unanswered)])
            return True
        question = self.definition.by_key[key]
        domain = branch.left.get(variable) or domain_of(question)
        branch.left[variable] = domain.narrow(op, coded(question, comparison["value"]))
        return not branch.left[variable].is_empty and self._decide(branch, variable, answered=True)

    def _decide(self, branch: Branch, variable: Variable, *, answered: bool) -> bool:
        """That a question has an answer, or has none; and what follows for whether it was shown."""
        if variable in branch.answered:
            return branch.answered[variable] == answered
        branch.answered[variable] = answered
        question = self.definition.by_key[variable[0]]
        conditions = (self.page_of[question.key].show_if, question.show_if)
        if self.closed and answered:
            branch.goals += [Goal(condition) for condition in conditions]
        elif self.closed and question.required:
            branch.choices.append([Goal(condition, positive=False) for condition in conditions])
        return True


def _divide(branch: Branch, group: Condition, *, positive: bool) -> bool:
    """Take a group apart: all of it must hold, or one part of it. False where that cannot be."""
    name = "all" if "all" in group else "any"
    inner = [Goal(one, positive) for one in group[name]]
    if (name == "all") == positive:
        branch.goals += inner
        return True
    branch.choices.append(inner)
    return bool(inner)


def check_reach(found: Found, definition: Definition, unjudged: Collection[Path]) -> None:
    """Note conditions that no answer fulfils, and pages and questions that nobody can ever see."""
    unknown = _unknown(definition, unjudged)
    alone, closed = Search(definition, closed=False), Search(definition)
    hidden: set[int] = set()
    for path, question, condition, _earlier in places(definition):
        page = definition.pages[int(path[1])]
        if not condition or int(path[1]) in hidden or _is_unknown(path, question, page, unknown, unjudged):
            continue
        try:
            dead = _dead(alone, condition, (*path, "show_if"))
            reached = bool(dead) or closed.satisfiable(condition, page.show_if)
        except TooInvolved:
            text = _("The condition is too involved to be checked: make it simpler.")
            found.add((*path, "show_if"), "condition_too_involved", text)
            return
        for place in dead:
            found.add(place, "condition_contradictory", _("No answer fulfils this condition."))
        if not reached:
            _note_unreachable(found, path, is_page=question is None)
        if question is None and (dead or not reached):
            hidden.add(int(path[1]))


def _is_unknown(
    path: Path, question: Question | None, page: Page, unknown: Collection[str], unjudged: Collection[Path]
) -> bool:
    """Whether a wrong condition on the way leaves open when this place is shown."""
    if question:
        return question.key in unknown
    return path in unjudged or not set(questions_of(page.show_if)).isdisjoint(unknown)


def _note_unreachable(found: Found, path: Path, *, is_page: bool) -> None:
    if is_page:
        text = _("This page can never be shown: its condition contradicts those of the questions it asks.")
        found.add((*path, "show_if"), "page_unreachable", text)
    else:
        text = _("This question can never be shown: its condition contradicts its page's or those of what it asks.")
        found.add((*path, "show_if"), "question_unreachable", text)


def _unknown(definition: Definition, unjudged: Collection[Path]) -> set[str]:
    """Questions of which nobody can say when they are shown, because a condition on the way is wrong."""
    unknown: set[str] = set()
    for number, page in enumerate(definition.pages):
        page_unknown = ("pages", number) in unjudged or bool(set(questions_of(page.show_if)) & unknown)
        for position, question in enumerate(page.questions):
            own = ("pages", number, "questions", position) in unjudged
            if page_unknown or own or set(questions_of(question.show_if)) & unknown:
                unknown.add(question.key)
    return unknown


def _dead(search: Search, condition: Condition, path: Path) -> list[Path]:
    """The smallest parts of a condition that no answer fulfils."""
    name = next((name for name in ("all", "any") if name in condition), "")
    if name:
        found = [
            place
            for number, inner in enumerate(condition[name])
            for place in _dead(search, inner, (*path, name, number))
        ]
        if found or name == "any":
            return found
    return [] if search.satisfiable(condition) else [path]
