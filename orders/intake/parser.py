"""One row to one clean order line, or to the reason why not. Reasons are tested in the order people would name them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.money import CURRENCIES
from orders.intake.problems import Bad
from orders.intake.profile import Rules
from orders.intake.values import DateOrder, NumberStyle, parse_moment, parse_number, scaled, text_of

QUANTITY_DIGITS, PRICE_DIGITS, AMOUNT_DIGITS = 3, 4, 3
_SCALES = {
    "quantity": (QUANTITY_DIGITS, 13),
    "unit_price": (PRICE_DIGITS, 14),
    "amount": (AMOUNT_DIGITS, 15),
    "cost_amount": (AMOUNT_DIGITS, 15),
}
_LIMITS = {
    "external_id": 80,
    "account": 40,
    "product": 60,
    "product_name": 200,
    "product_line": 40,
    "account_name": 200,
    "country": 60,
}
_MEMO = 100_000
# Line: external_id, account, moment, product, product_name, product_line, currency, quantity, unit_price, amount,
# cost_amount, is_credit, account_name, country, delivered. Numbers are integers in units of 10^-digits, moments are in
# seconds.
Line = tuple[str, str, int, str, str, str, str, int, int, int, int | None, int, str, str, int | None]


@dataclass(frozen=True)
class Layout:
    """How the rows of one file are to be read: field -> position, number style, order of dates, default currency."""

    positions: Mapping[str, int]
    width: int
    numbers: NumberStyle | None
    dates: DateOrder | None
    currency: str


class RowParser:
    """Parses the rows of one file; remembers cells that it has seen, since files repeat themselves."""

    def __init__(self, layout: Layout, rules: Rules) -> None:
        self.layout = layout
        self.rules = rules
        self._at = layout.positions
        self._goods = re.compile(rules.goods).match if rules.goods else None
        self._lines = [(re.compile(rule.pattern, re.IGNORECASE).search, rule.code) for rule in rules.product_lines]
        self._texts = {name: self._text_reader(name) for name in _LIMITS}
        self._numbers = {name: self._number_reader(name) for name in _SCALES if name in self._at}
        self._moments: dict[Any, int] = {}
        self._product_lines: dict[str, str] = {}

    def parse(self, cells: Sequence[Any]) -> Line:
        """The line of a row. Raises Bad with a code of SKIPPED or of BAD."""
        cells = self._fit(cells)
        external_id = self.external_id(cells)
        account = self._who(external_id, cells)
        product = self._texts["product"](cells)
        if not product:
            raise Bad("missing_value", name="product")
        if self._goods and not self._goods(product):
            raise Bad("not_goods")
        is_credit = external_id.startswith(self.rules.credit_prefixes)
        currency = self._currency(cells)
        quantity, price, amount = self._money(cells, currency, is_credit=is_credit)
        moment = self._moment(cells[self._at["order_date"]])
        if moment is None:
            raise Bad("missing_value", name="order_date")
        name = self._texts["product_name"](cells)
        line = self._texts["product_line"](cells) or (self._line_of(name) if self._lines else "")
        cost = self._cost(cells, quantity)
        delivered = self._moment(cells[self._at["delivered_on"]]) if "delivered_on" in self._at else None
        more = self._texts["account_name"](cells), self._texts["country"](cells), delivered
        return (
            external_id, account, moment, product, name, line, currency,
            quantity, price, amount, cost, int(is_credit), *more,
        )  # fmt: skip

    def external_id(self, cells: Sequence[Any]) -> str:
        """The order number alone; a bad row takes its whole order with it. Raises Bad if it is too long or missing."""
        text = self._texts["external_id"](cells)
        if not text:
            raise Bad("missing_value", name="external_id")
        return text

    def _fit(self, cells: Sequence[Any]) -> Sequence[Any]:
        """As many cells as headings: what is missing at the end is empty, more than that is an error."""
        width = self.layout.width
        if len(cells) == width:
            return cells
        if len(cells) > width:
            if any(text_of(cell) for cell in cells[width:]):
                raise Bad("too_many_cells")
            return cells[:width]
        return [*cells, *[""] * (width - len(cells))]

    def _who(self, external_id: str, cells: Sequence[Any]) -> str:
        if external_id.startswith(self.rules.ignored_prefixes):
            raise Bad("adjustment")
        account = self._texts["account"](cells)
        if not account:
            if self.rules.without_account == "skip":
                raise Bad("no_customer")
            raise Bad("missing_value", name="account")
        return account

    def _text_reader(self, field: str) -> Callable[[Sequence[Any]], str]:
        """Reads one text column; nothing where the file has none."""
        position, limit = self._at.get(field), _LIMITS[field]
        if position is None:
            return _nothing

        def read(cells: Sequence[Any]) -> str:
            cell = cells[position]
            text: str = cell.strip() if type(cell) is str else text_of(cell)
            if len(text) > limit:
                raise Bad("too_long", name=field, limit=limit)
            if "\x00" in text:
                raise Bad("bad_text", name=field)
            return text

        return read

    def _money(self, cells: Sequence[Any], currency: str, *, is_credit: bool) -> tuple[int, int, int]:
        """Quantity, unit price and amount with the right signs, or why the row does not count."""
        quantity = self._numbers["quantity"](cells)
        price = self._numbers["unit_price"](cells) if "unit_price" in self._at else None
        amount = self._numbers["amount"](cells) if "amount" in self._at else None
        given = price if price is not None else amount
        if given is None or quantity is None:
            raise Bad("missing_value", name="quantity" if quantity is None else _price_field(self._at))
        if (given <= 0 if price is not None else given == 0) and self.rules.zero_price == "skip":
            raise Bad("zero_price")
        if quantity == 0:
            raise Bad("zero_quantity")
        if is_credit:
            quantity, amount = -abs(quantity), None if amount is None else -abs(amount)
        elif quantity < 0 and self.rules.negative_quantity == "skip":
            raise Bad("negative_quantity")
        return priced(quantity, price, amount, CURRENCIES[currency][1])

    def _cost(self, cells: Sequence[Any], quantity: int) -> int | None:
        """The cost with the sign of the quantity."""
        read = self._numbers.get("cost_amount")
        cost = read(cells) if read else None
        return None if cost is None else (abs(cost) if quantity > 0 else -abs(cost))

    def _moment(self, cell: Any) -> int | None:
        """The moment that a cell of dates names; None for an empty one."""
        try:
            return self._moments[cell]
        except KeyError:
            pass
        if cell is None or (type(cell) is str and not cell.strip()):
            return None
        if len(self._moments) > _MEMO:
            self._moments.clear()
        moment = self._moments[cell] = parse_moment(cell, self.layout.dates)
        return moment

    def _currency(self, cells: Sequence[Any]) -> str:
        position = self._at.get("currency")
        text = text_of(cells[position]).upper() if position is not None else ""
        if not text:
            text = self.layout.currency
        if text not in CURRENCIES:
            raise Bad("unknown_currency", currency=text[:20])
        return text

    def _line_of(self, name: str) -> str:
        """The product line by the profile's patterns."""
        known = self._product_lines.get(name)
        if known is None:
            if len(self._product_lines) > _MEMO:
                self._product_lines.clear()
            known = next((code for search, code in self._lines if search(name)), "")
            self._product_lines[name] = known
        return known

    def _number_reader(self, field: str) -> Callable[[Sequence[Any]], int | None]:
        """Reads one number column, scaled to an integer; None for an empty cell."""
        position, (digits, whole) = self._at[field], _SCALES[field]
        style = self.layout.numbers
        memo: dict[Any, int | None] = {}  # text of a cell -> its integer

        def read(cells: Sequence[Any]) -> int | None:
            cell = cells[position]
            found = memo.get(cell) if type(cell) is str else None
            if found is not None:
                return found
            if cell is None or cell == "" or (type(cell) is str and not cell.strip()):
                return None
            number = scaled(parse_number(cell, style, field), cell, digits, whole, field)
            if type(cell) is str:
                if len(memo) > _MEMO:
                    memo.clear()
                memo[cell] = number
            return number

        return read


