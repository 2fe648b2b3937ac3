"""What receipts cover of a plan. Pure.

Everything is settled anew from all receipts, so the order in which they were posted cannot matter:

1. what a receipt says is for an instalment goes there, as far as that is open; the rest into one pot;
2. the pot goes to the instalments as they fall due: by due date, those without a date last, then by position;
3. what is left is credit;
4. refunds take back credit first, then from the latest due backwards.

The balance therefore always holds: settled + credit = received − refunded.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True)
class Due:
    """An instalment of the plan."""

    position: int
    amount: Decimal
    due_date: dt.date | None = None


@dataclass(frozen=True)
class Money:
    """What came in, or went back (`is_refund`); `shares` are meant for instalments, by position."""

    amount: Decimal
    is_refund: bool = False
    shares: Mapping[int, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class Settlement:
    """`settled` by position; `credit` is what no instalment needs (below zero: more went back than came in)."""

    settled: dict[int, Decimal]
    credit: Decimal
    received: Decimal
    """What came in less what went back."""


def due_order(row: Due) -> tuple[bool, dt.date, int]:
    """In which order money goes to instalments."""
    return row.due_date is None, row.due_date or dt.date.max, row.position


def settle(plan: Sequence[Due], money: Iterable[Money]) -> Settlement:
    """Settle the plan from all that came in and went back; voided receipts are not given."""
    came, back, shares = _sums(money)
    ordered = sorted(plan, key=due_order)
    settled = {row.position: min(row.amount, shares[row.position]) for row in ordered}
    pot = came - sum(settled.values(), ZERO)
    for row in ordered:
        part = min(row.amount - settled[row.position], pot)
        settled[row.position] += part
        pot -= part
    owed = max(back - pot, ZERO)
    for row in reversed(ordered):
        part = min(settled[row.position], owed)
        settled[row.position] -= part
        owed -= part
    received = came - back
    return Settlement(settled, received - sum(settled.values(), ZERO), received)


def _sums(money: Iterable[Money]) -> tuple[Decimal, Decimal, dict[int, Decimal]]:
    """What came in, what went back, and what of the first is meant for which instalment."""
    came = back = ZERO
    shares: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for one in money:
        if one.is_refund:
            back += one.amount
            continue
        came += one.amount
        for position, amount in one.shares.items():
            shares[position] += amount
    return came, back, shares
