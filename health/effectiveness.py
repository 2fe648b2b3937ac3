"""Did it help: accounts at which a playbook was put to work, against similar accounts without it. Arithmetic only.

An account *recovers* within a time where its score has risen by 10 points or its band is better than before. The
difference of two shares has a 95% confidence interval after Newcombe (1998), method 10: the Wilson intervals of both
shares, put together. Numbers of accounts are effective ones after Kish (1965): an account that was counted several
times does not count as several.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from zlib import crc32

from health.choices import Band

Z = 1.959963984540054
WINDOWS = (30, 60, 90)
"""Days after the start on which it is judged."""
NEAR, RISE, MOST_SIMILAR, FEWEST = 5, 10, 100, 10
"""Points between similar accounts, points of a recovery, similar accounts of one case, cases that allow a verdict."""
_ORDER = {Band.AT_RISK.value: 0, Band.WATCH.value: 1, Band.HEALTHY.value: 2}


class State(NamedTuple):
    """An account as it stood on a day."""

    account: int
    tier: str
    band: str
    score: int


class Case(NamedTuple):
    """One start of a playbook: whether the account recovered, and which of the similar ones without it did."""

    account: int
    recovered: bool
    similar: Mapping[int, bool]


def has_recovered(before: State, score: int, band: str) -> bool:
    """Ten points up, or a better band."""
    return score >= before.score + RISE or _ORDER.get(band, 0) > _ORDER.get(before.band, 0)


class Pool:
    """The states of many accounts on one day, to look for similar ones in."""

    def __init__(self, states: Iterable[State]) -> None:
        self._cells: dict[tuple[str, str], list[State]] = defaultdict(list)
        for state in states:
            self._cells[state.tier, state.band].append(state)
        for cell in self._cells.values():
            cell.sort(key=lambda state: state.score)

    def similar(self, to: State, without: Collection[int] = ()) -> list[State]:
        """The same tier and band, at most five points away, none of `without`: the nearest hundred; among equally near
        ones a choice that depends on nothing but the two accounts."""
        cell = self._cells.get((to.tier, to.band), [])
        first = bisect_left(cell, to.score - NEAR, key=lambda state: state.score)
        last = bisect_right(cell, to.score + NEAR, key=lambda state: state.score)
        found = [state for state in cell[first:last] if state.account != to.account and state.account not in without]
        found.sort(key=lambda state: (abs(state.score - to.score), crc32(b"%d:%d" % (to.account, state.account))))
        return found[:MOST_SIMILAR]


@dataclass(frozen=True)
class Effect:
    """What came of a playbook within `days`.

    `cases` are the starts that have similar accounts, `alone` those that have none, `unknown` those without a score
    before or after; `share` of the cases recovered, `similar_share` of the similar accounts (each case counts once),
    `low`..`high` is the interval of their difference.
    """

    days: int
    cases: int = 0
    alone: int = 0
    unknown: int = 0
    accounts: int = 0
    similar_accounts: int = 0
    share: float | None = None
    similar_share: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def left_out(self) -> int:
        """Starts that could not be compared."""
        return self.alone + self.unknown

    @property
    def verdict(self) -> str:
        """`few` cases to say anything; `better`, `worse`: the interval leaves 0 out; else `unclear`."""
        if self.low is None or self.high is None or self.cases < FEWEST:
            return "few"
        if self.low > 0:
            return "better"
        return "worse" if self.high < 0 else "unclear"


def effect(days: int, cases: Sequence[Case], *, unknown: int = 0) -> Effect:
    """The cases summed up."""
    compared = [case for case in cases if case.similar]
    if not compared:
        return Effect(days, alone=len(cases), unknown=unknown)
    treated: dict[int, float] = defaultdict(float)
    similar: dict[int, float] = defaultdict(float)
    share = similar_share = 0.0
    for case in compared:
        treated[case.account] += 1
        share += case.recovered / len(compared)
        weight = 1 / len(case.similar)
        similar_share += weight * sum(case.similar.values()) / len(compared)
        for account in case.similar:
            similar[account] += weight
    low, high = difference_interval(share, effective(treated), similar_share, effective(similar))
    return Effect(
        days, len(compared), len(cases) - len(compared), unknown, len(treated), len(similar), share, similar_share,
        share - similar_share, low, high,
    )  # fmt: skip


def effective(weights: Mapping[int, float]) -> float:
    """How many equally weighted accounts these are worth (Kish): (Σw)² / Σw²."""
    return sum(weights.values()) ** 2 / sum(weight**2 for weight in weights.values())


def wilson(share: float, number: float) -> tuple[float, float]:
    """The 95% interval of a share of `number`, after Wilson (1927)."""
    share = min(max(share, 0.0), 1.0)
    middle = 2 * number * share + Z**2
    width = Z * math.sqrt(Z**2 + 4 * number * share * (1 - share))
    below = 2 * (number + Z**2)
    return max((middle - width) / below, 0.0), min((middle + width) / below, 1.0)


def difference_interval(one: float, one_number: float, other: float, other_number: float) -> tuple[float, float]:
    """The 95% interval of `one` - `other`, two independent shares (Newcombe 1998, method 10)."""
    low_one, high_one = wilson(one, one_number)
    low_other, high_other = wilson(other, other_number)
    difference = one - other
    return (
        max(difference - math.hypot(one - low_one, high_other - other), -1.0),
        min(difference + math.hypot(high_one - one, other - low_other), 1.0),
    )
