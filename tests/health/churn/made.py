"""Made-up purchase histories."""

import datetime as dt

import numpy as np

from health.churn.purchases import Purchases, purchases_from

START = dt.date(2022, 1, 1).toordinal()


def company(accounts=300, days=720, seed=0, leaving=0.02, gap=25.0):
    """Accounts that order at a pace of their own, and leave for good with this chance after each order."""
    rng = np.random.default_rng(seed)
    rows = []
    for account in range(1, accounts + 1):
        pace = rng.gamma(3.0, gap / 3.0) + 3
        day = rng.integers(0, days // 2)
        while day < days:
            amount = float(rng.gamma(4.0, 50.0))
            back = amount / 3 if rng.random() < 0.05 else 0.0
            rows.append((account, START + int(day), amount, back, int(rng.integers(1, 9)), int(rng.integers(1, 255))))
            if rng.random() < leaving:
                break
            day += max(1.0, rng.exponential(pace))
    return with_products(purchases_from(rows), seed)


def with_products(purchases, seed=0):
    """Up to five products on every order day, mostly from a range of the account's own."""
    rng = np.random.default_rng([seed, 7])
    orders = purchases.orders
    row = np.repeat(np.arange(len(orders.day)), rng.integers(1, 6, len(orders.day)))
    product = (orders.account[row] * 3 + rng.geometric(0.2, len(row))) % 90
    return purchases.with_items(orders.ids[orders.account[row]], orders.day[row], product)


def poisoned(purchases: Purchases, day: int) -> Purchases:
    """The same past, and a future from `day` on that has nothing to do with it."""
    rng = np.random.default_rng(1)
    past = purchases.before(day)
    future = [
        (int(account), day + int(ahead), 1e6, 1e5, 99, 1)
        for account in purchases.ids
        for ahead in rng.integers(0, 300, 5)
    ]
    kept = zip(
        past.ids[past.account].tolist(), past.day.tolist(), past.sales.tolist(), past.returns.tolist(),
        past.lines.tolist(), past.mask.tolist(), strict=True,
    )  # fmt: skip
    dirty = purchases_from([*kept, *future], purchases.ids.tolist())
    known = past.ids[past.account[past.item_row]], past.day[past.item_row], past.item
    sold = np.tile(np.arange(3), len(future))
    coming = np.repeat(np.array([row[:2] for row in future]), 3, axis=0)
    return dirty.with_items(*(np.concatenate(pair) for pair in zip(known, (*coming.T, sold), strict=True)))
