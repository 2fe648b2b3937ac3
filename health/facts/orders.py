"""What an account bought and returned, day by day, in the reporting currency."""

from __future__ import annotations

from dataclasses import dataclass

from health.churn.purchases import Purchases
from health.churn.season import Season


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """One row per day, the oldest first; days are proleptic ordinals. A day without sold lines is one of returns only.

    `is_priced` is False where no rate converts some of it: the amounts say nothing then. `season` is the company's.
    """

    days: list[int]
    sales: list[float]
    returns: list[float]
    lines: list[float]
    is_priced: bool = True
    season: Season | None = None

    @property
    def order_days(self) -> list[int]:
        """The days on which something was sold."""
        return [day for day, lines in zip(self.days, self.lines, strict=True) if lines]

    def net(self, start: int, end: int) -> float:
        """Sales less returns from day `start` to before `end`."""
        return self.sold(start, end) - self.returned(start, end)

    def busy(self, start: int, end: int) -> float:
        """How long the time from `start` to before `end` is in days that are as busy as the company's mean."""
        return float(self.season.between(start, end)) if self.season else float(end - start)

    def sold(self, start: int, end: int) -> float:
        return sum(amount for day, amount in zip(self.days, self.sales, strict=True) if start <= day < end)

    def returned(self, start: int, end: int) -> float:
        return sum(amount for day, amount in zip(self.days, self.returns, strict=True) if start <= day < end)


def order_facts(purchases: Purchases, unpriced: frozenset[int], season: Season | None = None) -> dict[int, OrderFacts]:
    """The facts of each account that has rows."""
    starts = purchases.account.searchsorted(range(len(purchases.ids) + 1)).tolist()
    columns = [column.tolist() for column in (purchases.day, purchases.sales, purchases.returns, purchases.lines)]
    found = {}
    for place, account in enumerate(purchases.ids.tolist()):
        rows = slice(starts[place], starts[place + 1])
        if rows.start < rows.stop:
            days, sales, returns, lines = (column[rows] for column in columns)
            found[account] = OrderFacts(days, sales, returns, lines, account not in unpriced, season)
    return found
