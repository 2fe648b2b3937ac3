"""What results of an anonymous campaign may show: nothing about fewer than five, neither shown nor left over.

Who sees two sums may subtract them. So it is not enough that each sum is about five answers: the difference of any two
sums that are shown has to be about none or about five at least.

- Growing: results grow in fives (`in_fives`), so that yesterday's and today's differ by five.
- Cuts: what a cut hides is about none or about five at least (`hidden_keys`): one hidden team would be the sum less the
  others.
- Periods: the months of a question are put together until each block has five answers (`blocks`); a period takes whole
  blocks, so that two periods differ by whole blocks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

THRESHOLD = 5


def in_fives(number: int) -> int:
    """The part of a number of answers that may be shown."""
    return number - number % THRESHOLD


def may_show(number: int) -> bool:
    """Whether a sum of so many answers may be shown."""
    return number >= THRESHOLD


def hidden_keys(counts: Mapping[str, int]) -> set[str]:
    """The keys of a cut whose rows stay hidden: those with fewer than five answers, and as many of the smallest others
    as it takes until the hidden ones have five together. Keys without answers have no row."""
    asked = sorted((number, key) for key, number in counts.items() if number)
    hidden: set[str] = set()
    together = 0
    for number, key in asked:
        if number >= THRESHOLD and (not together or together >= THRESHOLD):
            break
        hidden.add(key)
        together += number
    return hidden


def blocks(by_month: Mapping[dt.date, int]) -> list[tuple[dt.date, ...]]:
    """The months (their first days) that have answers, put together in their order until each block has five; what is
    left at the end joins the last block. No block where there are fewer than five in all."""
    found: list[list[dt.date]] = []
    current: list[dt.date] = []
    number = 0
    for month in sorted(month for month, count in by_month.items() if count):
        current.append(month)
        number += by_month[month]
        if number >= THRESHOLD:
            found.append(current)
            current, number = [], 0
    if current and found:
        found[-1] += current
    return [tuple(block) for block in found]
