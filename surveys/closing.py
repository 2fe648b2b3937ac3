"""Closing the loop as arithmetic: which answers are reasons to act."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from surveys.choices import FollowUpKind, QuestionKind

RATINGS = (QuestionKind.NPS, QuestionKind.CSAT, QuestionKind.CES, QuestionKind.MATRIX)
"""What a rule can be about; of a matrix any row."""


class Rule(NamedTuple):
    """An answer from `low` to `high` to `question` is a reason for a follow-up of that kind."""

    question: str
    low: int
    high: int
    kind: str

    def holds(self, value: int) -> bool:
        return self.low <= value <= self.high


def default_rules(questions: Iterable[Any]) -> list[Rule]:
    """The rules of a new campaign: detractors, low satisfaction and great effort are followed up, promoters are asked
    for a reference."""
    ranges = {
        QuestionKind.NPS: [(0, 6, FollowUpKind.RECOVERY), (9, 10, FollowUpKind.REFERENCE)],
        QuestionKind.CSAT: [(1, 2, FollowUpKind.RECOVERY)],
        QuestionKind.CES: [(1, 3, FollowUpKind.RECOVERY)],
    }
    return [
        Rule(question.key, low, high, kind.value)
        for question in questions
        for low, high, kind in ranges.get(question.kind, [])
    ]


def ratings_of(answer: Any) -> list[int]:
    """The numbers in a cleaned answer: one, or those of the rows of a matrix; none where nothing is rated."""
    values = answer.values() if isinstance(answer, Mapping) else [answer]
    return [value for value in values if isinstance(value, int) and not isinstance(value, bool)]


def reasons(rules: Iterable[Rule], answers: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """Kind -> question -> the value that is a reason; of a matrix that of the worst row (for a reference, the best).

    Nobody who is unhappy about something is asked for a reference in the same breath: where there is a reason to win
    somebody back, there is none for a reference.
    """
    found: dict[str, dict[str, int]] = {}
    for rule in rules:
        values = [value for value in ratings_of(answers.get(rule.question)) if rule.holds(value)]
        known = found.setdefault(rule.kind, {})
        if values:
            pick = min if rule.kind == FollowUpKind.RECOVERY else max
            known[rule.question] = pick([*values, known.get(rule.question, values[0])])
    if found.get(FollowUpKind.RECOVERY):
        found.pop(FollowUpKind.REFERENCE, None)
    return {kind: questions for kind, questions in found.items() if questions}
