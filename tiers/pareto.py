"""The Pareto method: the accounts that together make up the first share of revenue are A, the next B, the rest C."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_FLOOR, Decimal
from typing import NamedTuple

SHARE_DIGITS = Decimal("1E-8")
ONE = Decimal(1)


class Cuts(NamedTuple):
    """Where A and B end, in percent of cumulative revenue: 0 < a < b <= 100."""

    a: Decimal
    b: Decimal


class Place(NamedTuple):
    """An account in the order of revenue.

    `cum_before` is the share (0 to 1, eight decimals, rounded down) of all positive revenue that lies before it; `tier`
    follows from the cuts, `relaxed` from the cuts moved down by the margin. No rank: no positive revenue.
    """

    account_id: int
    revenue: Decimal
    rank: int | None
    cum_before: Decimal
    tier: str
    relaxed: str


def places(revenues: Iterable[tuple[int, str, Decimal]], cuts: Cuts, margin: Decimal = Decimal(0)) -> list[Place]:
    """Every account's place, highest revenue first. `revenues` are (id, account code, revenue) in one currency.

    Accounts with the same revenue are taken in the order of their codes. Only positive revenue counts and is ranked;
    the others come last and are C. The comparison with a cut is exact: no rounding before it. `margin` is in points of
    cumulative share.
    """
    rows = sorted(revenues, key=lambda row: row[1])
    rows.sort(key=lambda row: row[2], reverse=True)
    total = sum((row[2] for row in rows if row[2] > 0), Decimal(0))
    bound_a, bound_b = _bound(cuts.a, total), _bound(cuts.b, total)
    relaxed_a, relaxed_b = _bound(cuts.a + margin, total), _bound(cuts.b + margin, total)
    found, before = [], Decimal(0)
    for rank, (account_id, _code, revenue) in enumerate(rows, 1):
        if revenue <= 0:
            found.append(Place(account_id, revenue, None, ONE, "C", "C"))
            continue
        tier = "A" if before < bound_a else "B" if before < bound_b else "C"
        relaxed = "A" if before < relaxed_a else "B" if before < relaxed_b else "C"
        share = (before / total).quantize(SHARE_DIGITS, ROUND_FLOOR)
        found.append(Place(account_id, revenue, rank, share, tier, relaxed))
        before += revenue
    return found


def curve(revenues: Iterable[Decimal], points: int = 200) -> list[tuple[float, float]]:
    """The Pareto curve for drawing: (percent of accounts, percent of revenue), from (0, 0) to (100, 100).

    `revenues` are positive and sorted, highest first; at most about `points` pairs come back.
    """
    values = list(revenues)
    total = sum(values, Decimal(0))
    if total <= 0:
        return []
    step = max(len(values) // points, 1)
    drawn, before = [(0.0, 0.0)], Decimal(0)
    for number, revenue in enumerate(values, 1):
        before += revenue
        if number % step == 0 or number == len(values):
            drawn.append((round(100 * number / len(values), 3), round(float(100 * before / total), 3)))
    return drawn


def _bound(cut: Decimal, total: Decimal) -> Decimal:
    """The revenue at which a cut in percent lies; a margin never moves it beyond the end."""
    return min(cut, Decimal(100)) * total / 100
