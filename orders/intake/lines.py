"""The shape of an order line on its way in."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple


class LineRow(NamedTuple):
    """One line. Decimals as the model has them; `amount` in the order's currency, negative on returns.

    `product_name` and `product_line` (a code) are used only when the product is new. Build it with
    `orders.services.line_row` unless the amount is known.
    """

    product_code: str
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal
    cost_amount: Decimal | None = None
    product_name: str = ""
    product_line: str = ""
