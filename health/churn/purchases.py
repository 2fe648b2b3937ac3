"""Purchase histories in columns: one row per account and day, sorted by account and day.

The only way to the past is `before(day)`: what it returns holds nothing of that day or later, so nothing that is
computed from it can look ahead.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

YEAR = 365
# How many product lines a mask tells apart; more of them share a bit.
MASK_BITS = 62
# More than there are days up to the year 9999.
_DAYS = 1 << 22


def _none() -> Ints:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Purchases:
    """What accounts bought and returned, by day. Days are proleptic ordinals (`date.toordinal()`).

    `account` is an index into `ids`, which is sorted. `sales` and `returns` are amounts of at least 0 in one currency.
    `lines` counts the order lines sold on the day (0 on a day with nothing but returns), and `mask` has a bit for each
    product line. The product `item` was sold in the row `item_row`: each product once per row, in the order of rows.
    """

    ids: Ints
    account: Ints
    day: Ints
    sales: Floats
    returns: Floats
    lines: Floats
    mask: Ints
    item_row: Ints = field(default_factory=_none)
    item: Ints = field(default_factory=_none)

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def is_order(self) -> Bools:
        """Rows that are order days: something was sold."""
        return self.lines > 0

    def before(self, day: int) -> Purchases:
        """The same accounts as they were known at the beginning of `day`."""
        return self._rows(self.day < day)

    def between(self, start: int, end: int) -> Purchases:
        """The same accounts with the rows from `start` to before `end`: what labels are made from."""
        return self._rows((self.day >= start) & (self.day < end))

    def only(self, keep: Bools) -> Purchases:
        """The accounts where `keep` (one value per account) is true, with all of their rows."""
        places = np.cumsum(keep) - 1
        rows = keep[self.account]
        return Purchases(self.ids[keep], places[self.account[rows]], *self._columns(rows))

    @cached_property
    def orders(self) -> Purchases:
        """Order days only."""
        return self._rows(self.is_order)

    def with_items(self, owner: Ints, day: Ints, item: Ints) -> Purchases:
        """The same histories with the products that accounts (by id) bought on days that have a row."""
        if not len(item) or not len(self.day):
            return self
        wanted = np.searchsorted(self.ids, owner) * _DAYS + day
        rows = self.account * _DAYS + self.day
        place = np.minimum(np.searchsorted(rows, wanted), len(rows) - 1)
        known = rows[place] == wanted
        span = int(item.max()) + 1
        pairs = np.sort(place[known] * span + item[known])  # np.unique would take fifty times as long
        pairs = pairs[np.append(True, pairs[1:] != pairs[:-1])[: len(pairs)]]
        return replace(self, item_row=pairs // span, item=pairs % span)

    def total(self, values: Floats | None = None, *, where: Bools | None = None) -> Floats:
        """The sum of `values` (one per row; without: the number of rows) per account."""
        account = self.account if where is None else self.account[where]
        weights = values if values is None or where is None else values[where]
        return np.bincount(account, weights=weights, minlength=len(self.ids)).astype(np.float64)

    def _rows(self, rows: Bools) -> Purchases:
        return Purchases(self.ids, self.account[rows], *self._columns(rows))

    def _columns(self, rows: Bools) -> tuple[Ints, Floats, Floats, Floats, Ints, Ints, Ints]:
        places = np.cumsum(rows) - 1
        kept = rows[self.item_row]
        return (
            self.day[rows],
            self.sales[rows],
            self.returns[rows],
            self.lines[rows],
            self.mask[rows],
            places[self.item_row[kept]],
            self.item[kept],
        )


Row = tuple[int, int, float, float, int, int]


def purchases_from(rows: Iterable[Row], ids: Iterable[int] | None = None) -> Purchases:
    """Histories from rows (account id, day, sales, returns, lines, mask) in any order; those of one day are added.

    `ids` adds accounts that have no rows.
    """
    table = list(rows)
    numbers = np.array([row[:5] for row in table], dtype=np.float64).reshape(-1, 5)
    masks = np.array([row[5] for row in table], dtype=np.int64)
    return purchases_of(numbers, masks, np.array(sorted(ids or ()), dtype=np.int64))


def purchases_of(numbers: Floats, masks: Ints, ids: Ints) -> Purchases:
    """Histories from the columns account id, day, sales, returns, lines of `numbers`, and their masks."""
    owners = numbers[:, 0].astype(np.int64)
    known = np.unique(np.concatenate([owners, ids]))
    account = np.searchsorted(known, owners)
    order = np.lexsort((numbers[:, 1], account))
    numbers, account, masks = numbers[order], account[order], masks[order]
    day = numbers[:, 1].astype(np.int64)
    first = np.append(True, (account[1:] != account[:-1]) | (day[1:] != day[:-1])) if len(day) else np.zeros(0, bool)
    place = np.flatnonzero(first)
    if len(place) == len(day):
        sales, returns, lines = numbers[:, 2:].T.copy()
        return Purchases(known, account, day, sales, returns, lines, masks)
    sales, returns, lines = (np.add.reduceat(numbers[:, column], place) for column in (2, 3, 4))
    return Purchases(known, account[place], day[place], sales, returns, lines, np.bitwise_or.reduceat(masks, place))


def joined(parts: list[Purchases]) -> Purchases:
    """One set of histories from several, each of accounts with higher ids than the one before."""
    if not parts:
        return purchases_from([])
    starts = np.cumsum([0, *(len(part) for part in parts[:-1])])
    rows = np.cumsum([0, *(len(part.day) for part in parts[:-1])])
    return Purchases(
        ids=np.concatenate([part.ids for part in parts]),
        account=np.concatenate([part.account + start for part, start in zip(parts, starts, strict=True)]),
        day=np.concatenate([part.day for part in parts]),
        sales=np.concatenate([part.sales for part in parts]),
        returns=np.concatenate([part.returns for part in parts]),
        lines=np.concatenate([part.lines for part in parts]),
        mask=np.concatenate([part.mask for part in parts]),
        item_row=np.concatenate([part.item_row + row for part, row in zip(parts, rows, strict=True)]),
        item=np.concatenate([part.item for part in parts]),
    )


def sampled(ids: Ints, size: int) -> Bools:
    """A fair choice of at most `size` accounts: the same ones every time, whatever they were called or created by."""
    if len(ids) <= size:
        return np.ones(len(ids), dtype=bool)
    scattered = (ids.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(16)
    chosen = np.zeros(len(ids), dtype=bool)
    chosen[np.argsort(scattered, kind="stable")[:size]] = True
    return chosen


def in_population(history: Purchases, day: int, order_days: int) -> Bools:
    """Accounts with at least `order_days` order days in the 365 days before `day`: those that have a rhythm."""
    orders = history.orders
    return orders.total(where=(orders.day >= day - YEAR) & (orders.day < day)) >= order_days
