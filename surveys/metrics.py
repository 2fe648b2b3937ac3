"""NPS, CSAT, CES and means from counted answers, with 95% confidence intervals. Pure arithmetic, no database.

Sources of the formulas (docs/en/surveys.md explains them for readers):
- NPS: promoters (9, 10) minus detractors (0 to 6) in per cent of all answers; the interval is the adjusted Wald of
  Rocks (2016), "Interval Estimation for the Net Promoter Score", The American Statistician 70(4): three answers are
  added, ¾ promoter, 1½ passive, ¾ detractor, and the variance is that of a variable that is 1, 0 or −1.
- CSAT: the share of 4 and 5; Wilson (1927), "Probable Inference", JASA 22.
- CES and other means: Student (1908), t interval of the mean.
- Differences: of shares Newcombe (1998), Statistics in Medicine 17, method 10; of NPS the two adjusted variances added;
  of means Welch (1947).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from surveys.choices import QuestionKind

LEVEL = 0.95
Z = 1.959963984540054
"""The quantile of the normal distribution that leaves 2.5% above it."""
PROMOTERS, PASSIVES, DETRACTORS = range(9, 11), range(7, 9), range(7)
SATISFIED = range(4, 6)

Counts = Mapping[int, int]
"""How many answers gave a value."""


@dataclass(frozen=True)
class Score:
    """A measure of `n` answers and the interval that covers its true value in 95 of 100 samples.

    NPS from −100 to 100, CSAT in per cent from 0 to 100, means in points of the scale. Without answers there is no
    value; a mean of one answer has no interval. `scale`: the lowest and highest value that there can be.
    """

    n: int
    value: float | None = None
    low: float | None = None
    high: float | None = None
    scale: tuple[float, float] = (0.0, 100.0)


@dataclass(frozen=True)
class Difference:
    """The second measure minus the first, with its interval; None where one of them has no value (or no interval)."""

    value: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def is_clear(self) -> bool:
        """Whether chance alone would seldom (in 5 of 100 samples at most) make a difference where there is none."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


def nps(counts: Counts) -> Score:
    """The net promoter score of answers from 0 to 10."""
    n, up, down = _nps_parts(counts)
    if not n:
        return Score(0, scale=(-100.0, 100.0))
    centre, variance = _nps_adjusted(n, up, down)
    reach = Z * math.sqrt(variance)
    # What was found is always within: of few answers that all agree, the adjusted centre lies aside of it.
    found = (up - down) / n
    low, high = min(max(centre - reach, -1.0), found), max(min(centre + reach, 1.0), found)
    return Score(n, 100 * (up - down) / n, 100 * low, 100 * high, (-100.0, 100.0))


def csat(counts: Counts) -> Score:
    """The share of 4 and 5 among answers from 1 to 5, in per cent."""
    return share(sum(counts.get(value, 0) for value in SATISFIED), sum(counts.values()))


def share(part: int, n: int) -> Score:
    """A share in per cent with Wilson's interval."""
    if not n:
        return Score(0)
    low, high = wilson(part, n)
    return Score(n, 100 * part / n, 100 * low, 100 * high)


def mean(counts: Counts, scale: tuple[float, float]) -> Score:
    """The mean of the values with Student's interval, which never leaves the scale."""
    n = sum(counts.values())
    if not n:
        return Score(0, scale=scale)
    average, variance = _moments(counts)
    if n == 1:
        return Score(1, average, scale=scale)
    reach = t_quantile(n - 1) * math.sqrt(variance / n)
    return Score(n, average, max(average - reach, scale[0]), min(average + reach, scale[1]), scale)


def ces(counts: Counts) -> Score:
    """The mean of answers from 1 (very hard) to 7 (very easy)."""
    return mean(counts, (1.0, 7.0))


def score(kind: str, counts: Counts, scale: tuple[float, float] | None = None) -> Score:
    """The measure of a kind of question: NPS, CSAT, CES, or for others the mean on their scale."""
    if kind == QuestionKind.NPS:
        return nps(counts)
    if kind == QuestionKind.CSAT:
        return csat(counts)
    return ces(counts) if kind == QuestionKind.CES else mean(counts, scale or (1.0, 5.0))


def difference(kind: str, before: Counts, after: Counts) -> Difference:
    """How much the measure of a kind of question changed from the first answers to the second, in its own unit."""
    if not sum(before.values()) or not sum(after.values()):
        return Difference()
    if kind == QuestionKind.NPS:
        return _nps_difference(before, after)
    if kind == QuestionKind.CSAT:
        parts = [sum(counts.get(value, 0) for value in SATISFIED) for counts in (before, after)]
        return share_difference(parts[0], sum(before.values()), parts[1], sum(after.values()))
    return mean_difference(before, after)


