"""The answers that are still possible to one question, narrowed by comparisons one after the other. Exact: what is left
is a set of answers that can really be given, or nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from surveys.choices import QuestionKind
from surveys.definition import Question

STEP = 10_000
"""Numbers have four decimals at most: they are counted in ten-thousandths."""
OPPOSITE = {"eq": "ne", "ne": "eq", "lt": "ge", "ge": "lt", "gt": "le", "le": "gt", "in": "not in", "contains": "lacks"}


@dataclass(frozen=True)
class Span:
    """Whole numbers from `low` to `high` without `excluded`: points of a scale, positions of choices, days,
    ten-thousandths of a number."""

    low: int
    high: int
    excluded: frozenset[int] = frozenset()

    @property
    def is_empty(self) -> bool:
        inside = sum(self.low <= value <= self.high for value in self.excluded)
        return self.high - self.low + 1 <= inside

    def narrow(self, op: str, value: Any) -> Span:
        """What is left of it after a comparison; `in` and `not in` take a list."""
        if op == "in":
            return replace(self, excluded=self.excluded | (set(range(self.low, self.high + 1)) - set(value)))
        if op in ("ne", "not in"):
            return replace(self, excluded=self.excluded | set(value if op == "not in" else [value]))
        low = {"eq": value, "ge": value, "gt": value + 1}.get(op, self.low)
        high = {"eq": value, "le": value, "lt": value - 1}.get(op, self.high)
        return replace(self, low=max(self.low, low), high=min(self.high, high))


@dataclass(frozen=True)
class Picks:
    """Between `least` and `most` of `count` choices, with those of `taken` and without those of `barred`."""

    least: int
    most: int
    count: int
    taken: frozenset[str] = frozenset()
    barred: frozenset[str] = frozenset()

    @property
    def is_empty(self) -> bool:
        fewest = max(self.least, len(self.taken))
        return bool(self.taken & self.barred) or fewest > min(self.most, self.count - len(self.barred))

    def narrow(self, op: str, value: Any) -> Picks:
        """What is left of it after `contains` or `lacks`."""
        if op == "contains":
            return replace(self, taken=self.taken | {value})
        return replace(self, barred=self.barred | {value})


@dataclass(frozen=True)
class Anything:
    """Text, a ranking: nothing is asked of it but that it is there."""

    is_empty = False

    def narrow(self, op: str, value: Any) -> Anything:
        """No comparison fits it."""
        return self


Domain = Span | Picks | Anything


def domain_of(question: Question) -> Domain:
    """Every answer that can be given."""
    if question.scale:
        return Span(*question.scale)
    if question.kind == QuestionKind.SINGLE:
        return Span(0, len(question.choices) - 1)
    if question.kind == QuestionKind.MULTIPLE:
        count = len(question.choices)
        return Picks(max(1, int(question.minimum or 1)), int(question.maximum or count), count)
    if question.kind in (QuestionKind.NUMBER, QuestionKind.DATE):
        low, high = _WIDEST[question.kind]
        return Span(
            low if question.minimum in (None, "") else coded(question, question.minimum),
            high if question.maximum in (None, "") else coded(question, question.maximum),
        )
    return Anything()


def coded(question: Question, value: Any) -> Any:
    """A value as its domain counts: a point, a position, a day, ten-thousandths; keys of a multiple choice stay."""
    if isinstance(value, list):
        return [coded(question, one) for one in value]
    if question.kind == QuestionKind.SINGLE:
        return question.choice_keys.index(value)
    if question.kind == QuestionKind.NUMBER:
        return int(Decimal(str(value)) * STEP)
    if question.kind == QuestionKind.DATE:
        return dt.date.fromisoformat(value).toordinal()
    return value if question.kind == QuestionKind.MULTIPLE else int(value)


_WIDEST: Mapping[str, tuple[int, int]] = {
    QuestionKind.NUMBER: (1 - 10**14 * STEP, 10**14 * STEP - 1),
    QuestionKind.DATE: (dt.date.min.toordinal(), dt.date.max.toordinal()),
}
