"""What became of the accounts: the targets that the model learns, by snapshot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from health.churn.purchases import YEAR, Bools, Floats, Purchases


@dataclass(frozen=True)
class Labels:
    """Per account: no order in the horizon, spend below half of the seasonal expectation, and the numbers behind."""

    silent: Bools
    fallen: Bools
    spent: Floats
    expected: Floats


def expected_spend(history: Purchases, day: int, horizon: int) -> Floats:
    """What each account would spend in the `horizon` days from `day` if it went on as in the last 365 days.

    Sales of the last 365 days at the pace of the time that they were made in, times the company's season: the share of
    the same days a year earlier in the company's sales of that year. Without a full year the season is 1.
    """
    recent = history.between(day - YEAR, day)
    spent = recent.total(recent.sales)
    first = np.full(len(history), day, dtype=np.int64)
    np.minimum.at(first, history.orders.account, history.orders.day)
    known = np.clip(day - first, 1, YEAR)
    return spent * horizon / np.maximum(known, horizon) * season_of_sales(history, day, horizon)


def season_of_sales(history: Purchases, day: int, horizon: int) -> float:
    """The company's sales in the same days of the year before, against its mean pace over that year."""
    year = history.between(day - YEAR, day)
    if not len(history.day) or history.day.min() > day - YEAR + 7 or not year.sales.sum():
        return 1.0
    same = year.sales[year.day < day - YEAR + horizon].sum()
    return float(same / (year.sales.sum() * min(horizon, YEAR) / YEAR))


def labels_at(purchases: Purchases, day: int, horizon: int) -> Labels:
    """The outcome of each account in the `horizon` days from `day`; the caller sees to it that they are over."""
    after = purchases.between(day, day + horizon)
    orders = after.orders
    spent = after.total(after.sales)
    expected = expected_spend(purchases.before(day), day, horizon)
    return Labels(orders.total() == 0, spent < expected / 2, spent, expected)
