"""Tables that leave the house as files: XLSX and CSV, row by row, in constant memory.

The rule of what a cell may hold is here and nowhere else. No text is taken for a formula; numbers, dates and amounts
stay what they are; what a workbook cannot hold is taken out or cut, and the cut is seen.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import IO, Any, Protocol, TextIO

import xlsxwriter
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE = "text/csv; charset=utf-8"
MARK = "\ufeff"
"""Begins a CSV, so that Excel reads it as UTF-8."""
SHEET_ROWS = 1_048_576
"""That a sheet holds, its heading included."""
CELL_LENGTH = 32_767
CUT = "…"
SHEET_NAME_LENGTH = 31
DIGITS = 15
"""That a number in a workbook keeps; longer ones are text, to the last digit."""

Cells = Sequence[Any]

_STARTERS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-]?[\d.,\s]*\d%?")
_NO_CELL_HOLDS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\'\x00-\x1f]")
_FIRST_DAY = dt.date(1900, 3, 1)  # before it, Excel counts a day that never was


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"
    TENTH = "tenth"
    MONEY = "money"
    SHARE = "share"
    DATE = "date"
    TIME = "time"


_LOOKS = {
    Kind.WHOLE: "#,##0",
    Kind.TENTH: "0.0",
    Kind.MONEY: "#,##0.00",
    Kind.SHARE: "0.0%",
    Kind.DATE: "yyyy-mm-dd",
    Kind.TIME: "yyyy-mm-dd hh:mm",
}
_WIDTHS = {
    Kind.TEXT: 18, Kind.WHOLE: 12, Kind.NUMBER: 14, Kind.TENTH: 10, Kind.MONEY: 16, Kind.SHARE: 10, Kind.DATE: 12,
    Kind.TIME: 17,
}  # fmt: skip
WIDEST = 60


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, what it holds, its width in characters (0: by kind and heading)."""

    heading: str | Promise
    kind: Kind = Kind.TEXT
    width: int = 0


class Table(Protocol):
    """A table being written."""

    def row(self, cells: Cells) -> None:
        """Add a row."""


# What a cell may hold


def begins_formula(text: str) -> bool:
    """Whether a spreadsheet would take the text for a formula; a number with its sign is none."""
    if text[:1].isalnum():  # nearly all
        return False
    start = text.lstrip(" \u00a0\u3000\n")
    return start.startswith(_STARTERS) and not _NUMBER.fullmatch(text)


def csv_safe(text: str) -> str:
    """The text as no spreadsheet takes it for a formula: what looks like one gets an apostrophe in front."""
    return "'" + text if begins_formula(text) else text


def csv_cell(value: Any) -> Any:
    """A value as it stands in a CSV: numbers with all their digits, days as 2026-03-31, times in the reader's zone."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return yes_no(value)
    if isinstance(value, int):
        return value
    if isinstance(value, float | Decimal):
        return _plain(value) if math.isfinite(value) else ""
    if isinstance(value, dt.datetime):
        return _local(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, dt.date):
        return value.isoformat()
    return csv_safe(_NO_CELL_HOLDS.sub("", str(value)))


def xlsx_text(value: Any) -> str:
    """The text as a cell of a workbook holds it: without what it refuses; too long ones are cut, with a mark."""
    text = str(value)
    if not text.isprintable():
        text = _NO_CELL_HOLDS.sub("", text)
    return text if len(text) <= CELL_LENGTH else text[: CELL_LENGTH - len(CUT)] + CUT


def yes_no(value: bool) -> str:  # noqa: FBT001  the value of a cell
    """Yes or no, in the active language."""
    return _("Yes") if value else _("No")


def _plain(value: int | float | Decimal) -> Any:
    return f"{value:f}" if isinstance(value, Decimal) else value


def _local(moment: dt.datetime) -> dt.datetime:
    """Without its zone, in the active one: a sheet knows none."""
    return timezone.make_naive(moment) if timezone.is_aware(moment) else moment


# CSV


class CsvTable:
    """A table as CSV in UTF-8. `out` is text that keeps line ends (`newline=""`)."""

    def __init__(self, out: TextIO, headings: Iterable[Any] = ()) -> None:
        self._writer = csv.writer(out)
        out.write(MARK)
        if headings := list(headings):
            self.row(headings)

    def row(self, cells: Cells) -> None:
        """Add a row."""
        self._writer.writerow([csv_cell(cell) for cell in cells])


def csv_lines(rows: Iterable[Cells]) -> Iterator[bytes]:
    """The rows as lines of a CSV, to be streamed."""
    out = io.StringIO(newline="")
    table = CsvTable(out)
    for row in rows:
        table.row(row)
        yield _taken(out)
    if left := _taken(out):
        yield left


def csv_bytes(rows: Iterable[Cells]) -> bytes:
    """A small CSV as a whole."""
    return b"".join(csv_lines(rows))


def _taken(out: io.StringIO) -> bytes:
    data = out.getvalue().encode()
    out.seek(0)
    out.truncate()
    return data


# XLSX


def new_book(target: Path | IO[bytes], **options: Any) -> Any:
    """A workbook in which a text stays a text, written row by row. Templates, which nobody fills, may be
    `in_memory`."""
    safe = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    how = {} if options.get("in_memory") else {"constant_memory": True}
    return xlsxwriter.Workbook(str(target) if isinstance(target, Path) else target, {**safe, **how, **options})


def sheet_name(title: str, taken: Iterable[str] = ()) -> str:
    """The title as the name of a sheet: no sign that Excel refuses, not too long, not `taken`."""
    name = " ".join(_NOT_IN_NAMES.sub(" ", xlsx_text(title)).split())[:SHEET_NAME_LENGTH].strip() or _("Rows")
    if name.casefold() == "history":  # Excel keeps it for itself
        name += "_"
    known, found, number = {one.casefold() for one in taken}, name, 1
    while found.casefold() in known:
        number += 1
        suffix = f" ({number})"
        found = name[: SHEET_NAME_LENGTH - len(suffix)] + suffix
    return found


class Styles:
    """The looks of a book's cells."""

    def __init__(self, book: Any) -> None:
        head = {"bold": True, "border": 1, "border_color": "#B8C7D9", "text_wrap": True, "valign": "top"}
        self.head = book.add_format({**head, "bg_color": "#E6F0FA"})
        self.needed = book.add_format({**head, "bg_color": "#FFE8B3"})
        self.text = book.add_format({"num_format": "@"})
        self.wrap = book.add_format({"text_wrap": True, "valign": "top"})
        self.quoted = book.add_format({"quote_prefix": True})
        self.by_kind = {
            kind: book.add_format({"num_format": look, "align": "left"} if kind in (Kind.DATE, Kind.TIME) else
                                  {"num_format": look})
            for kind, look in _LOOKS.items()
        }  # fmt: skip