def _nothing(_cells: Sequence[Any]) -> str:
    return ""


def priced(quantity: int, price: int | None, amount: int | None, digits: int) -> tuple[int, int, int]:
    """Quantity, unit price and amount, the missing one computed; amounts have `digits` decimals. Raises Bad.

    At least one of price and amount is given.
    """
    if price is None and amount is not None:
        minor = 10 ** (AMOUNT_DIGITS - digits)
        amount = _rounded(amount, minor) * minor
        price = _rounded(amount * 10 ** (QUANTITY_DIGITS + PRICE_DIGITS - AMOUNT_DIGITS), quantity)
        if price < 0:
            raise Bad("negative_price")
        if price >= 10 ** (14 + PRICE_DIGITS):
            raise Bad("number_too_large", value=str(price // 10**PRICE_DIGITS), name="unit_price")
        return quantity, price, amount
    if price is None or price < 0:
        raise Bad("negative_price")
    unit = 10 ** (QUANTITY_DIGITS + PRICE_DIGITS - digits)
    expected = _rounded(quantity * price, unit) * 10 ** (AMOUNT_DIGITS - digits)
    if abs(expected) >= 10 ** (15 + AMOUNT_DIGITS):
        raise Bad("number_too_large", value=str(expected // 10**AMOUNT_DIGITS), name="amount")
    if amount is not None and abs(amount - expected) > 10 ** (AMOUNT_DIGITS - digits):
        raise Bad("amount_mismatch", amount=amount / 1000, expected=expected / 1000)
    return quantity, price, expected


def _rounded(number: int, unit: int) -> int:
    """number / unit, rounded half away from zero."""
    if unit < 0:
        number, unit = -number, -unit
    half = (abs(number) * 2 + unit) // (unit * 2)
    return half if number >= 0 else -half


def _price_field(positions: Mapping[str, int]) -> str:
    return "unit_price" if "unit_price" in positions else "amount"
