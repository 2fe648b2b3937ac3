"""The columns that the model sees: features on scales on which a weighted sum makes sense, and which way each may push.

The BG/NBD model's view of an account, in plain days and in the company's operational time, is among them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import logit

from health.churn.bgnbd import BgNbd
from health.churn.features import Table, features_at
from health.churn.purchases import Floats, Ints, Purchases
from health.churn.season import Season

_LOG1, _LOG, _PLAIN = "log(1+x)", "log", "plain"
# Keeps the log-odds of a certainty finite.
_SURE = 1e-4

# name -> (scale, the way more of it pushes the probability: 1 up, -1 down, 0 either)
COLUMNS: dict[str, tuple[str, int]] = {
    "recency": (_LOG1, 1),
    "busy_recency": (_LOG1, 1),
    "age": (_LOG1, 0),
    "gap_mean": (_LOG1, 0),
    "gap_busy": (_LOG1, 0),
    "gap_spread": (_LOG1, 0),
    "gap_median": (_LOG1, 0),
    "gap_p90": (_LOG1, 0),
    "gap_longest": (_LOG1, 0),
    "gap_last": (_LOG1, 0),
    "gap_recent": (_LOG1, 0),
    "silent_rank": (_PLAIN, -1),
    "silent_gaps": (_LOG1, 1),
    "silent_median": (_LOG1, 1),
    "silent_p90": (_LOG1, 1),
    "silent_busy": (_LOG1, 1),
    "expected_gap": (_LOG1, 1),
    "orders_30": (_LOG1, -1),
    "orders_60": (_LOG1, -1),
    "orders_90": (_LOG1, -1),
    "orders_180": (_LOG1, -1),
    "orders_365": (_LOG1, -1),
    "orders_all": (_LOG1, 0),
    "fading_45": (_LOG1, -1),
    "fading_120": (_LOG1, -1),
    "months": (_PLAIN, -1),
    "pace": (_LOG, -1),
    "trend_90": (_LOG, 0),
    "trend_180": (_LOG, 0),
    "sales_90": (_LOG1, 0),
    "sales_180": (_LOG1, 0),
    "sales_365": (_LOG1, 0),
    "sales_trend_90": (_LOG, 0),
    "order_size": (_LOG1, 0),
    "order_size_90": (_LOG1, 0),
    "order_last": (_LOG1, 0),
    "returned": (_LOG1, 0),
    "return_days": (_LOG1, 0),
    "lines": (_LOG1, 0),
    "groups": (_PLAIN, 0),
    "groups_recent": (_PLAIN, 0),
    "groups_dropped": (_PLAIN, 0),
    "staples": (_LOG1, -1),
    "still_sold": (_PLAIN, -1),
    "then": (_PLAIN, 0),
    "then_none": (_PLAIN, 0),
}
BUYING = ("nothing_busy", "nothing_plain", "orders_expected")
NAMES = (*COLUMNS, *BUYING)
DIRECTIONS = (*(direction for _scale, direction in COLUMNS.values()), 1, 1, -1)


@dataclass(frozen=True)
class Buying:
    """Two fits of BG/NBD to the company's accounts: in plain days, and in operational days."""

    plain: BgNbd
    busy: BgNbd


@dataclass(frozen=True)
class Design:
    """One row per account: the columns NAMES, the features that they were made from, and P(nothing bought)."""

    values: Floats
    table: Table
    nothing: Floats
    expected: Floats


def repeat_buying(history: Purchases, day: int, season: Season | None) -> tuple[Floats, Floats, Floats]:
    """Repeat purchases, recency and age per account as BG/NBD wants them; -1 purchases: never bought."""
    orders = history.orders
    size = len(orders)
    first, last = np.full(size, day), np.full(size, day)
    np.minimum.at(first, orders.account, orders.day)
    last[orders.account] = orders.day  # rows are in the order of days, so the last one stays
    end = np.full(size, day)
    if season is None:
        recency, age = (last - first).astype(np.float64), (end - first).astype(np.float64)
    else:
        recency, age = season.between(first, last), season.between(first, end)
    return orders.total() - 1, np.maximum(recency, 0.0), np.maximum(age, 0.0)


def design_at(history: Purchases, day: int, season: Season, horizon: int, buying: Buying, selling: Ints) -> Design:
    """The columns of every account of `history`, which is what was known before `day`."""
    table = features_at(history, day, season, horizon, selling)
    x, recency, age = repeat_buying(history, day, season)
    x = np.maximum(x, 0)
    span = float(season.between(day, day + horizon))
    nothing = np.clip(buying.busy.nothing(x, recency, age, span), _SURE, 1 - _SURE)
    expected = buying.busy.expected(x, recency, age, span)
    x, recency, age = repeat_buying(history, day, None)
    plain = np.clip(buying.plain.nothing(np.maximum(x, 0), recency, age, horizon), _SURE, 1 - _SURE)
    columns = [_scaled(table.column(name), scale) for name, (scale, _direction) in COLUMNS.items()]
    columns += [logit(nothing), logit(plain), np.log(np.maximum(expected, 0) + 0.01)]
    return Design(np.column_stack(columns), table, nothing, expected)


def _scaled(values: Floats, scale: str) -> Floats:
    if scale == _PLAIN:
        return values
    floor = 1.0 if scale == _LOG1 else 1e-3
    scaled: Floats = np.log(np.maximum(values, 0) + floor)
    return scaled
