"""Exchange rates."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.conf import settings
from django.db import transaction

from audit.services import record
from core.models import ExchangeRate
from core.money import CURRENCIES
from orders.errors import BadRate, RateForbidden, ReportingCurrencyRate, UnknownCurrency
from orders.models import MonthlyRevenue
from orders.services.facts import refresh_summaries, reprice_facts
from orders.services.lock import lock_orders
from users.models import User


@transaction.atomic
def set_exchange_rate(
    currency: str, valid_from: dt.date, rate: Decimal, *, actor: User | None, today: dt.date
) -> ExchangeRate:
    """Units of the reporting currency for one unit of `currency` from a day on; facts and summaries follow.

    Raises RateForbidden, UnknownCurrency, ReportingCurrencyRate, BadRate.
    """
    if actor is not None and not actor.sees_everything:
        raise RateForbidden
    if currency not in CURRENCIES:
        raise UnknownCurrency(field="currency", currency=currency)
    if currency == settings.REPORTING_CURRENCY:
        raise ReportingCurrencyRate(field="currency", currency=currency)
    if not rate.is_finite() or rate <= 0:
        raise BadRate(field="rate")
    lock_orders()
    row = ExchangeRate.objects.select_for_update().filter(currency=currency, valid_from=valid_from).first()
    before = row.rate if row else None
    if row and row.rate == rate:
        return row
    row = row or ExchangeRate(currency=currency, valid_from=valid_from)
    row.rate = rate
    row.full_clean()
    row.save()
    changes = {"rate": (before, rate), "currency": (currency, currency), "valid_from": (valid_from, valid_from)}
    record("exchange_rate.updated" if before else "exchange_rate.set", row, actor=actor, changes=changes)
    reprice_facts(currency, valid_from)
    touched = MonthlyRevenue.objects.filter(currency=currency, month__gte=valid_from.replace(day=1))
    refresh_summaries(today, list(touched.order_by().values_list("account_id", flat=True).distinct()))
    return row
