"""Cells to values: numbers and dates in the ways people write them; what can be read in two ways is refused."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from orders.errors import MixedNumbers
from orders.intake.problems import Bad

NumberStyle = Literal["point", "comma"]
DateOrder = Literal["ymd", "dmy", "mdy"]
MAX_TEXT = 60

_SPACES = r" '’"  # thousands separators of either style; other spaces become this one
_READINGS: dict[str, re.Pattern[str]] = {
    "point": re.compile(rf"(\d+|[1-9]\d{{0,2}}(?:[,{_SPACES}]\d{{3}})+)?(?:\.(\d*))?"),
    "comma": re.compile(rf"(\d+|[1-9]\d{{0,2}}(?:[.{_SPACES}]\d{{3}})+)?(?:,(\d*))?"),
}
_NOT_DIGITS = re.compile(r"\D")
_SYMBOLS = "¥￥$£€₩฿₫₹"
FIRST_YEAR, LAST_YEAR = 1970, 2100

_TIME = r"(?:[T ]+(\d{1,2})[:：](\d{2})(?:[:：](\d{2}))?(?:[.,]\d+)?\s*(AM|PM|am|pm)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_YEAR_FIRST = re.compile(rf"(\d{{4}})\s*[-/.年]\s*(\d{{1,2}})\s*[-/.月]\s*(\d{{1,2}})\s*日?{_TIME}")
_COMPACT = re.compile(rf"(\d{{4}})(\d{{2}})(\d{{2}}){_TIME}")
_YEAR_LAST = re.compile(rf"(\d{{1,2}})[-/.](\d{{1,2}})[-/.](\d{{4}}){_TIME}")


def text_of(cell: Any) -> str:
    """A cell as text: what a spreadsheet shows, without formats (13078.0 is 13078)."""
    if isinstance(cell, str):
        return cell.strip()
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return format(Decimal(repr(cell)).normalize(), "f") if cell == cell and abs(cell) != float("inf") else str(cell)
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    return str(cell)


def readings(text: str) -> dict[str, Decimal]:
    """Every way to read `text` as a number: `point` for 1,234.56, `comma` for 1.234,56; both for 1234."""
    sign, body = _unsigned(text)
    found = {}
    for style, pattern in _READINGS.items():
        match = pattern.fullmatch(body)
        if match and (match[1] or match[2]):
            whole = _NOT_DIGITS.sub("", match[1] or "0")
            try:
                found[style] = sign * Decimal(f"{whole}.{match[2] or '0'}")
            except InvalidOperation:
                continue
    return found


def parse_number(cell: Any, style: NumberStyle | None, name: str) -> Decimal:
    """The number in a cell. Raises Bad: bad_number, or ambiguous_number where `style` is not known and matters."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        number = Decimal(repr(cell))
        if not number.is_finite():
            raise Bad("bad_number", value=str(cell), name=name)
        return number
    text = text_of(cell)
    found = readings(text)
    if style and style in found:
        return found[style]
    values = set(found.values())
    if style or not values:
        raise Bad("bad_number", value=text[:MAX_TEXT], name=name)
    if len(values) > 1:
        raise Bad("ambiguous_number", value=text[:MAX_TEXT], name=name)
    return values.pop()


def scaled(number: Decimal, cell: Any, digits: int, whole: int, name: str) -> int:
    """The number in units of 10^-digits. Raises Bad: number_too_large from 10^whole on, too_precise.

    Spreadsheets compute in binary: what such a cell has beyond 12 significant digits is noise and is rounded away.
    """
    if abs(number) >= 10**whole:
        raise Bad("number_too_large", value=text_of(cell)[:MAX_TEXT], name=name)
    exact = number.scaleb(digits)
    result = int(exact.to_integral_value("ROUND_HALF_UP"))
    noise = abs(exact - result)
    if noise and not (isinstance(cell, float) and noise <= abs(exact) / 10**12):
        raise Bad("too_precise", value=text_of(cell)[:MAX_TEXT], name=name, limit=digits)
    return result


