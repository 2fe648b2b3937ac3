"""Amounts of a contract: its lines, its totals, rounded to the currency's minor unit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Protocol

from core.money import minor_digits, round_amount

HUNDRED = Decimal(100)
EXACT = 60
"""Digits that hold the product of the longest quantity, price and discount exactly, so that only the end is rounded."""
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
    with localcontext(prec=EXACT):
        return round_amount(line.quantity * line.unit_price * (HUNDRED - line.discount) / HUNDRED, currency)


def list_amount(line: Priced, currency: str) -> Decimal:
    """Quantity × unit price, rounded."""
    with localcontext(prec=EXACT):
        return round_amount(line.quantity * line.unit_price, currency)


def totals(lines: Iterable[Priced], tax_rate: Decimal, currency: str) -> Totals:
    """The sums of the rounded lines, and the tax on the net sum, rounded once: invoices add up that way."""
    with localcontext(prec=EXACT):
        listed = net = round_amount(Decimal(0), currency)
        for line in lines:
            listed += list_amount(line, currency)
            net += line_amount(line, currency)
        tax = round_amount(net * tax_rate / HUNDRED, currency)
        return Totals(listed, net, tax, net + tax)
