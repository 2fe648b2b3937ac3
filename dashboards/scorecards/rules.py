"""The arithmetic of scorecards, pure.

**Achievement** = actual ÷ target, from 0 to 1.5. NPS runs from −100 to 100 and is moved first: (actual + 100) ÷
(target + 100). Where there is no actual number, or nothing to divide by, there is no achievement.

**Score** = 100 × Σ weight × achievement ÷ Σ weight, over the measures that have an achievement: the weight of what is
missing goes to the others in proportion. Without any there is no score.

**Responsibility.** On the day on which an account changes hands it is the new manager's. A month's number counts for a
person by the share of the month's days (of the current month: of the days so far) on which they had the account; what
has a day of its own (receipts) counts for whoever had the account on that day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from statistics import median
from typing import Any

from contracts.terms import ONE_DAY, add_months
from dashboards.choices import Measure, PeriodKind

MOST = Decimal("1.5")
WHOLE = 100
FEWEST_FOR_MEDIAN = 3
"""From fewer scores a median would tell whose they are."""
LENGTHS = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.YEAR: 12}
Span = tuple[dt.date, dt.date | None]
"""From a day until before another (None: no end)."""


@dataclass(frozen=True)
class Period:
    """A calendar month, quarter or year, first and last day included."""

    kind: str
    first: dt.date

    @classmethod
    def of(cls, kind: str, day: dt.date) -> Period:
        """The period that a day lies in."""
        length = LENGTHS[PeriodKind(kind)]
        return cls(kind, day.replace(day=1, month=day.month - (day.month - 1) % length))

    @property
    def last(self) -> dt.date:
        return add_months(self.first, LENGTHS[PeriodKind(self.kind)]) - ONE_DAY

    @property
    def months(self) -> list[dt.date]:
        """The first days of its months."""
        return [add_months(self.first, step) for step in range(LENGTHS[PeriodKind(self.kind)])]

    @property
    def name(self) -> str:
        if self.kind == PeriodKind.MONTH:
            return f"{self.first:%Y-%m}"
        return (
            f"{self.first.year}-Q{(self.first.month + 2) // 3}"
            if self.kind == PeriodKind.QUARTER
            else f"{self.first:%Y}"
        )


@dataclass
class Line:
    """One measure of a card. `weight` is of 100; `counted` what it weighs after the weight of what is missing went to
    the others (a share of 1); `facts` say what the actual number was made of."""

    measure: str
    target: Decimal
    weight: int
    actual: Decimal | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    achievement: Decimal | None = None
    counted: Decimal = Decimal(0)

    @property
    def points(self) -> Decimal | None:
        """What it gives to the score."""
        return None if self.achievement is None else WHOLE * self.achievement * self.counted


def achievement(measure: str, actual: Decimal | None, target: Decimal) -> Decimal | None:
    """How far the target was reached, 1 is all of it."""
    if actual is None:
        return None
    if measure == Measure.NPS:
        actual, target = actual + 100, target + 100
    if target <= 0:
        return None
    return min(max(actual / target, Decimal(0)), MOST)


def score(lines: Sequence[Line]) -> Decimal | None:
    """Fills in achievement and counted weight of each line; the score, 100 where every target is just reached."""
    for line in lines:
        line.achievement = achievement(line.measure, line.actual, line.target)
    present = sum(line.weight for line in lines if line.achievement is not None)
    for line in lines:
        counts = line.achievement is not None and present
        line.counted = Decimal(line.weight) / present if counts else Decimal(0)
    points = [line.points for line in lines if line.points is not None]
    return sum(points, Decimal(0)) if present else None


def team_median(scores: Iterable[Decimal | None]) -> Decimal | None:
    """The median of the scores that are there, from three on."""
    known = [one for one in scores if one is not None]
    return Decimal(median(known)) if len(known) >= FEWEST_FOR_MEDIAN else None


def share_of_days(spans: Iterable[Span], first: dt.date, last: dt.date) -> Fraction:
    """The share of the days `first`..`last` (both included) that lie in one of the spans, which do not overlap."""
    days = (last - first).days + 1
    if days <= 0:
        return Fraction(0)
    end = last + ONE_DAY
    covered = sum(max((min(until or end, end) - max(since, first)).days, 0) for since, until in spans)
    return Fraction(min(covered, days), days)


def is_on(spans: Iterable[Span], day: dt.date) -> bool:
    """Whether a day lies in one of the spans."""
    return any(since <= day and (until is None or day < until) for since, until in spans)
