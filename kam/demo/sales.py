"""Two years of orders: seasonal, a few accounts with most of the revenue, some growing, declining or gone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple

from core.money import minor_digits, round_amount
from kam.demo.catalogue import Item
from kam.demo.customers import Course, Customer
from kam.demo.words import SEASONS
from orders.models import OrderKind

SOURCE = "erp"
MONTHS = 24
DAYS = 730
YEARLY = 48_000.0  # CNY a year of the smallest account
# The mean of size**0.4 for the sizes that `customers` draws (Pareto, exponent 0.92, cut off).
MEAN_PULL = 1.74
RETURNED = 0.03
# Makes up for prospects, which order nothing, and for days on which nobody was there.
SPARE = 1.125

ORDER_COLUMNS = [
    "id", "account", "source", "external_id", "order_date", "kind", "currency", "total_amount", "created_at",
    "updated_at",
]  # fmt: skip
LINE_COLUMNS = ["order", "position", "product", "quantity", "unit_price", "amount", "cost_amount"]


class Line(NamedTuple):
    item: Item
    quantity: int
    price: Decimal
    amount: Decimal
    cost: Decimal | None


class Sales:
    """Makes the orders of one customer after another; `per_account` is their average number."""

    def __init__(
        self,
        items: list[list[Item]],
        rates: dict[str, Decimal],
        *,
        today: dt.date,
        now: dt.datetime,
        per_account: float,
        first_pk: int,
    ) -> None:
        self.items, self.rates, self.today, self.now = items, rates, today, now
        self.per_account, self.next_pk = per_account, first_pk
        self.start = today - dt.timedelta(days=DAYS - 1)

    def orders(self, customer: Customer) -> Iterator[tuple[tuple[Any, ...], list[tuple[Any, ...]]]]:
        """Order rows (ORDER_COLUMNS) of the customer, each with its line rows (LINE_COLUMNS)."""
        if customer.course is Course.PROSPECT:
            return
        rng = Random(customer.rng.random())  # noqa: S311  a demo, no secret
        lines = rng.sample(self.items, rng.randint(2, 5))
        pull = customer.size**0.4
        expected = self.per_account * SPARE * pull / MEAN_PULL
        count = max(1, round(expected * rng.uniform(0.75, 1.25)))
        value = customer.size * YEARLY * 2 / count
        for day in self._days(customer, count, rng):
            yield self._order(customer, day, lines, value * rng.lognormvariate(-0.08, 0.4), rng)

    def _days(self, customer: Customer, count: int, rng: Random) -> list[dt.date]:
        """The days of `count` orders; fewer where the account was not there yet or is gone."""
        season, course = SEASONS[customer.season], customer.course
        days = []
        for _order in range(count):
            for _attempt in range(6):
                offset = rng.randrange(DAYS)
                day = self.start + dt.timedelta(days=offset)
                keep = season[day.month - 1] * _trend(course, offset / DAYS, customer.turn)
                if keep > rng.random() * 1.9 and day.weekday() < (5 if rng.random() < 0.93 else 7):
                    days.append(day)
                    break
        if not days:
            offset = DAYS - customer.turn * 30 + (10 if course is Course.NEW else -40)
            days.append(self.start + dt.timedelta(days=offset))
        return sorted(days)

    def _order(
        self, customer: Customer, day: dt.date, lines: list[list[Item]], value: float, rng: Random
    ) -> tuple[tuple[Any, ...], list[tuple[Any, ...]]]:
        returned = rng.random() < RETURNED
        chosen = rng.sample(lines, min(len(lines), 1 if returned else rng.choice((1, 2, 2, 3))))
        share = value / len(chosen) * (0.3 if returned else 1)
        made = [self._line(rng.choice(line), share, customer.currency, -1 if returned else 1, rng) for line in chosen]
        pk = self.next_pk
        self.next_pk += 1
        number = f"{'RT' if returned else 'SO'}{day:%y%m%d}-{pk:08d}"
        kind = OrderKind.RETURN if returned else OrderKind.SALE
        total = sum((line.amount for line in made), Decimal(0))
        order = (pk, customer.pk, SOURCE, number, day, kind.value, customer.currency, total, self.now, self.now)
        rows = [
            (pk, position, line.item.pk, line.quantity, line.price, line.amount, line.cost)
            for position, line in enumerate(made, start=1)
        ]
        return order, rows

    def _line(self, item: Item, value: float, currency: str, sign: int, rng: Random) -> Line:
        rate = self.rates[currency]
        digits = minor_digits(currency)
        price = round(Decimal(item.price * rng.uniform(0.86, 1.02)) / rate, digits) or Decimal(1)
        quantity = max(1, round(value / item.price)) * sign
        amount = round_amount(price * quantity, currency)
        cost = round_amount(amount * item.cost_share, currency) if rng.random() < 0.9 else None
        return Line(item, quantity, price, amount, cost)


def _trend(course: Course, when: float, turn: int) -> float:
    """How lively an account is at `when` (0: two years ago, 1: today), about 1 on average."""
    change = 1 - turn / MONTHS
    match course:
        case Course.GROWING:
            return 0.5 + 1.0 * when
        case Course.DECLINING:
            return 1.5 - 1.2 * when
        case Course.GONE:
            return 1.2 if when < change else 0.0
        case Course.NEW:
            return 1.4 if when > change else 0.0
    return 1.0
