"""The operators of a filter, and which values they take. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.reporting import Column, Kind
from dashboards.reports.periods import PERIODS

ME = "me"
"""In a filter by people: whoever reads the report."""
_EMPTY = ("empty", "not_empty")
OPERATORS: dict[Kind, tuple[str, ...]] = {
    Kind.TEXT: ("contains", "is", "starts", *_EMPTY),
    Kind.NUMBER: ("between", "is", *_EMPTY),
    Kind.MONEY: ("between", "is", *_EMPTY),
    Kind.DATE: ("period", "between", "older", "not_since", *_EMPTY),
    Kind.CHOICE: ("in", "not_in", *_EMPTY),
    Kind.YESNO: ("is",),
    Kind.RELATION: ("in", "not_in", *_EMPTY),
}
OPERATOR_LABELS = {
    "contains": gettext_lazy("contains"),
    "is": gettext_lazy("is"),
    "starts": gettext_lazy("starts with"),
    "between": gettext_lazy("from … to …"),
    "period": gettext_lazy("in the period"),
    "older": gettext_lazy("more than … days ago"),
    "not_since": gettext_lazy("not in the last … days, or never"),
    "in": gettext_lazy("is one of"),
    "not_in": gettext_lazy("is none of"),
    "empty": gettext_lazy("is empty"),
    "not_empty": gettext_lazy("is not empty"),
}
LONGEST_TEXT, LONGEST_LIST, MOST_DAYS, LARGEST_KEY = 200, 200, 36500, 2**63 - 1
LARGEST = Decimal(10) ** 15


def value_problem(column: Column, op: str, value: Any) -> str:
    """What is wrong with the value of a filter, in words; nothing where it fits."""
    if op in _EMPTY:
        return "" if value in (None, "") else _("This operator takes no value.")
    check = _CHECKS.get(op) or _of_kind(column)
    return check(column, value)


def _of_kind(column: Column) -> Callable[[Column, Any], str]:
    return {Kind.YESNO: _yes_or_no, Kind.NUMBER: _one_number, Kind.MONEY: _one_number}.get(column.kind, _text)


def _text(_column: Column, value: Any) -> str:
    fits = isinstance(value, str) and 0 < len(value) <= LONGEST_TEXT and "\x00" not in value
    return "" if fits and _is_writable(value) else _("Give a text of up to 200 characters.")


def _is_writable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _yes_or_no(_column: Column, value: Any) -> str:
    return "" if isinstance(value, bool) else _("Give yes or no.")


def _one_number(_column: Column, value: Any) -> str:
    return "" if number(value) is not None else _("Give a number.")


def _days(_column: Column, value: Any) -> str:
    fits = type(value) is int and 0 <= value <= MOST_DAYS
    return "" if fits else _("Give a number of days up to %(most)s.") % {"most": MOST_DAYS}


def _period(_column: Column, value: Any) -> str:
    return "" if isinstance(value, str) and value in PERIODS else _("There is no such period.")


def _between(column: Column, value: Any) -> str:
    read = date if column.kind == Kind.DATE else number
    if not isinstance(value, list) or len(value) != 2:
        return _("Give a first and a last value.")
    if any(end not in (None, "") and read(end) is None for end in value):
        return _("This is no value of the field.")
    return "" if any(end not in (None, "") for end in value) else _("Give a first or a last value.")


def _list(column: Column, value: Any) -> str:
    if not isinstance(value, list) or not 0 < len(value) <= LONGEST_LIST:
        return _("Choose up to 200 values.")
    if column.kind == Kind.CHOICE:
        known = {str(code) for code, _label in column.choices}
        fits = all(isinstance(one, str | int) and (str(one) in known or one == "") for one in value)
    else:
        people = column.url == "users:user_detail"
        fits = all((type(one) is int and 0 < one <= LARGEST_KEY) or (people and one == ME) for one in value)
    return "" if fits else _("This is no value of the field.")


_CHECKS: dict[str, Callable[[Column, Any], str]] = {
    "contains": _text,
    "starts": _text,
    "between": _between,
    "period": _period,
    "older": _days,
    "not_since": _days,
    "in": _list,
    "not_in": _list,
}


def number(value: Any) -> Decimal | None:
    """The number that a JSON value or a text stands for; None where it is none, or too large."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < LARGEST else None


def date(value: Any) -> dt.date | None:
    """The date that an ISO text stands for; None where it is none."""
    if not isinstance(value, str):
        return None
    try:
        found = dt.date.fromisoformat(value)
    except ValueError:
        return None
    return found if dt.date(1900, 1, 1) <= found <= dt.date(2200, 12, 31) else None
