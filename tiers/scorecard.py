"""The scorecard method: weighted criteria, each mapped to 0..100; the weight of missing data goes to the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import NamedTuple

SCORE_DIGITS = Decimal("0.0001")
Points = Sequence[tuple[Decimal, Decimal]]


class Criterion(NamedTuple):
    """A weight (not negative, only its share of the sum matters) and the points (value, score) between which is drawn a
    straight line; values rise, scores are 0 to 100."""

    weight: Decimal
    points: Points


class Bands(NamedTuple):
    """From which score on an account is A or B: 100 >= a > b > 0."""

    a: Decimal
    b: Decimal


class Part(NamedTuple):
    """One criterion of one account: its value and score, and the weight that it really had (a share, 0 to 1).

    Value and score are None where there is no data; the weight is then 0.
    """

    value: Decimal | None
    score: Decimal | None
    weight: Decimal


class Card(NamedTuple):
    """The result: score None and tier "" where nothing is known at all."""

    score: Decimal | None
    tier: str
    relaxed: str
    parts: dict[str, Part]


def interpolate(points: Points, value: Decimal) -> Decimal:
    """The score at `value` on the line through `points`; level before the first and after the last."""
    if value <= points[0][0]:
        return points[0][1]
    for (x0, y0), (x1, y1) in pairwise(points):
        if value <= x1:
            return y0 + (y1 - y0) * (value - x0) / (x1 - x0)
    return points[-1][1]


def score(
    values: Mapping[str, Decimal | None],
    criteria: Mapping[str, Criterion],
    bands: Bands,
    margin: Decimal = Decimal(0),
) -> Card:
    """The weighted score of one account and its tier; `margin` lowers the bands by so many points of score."""
    used = {name: criterion for name, criterion in criteria.items() if criterion.weight > 0}
    known = {name: value for name in used if (value := values.get(name)) is not None}
    weight = sum((used[name].weight for name in known), Decimal(0))
    parts, total = {}, Decimal(0)
    for name, criterion in used.items():
        if name not in known:
            parts[name] = Part(None, None, Decimal(0))
            continue
        points = interpolate(criterion.points, known[name])
        parts[name] = Part(known[name], _rounded(points), _rounded(criterion.weight / weight))
        total += points * criterion.weight
    if not known:
        return Card(None, "", "", parts)
    result = _rounded(total / weight)
    return Card(result, _tier(result, bands), _tier(result, Bands(bands.a - margin, bands.b - margin)), parts)


def _rounded(number: Decimal) -> Decimal:
    return number.quantize(SCORE_DIGITS, ROUND_HALF_UP)


def _tier(result: Decimal, bands: Bands) -> str:
    return "A" if result >= bands.a else "B" if result >= bands.b else "C"
