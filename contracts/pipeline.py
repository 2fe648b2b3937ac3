"""The renewal pipeline: how many terms end in which month, and what is at risk with them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncMonth

from contracts.rates import DatedRates


class Amount(NamedTuple):
    """A number of renewals of one month and currency, and their value."""

    month: dt.date
    currency: str
    number: int
    value: Decimal


@dataclass
class Month:
    """The renewals of a month. `value` is in the reporting currency; `unpriced` of them had no rate."""

    first: dt.date | None
    count: int = 0
    value: Decimal = Decimal(0)
    unpriced: int = 0
    amounts: dict[str, Decimal] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """As the filter wants it: 2026-05."""
        return f"{self.first:%Y-%m}" if self.first else ""

    def add(self, amount: Amount, value: Decimal | None) -> None:
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


def months(amounts: Iterable[Amount], rates: DatedRates, today: dt.date) -> tuple[list[Month], Month]:
    """The months in their order, and all of them together; sums never mix currencies but in the reporting one, by the
    rates of today."""
    found: dict[dt.date, Month] = {}
    total = Month(None)
    for amount in sorted(amounts):
        value = rates.convert(amount.value, amount.currency, today)
        found.setdefault(amount.month, Month(amount.month)).add(amount, value)
        total.add(amount, value)
    return list(found.values()), total
