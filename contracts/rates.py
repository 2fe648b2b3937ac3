"""Dated exchange rates: many amounts of many days converted after one statement."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable
from decimal import Decimal

from django.conf import settings

from core.models import ExchangeRate
from core.money import round_amount


class DatedRates:
    """Units of the reporting currency for one unit of a currency, by the day from which each rate is valid."""

    def __init__(self, rates: Iterable[tuple[str, dt.date, Decimal]], reporting: str) -> None:
        self.reporting = reporting
        self._days: dict[str, list[dt.date]] = defaultdict(list)
        self._rates: dict[str, list[Decimal]] = defaultdict(list)
        for currency, valid_from, rate in sorted(rates):
            self._days[currency].append(valid_from)
            self._rates[currency].append(rate)

    def rate(self, currency: str, day: dt.date) -> Decimal | None:
        """The rate that is valid on a day; None where there is none yet."""
        if currency == self.reporting:
            return Decimal(1)
        at = bisect_right(self._days.get(currency, ()), day)
        return self._rates[currency][at - 1] if at else None

    def convert(self, amount: Decimal, currency: str, day: dt.date) -> Decimal | None:
        """The amount in the reporting currency, rounded to its minor unit; one in that currency as it is."""
        if currency == self.reporting:
            return amount
        rate = self.rate(currency, day)
        return None if rate is None else round_amount(amount * rate, self.reporting)

    def cross(self, amount: Decimal, currency: str, target: str, day: dt.date) -> Decimal | None:
        """The amount in another currency, by way of the reporting one, rounded once."""
        if currency == target:
            return amount
        rate, to = self.rate(currency, day), self.rate(target, day)
        return None if rate is None or to is None else round_amount(amount * rate / to, target)


def dated_rates(currencies: Collection[str] | None = None) -> DatedRates:
    """All rates, or those of some currencies; one statement."""
    rates = ExchangeRate.objects.order_by()
    if currencies is not None:
        rates = rates.filter(currency__in=set(currencies) - {settings.REPORTING_CURRENCY})
    return DatedRates(rates.values_list("currency", "valid_from", "rate"), settings.REPORTING_CURRENCY)
