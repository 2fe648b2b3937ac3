"""The renewal pipeline: how many terms end in which month, and what is at risk with them.

Renewals that are open, and beside them the contracts that end within a year and whose renewal is not opened yet.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncMonth

from contracts.rates import DatedRates
from contracts.terms import ONE_DAY, add_months

HORIZON = 12
"""So many months, this one included, of contracts whose renewal is not opened yet."""


class Amount(NamedTuple):
    """A number of renewals of one month and currency, and their value."""

    month: dt.date
    currency: str
    number: int
    value: Decimal


@dataclass
class Month:
    """The renewals of a month. `value` is in the reporting currency; `unpriced` of them had no rate; `waiting_…` is the
    same of those that are not opened yet, `amounts` has both by currency."""

    first: dt.date | None
    count: int = 0
    value: Decimal = Decimal(0)
    unpriced: int = 0
    waiting_count: int = 0
    waiting_value: Decimal = Decimal(0)
    amounts: dict[str, Decimal] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """As the filter wants it: 2026-05."""
        return f"{self.first:%Y-%m}" if self.first else ""

    @property
    def at_risk(self) -> Decimal:
        """The value of both."""
        return self.value + self.waiting_value

    def add_waiting(self, amount: Amount, value: Decimal | None) -> None:
        """Of those that are not opened yet."""
        self.waiting_count += amount.number
        self.amounts[amount.currency] = self.amounts.get(amount.currency, Decimal(0)) + amount.value
        if value is None:
            self.unpriced += amount.number
        else:
            self.waiting_value += value

    def add(self, amount: Amount, value: Decimal | None) -> None:
        """Of those that are open."""
        self.count += amount.number
        self.amounts[amount.currency] = self.amounts.get(amount.currency, Decimal(0)) + amount.value
        if value is None:
            self.unpriced += amount.number
        else:
            self.value += value


def amounts_by_month(renewals: QuerySet[Any]) -> list[Amount]:
    """The renewals by month of the term's end and currency; one statement."""
    rows = renewals.order_by().annotate(month=TruncMonth("term_end")).values("month", "value_currency")
    counted = rows.annotate(number=Count("pk"), value=Sum("value_amount"))
    return [Amount(*row) for row in counted.values_list("month", "value_currency", "number", "value")]


def waiting_by_month(contracts: QuerySet[Any]) -> list[Amount]:
    """Contracts by month of the term's end and currency; one statement."""
    rows = contracts.order_by().annotate(month=TruncMonth("end_date")).values("month", "currency")
    counted = rows.annotate(number=Count("pk"), value=Sum("net_amount"))
    return [Amount(*row) for row in counted.values_list("month", "currency", "number", "value")]


def horizon(today: dt.date) -> dt.date:
    """The last day of the last month that is looked at."""
    return add_months(today.replace(day=1), HORIZON) - ONE_DAY


def months(
    amounts: Iterable[Amount], rates: DatedRates, today: dt.date, waiting: Iterable[Amount] = ()
) -> tuple[list[Month], Month]:
    """The months in their order, and all of them together; sums never mix currencies but in the reporting one, by the
    rates of today."""
    found: dict[dt.date, Month] = {}
    total = Month(None)
    for amount in sorted(amounts):
        value = rates.convert(amount.value, amount.currency, today)
        found.setdefault(amount.month, Month(amount.month)).add(amount, value)
        total.add(amount, value)
    for amount in sorted(waiting):
        value = rates.convert(amount.value, amount.currency, today)
        found.setdefault(amount.month, Month(amount.month)).add_waiting(amount, value)
        total.add_waiting(amount, value)
    return [found[month] for month in sorted(found)], total
