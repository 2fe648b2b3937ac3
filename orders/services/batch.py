"""One order as it comes in from a file or the API, and what makes it acceptable in itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from core.money import CURRENCIES, round_amount
from orders.errors import RowProblem
from orders.intake.lines import LineRow
from orders.intake.values import FIRST_YEAR, LAST_YEAR
from orders.models import OrderKind

MAX_LINES = 10_000
_LIMITS = {"quantity": (13, 3), "unit_price": (14, 4), "amount": (15, 3), "cost_amount": (15, 3)}
_NUL = "\x00"


@dataclass(slots=True)
class OrderRow:
    """One order. `kind` may be left out: a negative total is a return. `total_amount` is the sum of the lines. Without
    `delivered_on` the day that is stored stays."""

    external_id: str
    account_code: str
    order_date: dt.date
    currency: str
    lines: Sequence[LineRow]
    kind: str = ""
    delivered_on: dt.date | None = None

    total_amount: Decimal = field(init=False)

    def __post_init__(self) -> None:
        self.total_amount = sum([line.amount for line in self.lines], Decimal(0))
        if not self.kind:
            self.kind = OrderKind.RETURN if self.total_amount < 0 else OrderKind.SALE


def line_row(
    product_code: str,
    quantity: Decimal,
    unit_price: Decimal,
    currency: str,
    *,
    cost_amount: Decimal | None = None,
    product_name: str = "",
    product_line: str = "",
) -> LineRow:
    """A line whose amount is quantity × unit price, rounded to the currency's minor unit."""
    amount = round_amount(quantity * unit_price, currency) if currency in CURRENCIES else Decimal(0)
    return LineRow(product_code, quantity, unit_price, amount, cost_amount, product_name, product_line)


def check_order(row: OrderRow) -> None:
    """Raises RowProblem unless the order is right in itself; whether its account exists is not asked here."""
    _check_text("external_id", row.external_id, 80)
    _check_date(row.order_date, "order_date")
    if row.delivered_on is not None:
        _check_date(row.delivered_on, "delivered_on")
    if row.currency not in CURRENCIES:
        raise RowProblem("unknown_currency", field="currency", currency=row.currency)
    if not row.lines:
        raise RowProblem("no_lines", field="lines")
    if len(row.lines) > MAX_LINES:
        raise RowProblem("too_many_lines", field="lines", limit=MAX_LINES)
    for number, line in enumerate(row.lines):
        _check_line(line, f"lines.{number}.")
    _check_number("amount", row.total_amount, "total_amount")
    if row.kind not in OrderKind.values:
        raise RowProblem("unknown_kind", field="kind", value=row.kind)
    if (row.total_amount < 0) != (row.kind == OrderKind.RETURN) and row.total_amount:
        raise RowProblem("kind_mismatch", field="kind")


def _check_line(line: LineRow, path: str) -> None:
    _check_text("product", line.product_code, 60, path)
    for name in ("quantity", "unit_price", "amount", "cost_amount"):
        value = getattr(line, name)
        if value is not None:
            _check_number(name, value, path + name)
    if line.unit_price < 0:
        raise RowProblem("negative_price", field=f"{path}unit_price")


def _check_text(name: str, value: str, limit: int, path: str = "") -> None:
    if not value.strip():
        raise RowProblem("missing_value", field=path + name, name=name)
    if len(value) > limit:
        raise RowProblem("too_long", field=path + name, name=name, limit=limit)
    if _NUL in value:
        raise RowProblem("bad_text", field=path + name, name=name)


def _check_date(day: dt.date, name: str) -> None:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise RowProblem("no_such_day", field=name, value=day.isoformat())


def _check_number(name: str, value: Decimal, path: str) -> None:
    """Refuse what the column cannot hold exactly."""
    whole, decimals = _LIMITS[name]
    if not value.is_finite():
        raise RowProblem("bad_number", field=path, value=value, name=name)
    if abs(value) >= 10**whole:
        raise RowProblem("number_too_large", field=path, value=value, name=name)
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -decimals and value != round(value, decimals):
        raise RowProblem("too_precise", field=path, value=value, name=name, limit=decimals)
