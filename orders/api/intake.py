"""Orders as the bulk call brings them: read by hand, because a thousand orders through serializers take seconds."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from core.money import CURRENCIES
from orders.errors import RowProblem
from orders.services import LineRow, OrderRow, line_row

MAX_ORDERS = 1000
NUMBER = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,12})?")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
TOO_LARGE = 10**18
ORDER_FIELDS = frozenset({"external_id", "account", "order_date", "currency", "kind", "delivered_on", "lines"})
LINE_FIELDS = frozenset({"product", "quantity", "unit_price", "amount", "cost_amount", "product_name", "product_line"})


class UnknownField(DomainError):
    code = "unknown_field"
    message = _("There is no field “%(name)s”.")


class NotAnObject(DomainError):
    code = "not_an_object"
    message = _("An object is expected here.")


class WrongType(DomainError):
    code = "wrong_type"
    message = _("Text is expected here.")


def parse_order(data: Any) -> OrderRow:
    """One order of the call. Raises DomainError with the path of the field (`lines.2.quantity`)."""
    _check_object(data, ORDER_FIELDS, "")
    lines = data.get("lines") or []
    if not isinstance(lines, list):
        raise WrongType(_("A list is expected here."), field="lines")
    currency = _text(data, "currency").upper()
    return OrderRow(
        external_id=_text(data, "external_id"),
        account_code=_text(data, "account"),
        order_date=_date(data, "order_date"),
        currency=currency,
        lines=[_line(line, f"lines.{number}.", currency) for number, line in enumerate(lines)],
        kind=_text(data, "kind", required=False),
        delivered_on=_date(data, "delivered_on") if data.get("delivered_on") else None,
    )


def _line(data: Any, path: str, currency: str) -> LineRow:
    _check_object(data, LINE_FIELDS, path)
    quantity, price = _number(data, "quantity", path), _number(data, "unit_price", path)
    try:
        row = line_row(
            _text(data, "product", path),
            quantity,
            price,
            currency,
            cost_amount=None if data.get("cost_amount") is None else _number(data, "cost_amount", path),
            product_name=_text(data, "product_name", path, required=False, limit=200),
            product_line=_text(data, "product_line", path, required=False, limit=40),
        )
    except InvalidOperation:
        raise RowProblem("number_too_large", field=f"{path}amount", value=quantity * price, name="amount") from None
    if data.get("amount") is not None:
        amount = _number(data, "amount", path)
        if amount != row.amount and currency in CURRENCIES:
            raise RowProblem("amount_mismatch", field=f"{path}amount", amount=amount, expected=row.amount)
    return row


def _check_object(data: Any, known: frozenset[str], path: str) -> None:
    if not isinstance(data, Mapping):
        raise NotAnObject(field=path.rstrip("."))
    for name in data:
        if name not in known:
            raise UnknownField(field=f"{path}{name}"[:200], name=name[:80])


def _text(data: Mapping[str, Any], name: str, path: str = "", *, required: bool = True, limit: int = 250) -> str:
    value = data.get(name)
    if value is None:
        value = ""
    if not isinstance(value, str):
        raise WrongType(field=path + name)
    value = value.strip()
    if required and not value:
        raise RowProblem("missing_value", field=path + name, name=name)
    if len(value) > limit:
        raise RowProblem("too_long", field=path + name, name=name, limit=limit)
    return value


def _number(data: Mapping[str, Any], name: str, path: str) -> Decimal:
    """A decimal, best sent as text: JSON's own numbers lose digits from the 16th on."""
    value = data.get(name)
    if value is None or value == "":
        raise RowProblem("missing_value", field=path + name, name=name)
    text = value.strip() if isinstance(value, str) else _plain(value)
    if not NUMBER.fullmatch(text):
        raise RowProblem("bad_number", field=path + name, value=text[:40], name=name)
    return Decimal(text)


def _plain(value: Any) -> str:
    """A JSON number without an exponent; other things as they are, to be refused with their name."""
    if isinstance(value, float) or (type(value) is int and abs(value) < TOO_LARGE):
        return format(Decimal(repr(value)), "f")
    return type(value).__name__


def _date(data: Mapping[str, Any], name: str) -> dt.date:
    text = _text(data, name)
    try:
        if DATE.fullmatch(text):
            return dt.date.fromisoformat(text)
    except ValueError:
        raise RowProblem("no_such_day", field=name, value=text) from None
    raise RowProblem("bad_date", field=name, value=text[:40])
