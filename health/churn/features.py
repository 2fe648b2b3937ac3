"""What the model knows about an account on a day: computed for all accounts at once, from what was known before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from health.churn.purchases import YEAR, Floats, Ints, Purchases
from health.churn.season import Season

WINDOWS = (30, 60, 90, 180, 365)
# An account that was so new then, in days, has no season of its own yet.
_NEW = 15
# What at least two accounts bought in so many days is still being sold.
_SELLING = 30


@dataclass(frozen=True)
class Table:
    """One row per account of the history, one named column per feature."""

    names: tuple[str, ...]
    values: Floats

    def column(self, name: str) -> Floats:
        column: Floats = self.values[:, self.names.index(name)]
        return column


def features_at(history: Purchases, day: int, season: Season, horizon: int, selling: Ints) -> Table:
    """The features of every account at the beginning of `day`; `history` is `purchases.before(day)`.

    `selling` are the products that the company sells now, as `selling_at` finds them from all accounts.
    """
    orders = history.orders
    columns: dict[str, Floats] = {}
    columns |= _rhythm(orders, day, season)
    columns |= _counts(orders, day)
    columns |= _amounts(history, orders, day)
    columns |= _breadth(orders, day)
    columns |= _products(orders, day, selling)
    columns |= _same_season(orders, day, horizon, season)
    columns |= _against_rhythm(columns)
    return Table(tuple(columns), np.column_stack(list(columns.values())))


def _rhythm(orders: Purchases, day: int, season: Season) -> dict[str, Floats]:
    """Recency, age and gaps, in days and in operational days."""
    size = len(orders)
    first, last = np.full(size, day), np.full(size, day - 4 * YEAR)
    np.minimum.at(first, orders.account, orders.day)
    np.maximum.at(last, orders.account, orders.day)
    same = orders.account[1:] == orders.account[:-1]
    owner, end = orders.account[1:][same], orders.day[1:][same]
    gap = np.diff(orders.day)[same].astype(np.float64)
    n = np.bincount(owner, minlength=size).astype(np.float64)
    mean = np.bincount(owner, weights=gap, minlength=size) / np.maximum(n, 1)
    square = np.bincount(owner, weights=gap * gap, minlength=size) / np.maximum(n, 1)
    busy = season.between(orders.day[:-1][same], orders.day[1:][same])
    longest = np.zeros(size)
    np.maximum.at(longest, owner, gap)
    latest = np.zeros(size)
    latest[owner] = gap  # rows are in the order of days, so the last one stays
    recent = end >= day - YEAR
    recent_n = np.bincount(owner[recent], minlength=size)
    recent_mean = np.bincount(owner[recent], weights=gap[recent], minlength=size) / np.maximum(recent_n, 1)
    return {
        "recency": (day - last).astype(np.float64),
        "busy_recency": np.maximum(season.between(last, day), 0.0),
        "age": (day - first).astype(np.float64),
        "gap_mean": mean,
        "gap_busy": np.bincount(owner, weights=busy, minlength=size) / np.maximum(n, 1),
        "gap_spread": np.sqrt(np.maximum(square - mean * mean, 0.0)) / np.maximum(mean, 1.0),
        "gap_median": _quantile(owner, gap, size, 0.5),
        "gap_p90": _quantile(owner, gap, size, 0.9),
        "gap_longest": longest,
        "gap_last": latest,
        "gap_recent": recent_mean,
        "silent_rank": _longer(owner, gap, (day - last).astype(np.float64), n),
    }


def _longer(owner: Ints, gap: Floats, recency: Floats, n: Floats) -> Floats:
    """The share of an account's gaps that were longer than its silence now, drawn towards a half."""
    longer = np.bincount(owner, weights=gap > recency[owner], minlength=len(n))
    share: Floats = (longer + 1) / (n + 2)
    return share


def _quantile(owner: Ints, values: Floats, size: int, share: float) -> Floats:
    """A quantile of the values of each owner (the value at that place of the sorted ones)."""
    order = np.lexsort((values, owner))
    count = np.bincount(owner, minlength=size)
    start = np.concatenate([[0], np.cumsum(count)[:-1]])
    place = start + np.floor((count - 1) * share + 0.5).astype(np.int64)
    found = np.zeros(size)
    has = count > 0
    found[has] = values[order][place[has]]
    return found


