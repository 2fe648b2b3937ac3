"""Amounts of a contract: its lines, its totals, rounded to the currency's minor unit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from core.money import minor_digits, round_amount

HUNDRED = Decimal(100)
LIMIT = Decimal(10) ** 15
"""No column holds an amount from here on."""


class Priced(Protocol):
    """What is read of a line."""

    quantity: Decimal
    unit_price: Decimal
    discount: Decimal


@dataclass(frozen=True)
class Totals:
    """Of a version: without discounts, with them, the tax on that, and both together."""

    list_amount: Decimal
    net_amount: Decimal
    tax_amount: Decimal
    gross_amount: Decimal


def fits_minor_unit(amount: Decimal, currency: str) -> bool:
    """Whether the amount has no more decimals than the currency's minor unit; zeros at the end do not count."""
    exponent = amount.normalize().as_tuple().exponent
    return isinstance(exponent, int) and -exponent <= minor_digits(currency)


def line_amount(line: Priced, currency: str) -> Decimal:
    """Quantity × unit price × (1 − discount), rounded once, at the end."""
    return round_amount(line.quantity * line.unit_price * (HUNDRED - line.discount) / HUNDRED, currency)


def list_amount(line: Priced, currency: str) -> Decimal:
    """Quantity × unit price, rounded."""
    return round_amount(line.quantity * line.unit_price, currency)


def totals(lines: Iterable[Priced], tax_rate: Decimal, currency: str) -> Totals:
    """The sums of the rounded lines, and the tax on the net sum, rounded once: invoices add up that way."""
    listed = net = Decimal(0)
    for line in lines:
        listed += list_amount(line, currency)
        net += line_amount(line, currency)
    tax = round_amount(net * tax_rate / HUNDRED, currency)
    return Totals(round_amount(listed, currency), round_amount(net, currency), tax, round_amount(net + tax, currency))
