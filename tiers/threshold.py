"""The threshold method: revenue at or above a bound, in total or in every one of the last months."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple


class Bounds(NamedTuple):
    """From how much on an account is A or B, in the policy's currency: a > b > 0."""

    a: Decimal
    b: Decimal


class Verdict(NamedTuple):
    """`measured` is what was compared: the total, or the lowest of the months."""

    measured: Decimal
    tier: str
    relaxed: str


def lowest_month(by_month: Mapping[dt.date, Decimal], months: int) -> Decimal:
    """The lowest of `months` months; a month without revenue is 0."""
    lowest = min(by_month.values(), default=Decimal(0))
    return lowest if len(by_month) >= months else min(lowest, Decimal(0))


def classify(measured: Decimal, bounds: Bounds, margin: Decimal = Decimal(0)) -> Verdict:
    """A at or above the first bound, B at or above the second, else C; `margin` lowers both by so many percent."""
    factor = (100 - min(margin, Decimal(100))) / 100
    return Verdict(measured, _tier(measured, bounds), _tier(measured, Bounds(bounds.a * factor, bounds.b * factor)))


def _tier(measured: Decimal, bounds: Bounds) -> str:
    if measured > 0 and measured >= bounds.a:
        return "A"
    return "B" if measured > 0 and measured >= bounds.b else "C"