def _counts(orders: Purchases, day: int) -> dict[str, Floats]:
    """How many order days in which span, and how they fade."""
    ago = (day - orders.day).astype(np.float64)
    columns = {f"orders_{days}": orders.total(where=ago <= days) for days in WINDOWS}
    columns["orders_all"] = orders.total()
    for half_life in (45, 120):
        columns[f"fading_{half_life}"] = orders.total(0.5 ** (ago / half_life))
    months = np.unique(orders.account * 16 + np.minimum(ago / 30.5, 15).astype(np.int64))
    year = months[months % 16 < 12]
    columns["months"] = np.bincount(year // 16, minlength=len(orders)).astype(np.float64)
    return columns


def _amounts(history: Purchases, orders: Purchases, day: int) -> dict[str, Floats]:
    """Spending, its trend, the size of orders and returns."""
    ago = day - orders.day
    columns = {f"sales_{days}": orders.total(orders.sales, where=ago <= days) for days in (90, 180, 365)}
    n = np.maximum(orders.total(where=ago <= YEAR), 1)
    columns["order_size"] = columns["sales_365"] / n
    columns["order_size_90"] = columns["sales_90"] / np.maximum(orders.total(where=ago <= 90), 1)
    latest = np.zeros(len(orders))
    latest[orders.account] = orders.sales
    columns["order_last"] = latest
    back = history.total(history.returns, where=day - history.day <= YEAR)
    columns["returned"] = back / np.maximum(columns["sales_365"] + 1, 1)
    columns["return_days"] = history.total(where=(day - history.day <= YEAR) & (history.returns > 0))
    return columns


def _breadth(orders: Purchases, day: int) -> dict[str, Floats]:
    """Lines and product lines of orders, and how they change."""
    ago = day - orders.day
    year, half = ago <= YEAR, ago <= 180
    n = np.maximum(orders.total(where=year), 1)
    recent, before = _mask(orders, half), _mask(orders, year & ~half)
    return {
        "lines": orders.total(orders.lines, where=year) / n,
        "groups": np.bitwise_count(recent | before).astype(np.float64),
        "groups_recent": np.bitwise_count(recent).astype(np.float64),
        "groups_dropped": np.bitwise_count(before & ~recent).astype(np.float64),
    }


def _mask(orders: Purchases, where: np.ndarray) -> Ints:
    masks = np.zeros(len(orders), dtype=np.int64)
    np.bitwise_or.at(masks, orders.account[where], orders.mask[where])
    return masks


def selling_at(history: Purchases, day: int) -> Ints:
    """The products that at least two accounts of `history` bought in the days before `day`."""
    recent = history.day[history.item_row] >= day - _SELLING
    size = max(len(history), 1)
    buyers = np.unique(history.item[recent] * size + history.account[history.item_row[recent]])
    items, count = np.unique(buyers // size, return_counts=True)
    selling: Ints = items[count > 1]
    return selling


def _products(orders: Purchases, day: int, selling: Ints) -> dict[str, Floats]:
    """Products of the last year that were bought again, and the share of what was bought that is still being sold."""
    recent = orders.day[orders.item_row] >= day - YEAR
    owner, item = orders.account[orders.item_row[recent]], orders.item[recent]
    span = int(item.max(initial=0)) + 1
    bought, days = np.unique(owner * span + item, return_counts=True)
    staples = np.bincount(bought[days > 1] // span, minlength=len(orders))
    count = np.bincount(owner, minlength=len(orders))
    still = np.bincount(owner[np.isin(item, selling)], minlength=len(orders))
    return {"staples": staples.astype(np.float64), "still_sold": np.where(count > 0, still / np.maximum(count, 1), 1.0)}


def _same_season(orders: Purchases, day: int, horizon: int, season: Season) -> dict[str, Floats]:
    """How an account's orders a year ago in the days that come now compare with its pace; 0 where it was unknown."""
    start, end = day - YEAR, day - YEAR + horizon
    first = np.full(len(orders), day)
    np.minimum.at(first, orders.account, orders.day)
    then = orders.total(where=(orders.day >= start) & (orders.day < end))
    pace = orders.total(where=orders.day >= start) / np.clip(day - first, 30, YEAR)
    ratio = np.log((then + 0.5) / (pace * float(season.between(start, end)) + 0.5))
    known = first <= start + _NEW
    return {"orders_then": then, "then": np.where(known, ratio, 0.0), "then_none": (known & (then == 0)) * 1.0}


def _against_rhythm(columns: dict[str, Floats]) -> dict[str, Floats]:
    """Silence measured by the account's own rhythm, trends measured by its own past."""
    recency, age = columns["recency"], np.clip(columns["age"], 30, YEAR)
    pace = columns["orders_365"] / age
    return {
        "silent_gaps": recency / np.maximum(columns["gap_mean"], 1),
        "silent_median": recency / np.maximum(columns["gap_median"], 1),
        "silent_p90": recency / np.maximum(columns["gap_p90"], 1),
        "silent_busy": columns["busy_recency"] / np.maximum(columns["gap_busy"], 1),
        "pace": pace,
        "expected_gap": recency * pace,
        "trend_90": (columns["orders_90"] + 0.5) / (90 * pace + 0.5),
        "trend_180": (columns["orders_180"] + 0.5) / (np.minimum(age, 180) * pace + 0.5),
        "sales_trend_90": (columns["sales_90"] + 50) / (90 * columns["sales_365"] / age + 50),
    }