def width_of(heading: str, least: int = 12) -> int:
    """Of a column whose heading is to be read: a Chinese character takes two places."""
    return min(WIDEST, max(least, len(heading.encode("gb18030", "replace")) + 3))


class XlsxTable:
    """A table in a book, its heading in view; what is more than a sheet holds goes on in the next one."""

    def __init__(
        self, book: Any, styles: Styles, title: str, columns: Sequence[Column], *, filtered: bool = True,
        sheet_rows: int = SHEET_ROWS,
    ) -> None:  # fmt: skip
        self._book, self._styles, self._title, self._columns = book, styles, title, list(columns)
        self._filtered, self._sheet_rows = filtered, sheet_rows
        self._looks = [styles.by_kind.get(column.kind) for column in self._columns]
        self._begin()

    def row(self, cells: Cells) -> None:
        """Add a row."""
        if self._next == self._sheet_rows:
            self.finish()
            self._begin()
        for place, value in enumerate(cells):
            if value is not None and value != "":
                _WRITERS.get(type(value), _write_other)(self, place, value)
        self._next += 1

    def finish(self) -> None:
        """Put filters into the heading. To be called after the last row."""
        if self._filtered and self._next > 1:
            self._sheet.autofilter(0, 0, self._next - 1, max(0, len(self._columns) - 1))

    def _begin(self) -> None:
        taken = [sheet.get_name() for sheet in self._book.worksheets()]
        self._sheet, self._next = self._book.add_worksheet(sheet_name(self._title, taken)), 1
        self._sheet.freeze_panes(1, 0)
        for place, column in enumerate(self._columns):
            heading = xlsx_text(column.heading)
            self._sheet.set_column(place, place, column.width or width_of(heading, _WIDTHS[column.kind]))
            self._sheet.write_string(0, place, heading, self._styles.head)

    def _text(self, place: int, value: Any) -> None:
        text = xlsx_text(value)
        look = self._styles.quoted if begins_formula(text) else None
        self._sheet.write_string(self._next, place, text, look)

    def _number(self, place: int, value: int | float | Decimal) -> None:
        if not math.isfinite(value):
            return
        if isinstance(value, Decimal | int) and _digits(value) > DIGITS:
            self._text(place, _plain(value))
        else:
            self._sheet.write_number(self._next, place, value, self._looks[place])

    def _day(self, place: int, value: dt.date) -> None:
        if value < _FIRST_DAY:
            self._text(place, value.isoformat())
        else:
            self._sheet.write_datetime(self._next, place, value, self._styles.by_kind[Kind.DATE])

    def _moment(self, place: int, value: dt.datetime) -> None:
        local = _local(value)
        if local.date() < _FIRST_DAY:
            self._text(place, local.isoformat(sep=" ", timespec="minutes"))
        else:
            self._sheet.write_datetime(self._next, place, local, self._styles.by_kind[Kind.TIME])

    def _truth(self, place: int, value: bool) -> None:  # noqa: FBT001  the value of a cell
        self._text(place, yes_no(value))


def _digits(value: int | Decimal) -> int:
    """Digits that count: 1200.00 has two, 0.001 one."""
    return len(Decimal(value).normalize().as_tuple().digits) if abs(value) >= 10**DIGITS or value % 1 else 1


_WRITERS: dict[type, Callable[[XlsxTable, int, Any], None]] = {
    str: XlsxTable._text,
    int: XlsxTable._number,
    float: XlsxTable._number,
    Decimal: XlsxTable._number,
    bool: XlsxTable._truth,
    dt.date: XlsxTable._day,
    dt.datetime: XlsxTable._moment,
}


def _write_other(table: XlsxTable, place: int, value: Any) -> None:
    """A subclass of one of these (an enumeration, a safe string), or anything else by its text."""
    for kind in (bool, int, float, Decimal, dt.datetime, dt.date):
        if isinstance(value, kind):
            _WRITERS[kind](table, place, value)
            return
    table._text(place, value)


@contextmanager
def writing(path: Path, form: str, title: str, columns: Sequence[Column]) -> Iterator[Table]:
    """A table of one sheet (more, if one does not hold it) in a file: `form` is `xlsx` or `csv`."""
    if form == "csv":
        with path.open("w", encoding="utf-8", newline="") as out:
            yield CsvTable(out, [column.heading for column in columns])
        return
    book = new_book(path, tmpdir=str(path.parent))
    try:
        table = XlsxTable(book, Styles(book), title, columns)
        yield table
        table.finish()
    finally:
        book.close()
