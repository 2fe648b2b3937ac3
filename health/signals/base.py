"""What a signal is: a number of an account, the bound from which on it is bad, and how bad it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise

from health.choices import Direction, SignalGroup

AT_BOUND = 0.5
"""How severe a signal is at its bound: from there on it is bad."""


class Unit(StrEnum):
    """What a signal's value counts; `words` writes it accordingly."""

    DAYS = "days"
    TIMES = "times"
    SHARE = "share"
    POINTS = "points"
    RATING = "rating"
    COUNT = "count"


# Of these the distance to the bound is what matters, of the others the ratio.
SHIFTED = frozenset({Unit.SHARE, Unit.POINTS, Unit.RATING, Unit.COUNT})


@dataclass(frozen=True, slots=True)
class Reading:
    """What a signal reads from the facts of an account: its number, the day that it is about, and what the words need.

    `facts` are JSON values; no names of persons, who may ask to be erased.
    """

    value: float
    date: dt.date | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Signal:
    """A sign of danger. `assess(facts, as_of)` is pure and returns None where there is no data: never a bad mark.

    `needs` names the facts that it is given (`health.facts`). The severity is 0 up to `fine`, 0.5 at `bound`, 1 from
    `worst` on, linear in between; moving the bound moves the two others with it. `weight` is that within its group in
    profiles that say nothing else. `words(part)` makes the sentence of a signal that `health.signals.words` has none
    for.
    """

    key: str
    group: SignalGroup
    label: str | Promise
    unit: Unit
    direction: Direction
    bound: float
    fine: float
    worst: float
    weight: int
    needs: str
    assess: Callable[[Any, dt.date], Reading | None]
    words: Callable[[Mapping[str, Any]], str] | None = None

    def __post_init__(self) -> None:
        """Raises ValueError unless fine, bound and worst are in the order of the direction."""
        rising = self.fine < self.bound < self.worst
        if rising != (self.direction == Direction.HIGH_IS_BAD) or (
            not rising and not self.fine > self.bound > self.worst
        ):
            raise ValueError(f"{self.key}: fine {self.fine}, bound {self.bound}, worst {self.worst} are not in order.")

    def scale(self, bound: float | None = None) -> tuple[float, float, float]:
        """Fine, bound and worst, for a bound of one's own."""
        if bound is None or bound == self.bound:
            return self.fine, self.bound, self.worst
        if self.unit in SHIFTED:
            moved = bound - self.bound
            return self.fine + moved, bound, self.worst + moved
        ratio = bound / self.bound
        return self.fine * ratio, bound, self.worst * ratio

    def severity(self, value: float, bound: float | None = None) -> float:
        """From 0 (fine) to 1 (worst)."""
        return severity_on(self.scale(bound), value)


def severity_on(scale: tuple[float, float, float], value: float) -> float:
    """The severity of a value on a scale of fine, bound and worst, in whichever direction they lie."""
    fine, middle, worst = scale
    if worst < fine:
        fine, middle, worst, value = -fine, -middle, -worst, -value
    if value <= fine:
        return 0.0
    if value <= middle:
        return AT_BOUND * (value - fine) / (middle - fine)
    return min(1.0, AT_BOUND + AT_BOUND * (value - middle) / (worst - middle))