def share_difference(part1: int, n1: int, part2: int, n2: int) -> Difference:
    """The second share minus the first, in percentage points (Newcombe's hybrid of two Wilson intervals)."""
    if not n1 or not n2:
        return Difference()
    first, second = part1 / n1, part2 / n2
    (low1, high1), (low2, high2) = wilson(part1, n1), wilson(part2, n2)
    change = second - first
    low = change - math.sqrt((second - low2) ** 2 + (high1 - first) ** 2)
    high = change + math.sqrt((high2 - second) ** 2 + (first - low1) ** 2)
    return Difference(100 * change, 100 * low, 100 * high)


def mean_difference(before: Counts, after: Counts) -> Difference:
    """The second mean minus the first (Welch); without an interval where one side has a single answer."""
    n1, n2 = sum(before.values()), sum(after.values())
    if not n1 or not n2:
        return Difference()
    (mean1, variance1), (mean2, variance2) = _moments(before), _moments(after)
    change = mean2 - mean1
    if n1 < 2 or n2 < 2:
        return Difference(change)
    part1, part2 = variance1 / n1, variance2 / n2
    if not part1 + part2:
        return Difference(change, change, change)
    degrees = (part1 + part2) ** 2 / (part1**2 / (n1 - 1) + part2**2 / (n2 - 1))
    reach = t_quantile(degrees) * math.sqrt(part1 + part2)
    return Difference(change, change - reach, change + reach)


def wilson(part: int, n: int) -> tuple[float, float]:
    """Wilson's score interval of a share, from 0 to 1; `n` is not 0."""
    found, square = part / n, Z * Z / n
    centre = (found + square / 2) / (1 + square)
    reach = Z / (1 + square) * math.sqrt(found * (1 - found) / n + square / (4 * n))
    # At the ends the arithmetic misses 0 and 1 by a rounding error.
    return (0.0 if part == 0 else max(centre - reach, 0.0)), (1.0 if part == n else min(centre + reach, 1.0))


@lru_cache(maxsize=4096)
def t_quantile(degrees: float) -> float:
    """What Student's t with so many degrees of freedom (1 or more, also broken ones) stays below in 97.5 of 100."""
    if degrees > 1e7:
        return Z
    low, high = Z, 13.0
    while high - low > 1e-10:
        half = (low + high) / 2
        tail = _incomplete_beta(degrees / (degrees + half * half), degrees / 2, 0.5) / 2
        low, high = (half, high) if tail > (1 - LEVEL) / 2 else (low, half)
    return (low + high) / 2


def _nps_parts(counts: Counts) -> tuple[int, int, int]:
    """(answers, promoters, detractors)."""
    up = sum(counts.get(value, 0) for value in PROMOTERS)
    return sum(counts.values()), up, sum(counts.get(value, 0) for value in DETRACTORS)


def _nps_adjusted(n: int, up: int, down: int) -> tuple[float, float]:
    """The adjusted score from −1 to 1 and its variance."""
    promoters, detractors = (up + 0.75) / (n + 3), (down + 0.75) / (n + 3)
    centre = promoters - detractors
    return centre, (promoters + detractors - centre * centre) / (n + 3)


def _nps_difference(before: Counts, after: Counts) -> Difference:
    (n1, up1, down1), (n2, up2, down2) = _nps_parts(before), _nps_parts(after)
    (centre1, variance1), (centre2, variance2) = _nps_adjusted(n1, up1, down1), _nps_adjusted(n2, up2, down2)
    change = (up2 - down2) / n2 - (up1 - down1) / n1
    centre, reach = centre2 - centre1, Z * math.sqrt(variance1 + variance2)
    low, high = min(max(centre - reach, -2.0), change), max(min(centre + reach, 2.0), change)
    return Difference(100 * change, 100 * low, 100 * high)


def _moments(counts: Counts) -> tuple[float, float]:
    """(mean, variance of a sample) in whole numbers until the last division: equal to the naive sums exactly."""
    n = sum(counts.values())
    total = sum(value * count for value, count in counts.items())
    squares = sum(value * value * count for value, count in counts.items())
    return total / n, (n * squares - total * total) / (n * (n - 1)) if n > 1 else 0.0


def _incomplete_beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function by its continued fraction (Lentz)."""
    if x <= 0 or x >= 1:
        return min(max(x, 0.0), 1.0)
    if x > (a + 1) / (a + b + 2):
        return 1 - _incomplete_beta(1 - x, b, a)
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    tiny = 1e-300
    c, d = 1.0, 1 / ((1 - (a + b) * x / (a + 1)) or tiny)
    total = d
    for m in range(1, 500):
        for factor in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / ((1 + factor * d) or tiny)
            c = (1 + factor / c) or tiny
            total *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return math.exp(log_front) * total / a
