"""What accounts are worth: expected net revenue, and what of it is at stake.

Number of orders from BG/NBD, their worth from the gamma-gamma model (sources there), less the share that comes back as
returns. Money of later years counts less: 10% a year.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from health.churn.design import repeat_buying
from health.churn.model import ChurnModel
from health.churn.purchases import YEAR, Floats, Purchases
from health.churn.season import Season

# 36 months, in half-years.
LIFETIME_DAYS = 1098
DISCOUNT = 0.10
_STEP = 183


@dataclass(frozen=True)
class Values:
    """Per account, in the currency of the purchases: `year` if it stays for the next 12 months, `lifetime` expected."""

    year: Floats
    lifetime: Floats


def values_of(model: ChurnModel, history: Purchases, day: int, season: Season) -> Values:
    """The worth of each account of `history`, which is what was known before `day`."""
    x, recency, age = repeat_buying(history, day, season)
    ordered = x >= 0
    x = np.maximum(x, 0)
    worth = np.where(ordered, order_worth(model, history), 0.0)
    buying = model.buying.busy
    rate = (buying.r + x) / (buying.alpha + age)
    discounted, before = np.zeros(len(x)), np.zeros(len(x))
    for end in range(_STEP, LIFETIME_DAYS + 1, _STEP):
        expected = buying.expected(x, recency, age, float(end))
        # Where the series does not converge: no more than the rate of one who stays
        expected = np.minimum(np.where(np.isfinite(expected), expected, np.inf), rate * end)
        discounted += np.maximum(expected - before, 0.0) / (1 + DISCOUNT) ** ((end - _STEP / 2) / YEAR)
        before = expected
    return Values(rate * YEAR * worth, discounted * worth)


def order_worth(model: ChurnModel, history: Purchases) -> Floats:
    """What an order day of each account brings, returns taken off."""
    orders = history.orders
    count = orders.total()
    average = orders.total(orders.sales) / np.maximum(count, 1)
    mean = model.value.mean(count, average) if model.value else average
    sales, returns = history.total(history.sales), history.total(history.returns)
    kept: Floats = np.clip(1 - returns / np.maximum(sales, 1e-9), 0.0, 1.0) * mean
    return kept
