"""Finds where the company's own orders are missing as a whole: an import that failed, not customers who left."""

from __future__ import annotations

import numpy as np

from health.churn.purchases import YEAR, Bools, Floats
from health.churn.season import DailyCounts

WEEK = 7
# Weeks that tell what is usual for a weekday; a gap of half of them does not move their median.
_USUAL_WEEKS = 26
# So little of what is usual, over a week, is next to nothing.
_LITTLE = 0.25
# Shorter silences, and such of few orders, happen: holidays, closed weeks.
_LEAST_DAYS = 14
_LEAST_ORDERS = 15.0
# A closure of the years before may be so many days longer now, and lie so many days earlier or later (the Chinese New
# Year moves by a month).
_LONGER = 4
_MOVES = 35
# A gap that has ended still hides who bought in it, for so long.
_REMEMBERED = 60


def company_gap(daily: DailyCounts, day: int) -> tuple[int, int] | None:
    """The first and the last day of the latest gap that matters on `day`, or None.

    Days from `day` on are not looked at. A silence that returns every year is a closure and no gap.
    """
    counts = daily.before(day).counts
    counts = np.concatenate([counts, np.zeros(max(day - daily.first - len(counts), 0))])
    if len(counts) < _USUAL_WEEKS * WEEK or not counts.sum():
        return None
    usual = _usual(counts)
    runs = _runs(_quiet(counts, usual))
    for start, end in reversed(runs):
        if end < len(counts) - _REMEMBERED:
            return None
        lost = float(usual[start : end + 1].sum())
        if end - start + 1 >= _LEAST_DAYS and lost >= _LEAST_ORDERS and not _closure(runs, start, end):
            return daily.first + start, daily.first + end
    return None


def _usual(counts: Floats) -> Floats:
    """The median of the same weekday in the weeks before each day."""
    usual = np.zeros(len(counts))
    for place in range(len(counts)):
        past = counts[place % WEEK : place : WEEK][-_USUAL_WEEKS:]
        usual[place] = np.median(past) if len(past) >= WEEK // 2 else 0.0
    return usual


def _quiet(counts: Floats, usual: Floats) -> Bools:
    """Days that lie in a week with next to nothing of what is usual."""
    quiet = np.zeros(len(counts), dtype=bool)
    for end in range(WEEK, len(counts) + 1):
        week = slice(end - WEEK, end)
        expected = usual[week].sum()
        if expected > 0 and counts[week].sum() <= _LITTLE * expected:
            quiet[week] = True
    return quiet


def _runs(quiet: Bools) -> list[tuple[int, int]]:
    """Stretches of quiet days: first and last place."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], quiet.astype(np.int8), [0]])))
    return [(int(start), int(end) - 1) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def _closure(runs: list[tuple[int, int]], start: int, end: int) -> bool:
    """Whether a year, or two, earlier there was such a silence at about this time."""
    for years in (1, 2):
        for before, until in runs:
            near = abs(before + years * YEAR - start) <= _MOVES
            if near and end - start <= until - before + _LONGER:
                return True
    return False