def number_style(cells: Iterable[tuple[int, Any]]) -> NumberStyle | None:
    """The style of a file from (row, cell) of its number columns; None where nothing decides. Raises MixedNumbers."""
    seen: dict[str, tuple[int, str]] = {}
    for row, cell in cells:
        if isinstance(cell, str) and ("," in cell or "." in cell):
            found = readings(cell.strip())
            if len(found) == 1:
                seen.setdefault(next(iter(found)), (row, cell.strip()[:MAX_TEXT]))
                if len(seen) == 2:
                    break
    if len(seen) == 2:
        (point_row, point), (comma_row, comma) = seen["point"], seen["comma"]
        raise MixedNumbers(point=point, point_row=point_row, comma=comma, comma_row=comma_row)
    return next(iter(seen), None)  # type: ignore[arg-type]  # the keys are the styles


def parse_moment(cell: Any, order: DateOrder | None) -> int:
    """Seconds since 0001-01-01 of a business date and time, as written (no time zone). Raises Bad.

    `order` says how 03/04/2011 is meant; unknown, only what can be read in one way is taken.
    """
    if isinstance(cell, dt.datetime):
        return _seconds(cell.year, cell.month, cell.day, cell.hour * 3600 + cell.minute * 60 + cell.second, str(cell))
    if isinstance(cell, dt.date):
        return _seconds(cell.year, cell.month, cell.day, 0, str(cell))
    text = text_of(cell)
    if match := _YEAR_FIRST.fullmatch(text) or _COMPACT.fullmatch(text):
        year, month, day = int(match[1]), int(match[2]), int(match[3])
    elif match := _YEAR_LAST.fullmatch(text):
        year, (month, day) = int(match[3]), _month_day(int(match[1]), int(match[2]), order, text)
    else:
        raise Bad("bad_date", value=text[:MAX_TEXT])
    return _seconds(year, month, day, _time_of_day(match, text), text)


def date_order(cells: Iterable[Any]) -> DateOrder | None:
    """How a file writes 03/04/2011, from the dates that can be read in one way only; None where they disagree."""
    seen: set[DateOrder] = set()
    for cell in cells:
        match = isinstance(cell, str) and _YEAR_LAST.fullmatch(cell.strip())
        if match:
            first, second = int(match[1]), int(match[2])
            if first > 12 >= second:
                seen.add("dmy")
            elif second > 12 >= first:
                seen.add("mdy")
    return seen.pop() if len(seen) == 1 else None


def _month_day(first: int, second: int, order: DateOrder | None, text: str) -> tuple[int, int]:
    if order is None or order == "ymd":
        if first > 12 or first == second:
            return second, first
        if second > 12:
            return first, second
        raise Bad("ambiguous_date", value=text[:MAX_TEXT])
    return (second, first) if order == "dmy" else (first, second)


def _time_of_day(match: re.Match[str], text: str) -> int:
    if match[4] is None:
        return 0
    hour, minute, second = int(match[4]), int(match[5]), int(match[6] or 0)
    if match[7]:
        hour = hour % 12 + (12 if match[7].lower() == "pm" else 0)
    if hour > 23 or minute > 59 or second > 59:
        raise Bad("bad_date", value=text[:MAX_TEXT])
    return hour * 3600 + minute * 60 + second


def _seconds(year: int, month: int, day: int, time: int, text: str) -> int:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Bad("no_such_day", value=text[:MAX_TEXT])
    try:
        return dt.date(year, month, day).toordinal() * 86400 + time
    except ValueError:
        raise Bad("no_such_day", value=text[:MAX_TEXT]) from None


def _unsigned(text: str) -> tuple[int, str]:
    """Sign and the rest: -12, 12-, (12), ¥12, full-width digits."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).replace("−", "-").replace("\u202f", " ")
    text = text.strip()
    sign = 1
    if text.startswith("(") and text.endswith(")"):
        sign, text = -1, text[1:-1]
    text = text.strip(_SYMBOLS + " ")
    if text[:1] in ("-", "+"):
        sign, text = (-sign if text[0] == "-" else sign), text[1:]
    elif text.endswith("-"):
        sign, text = -sign, text[:-1]
    return sign, text.strip(_SYMBOLS + " ")
