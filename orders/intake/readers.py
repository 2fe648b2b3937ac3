"""Files as rows of cells, streamed: CSV, CSV.gz and XLSX. Row 1 is the heading, as spreadsheets count."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import python_calamine
from django.utils.translation import gettext as _

from orders.errors import BrokenRow, EmptyFile, FileTooLarge, NotATable
from orders.intake.encoding import detect_encoding
from orders.intake.profile import Rules
from orders.intake.values import text_of

Row = tuple[int, Sequence[Any]]

MAX_ROW = 1 << 20  # characters
MAX_WORKBOOK = 1 << 30  # bytes unpacked; a workbook is held in memory, CSV is not
_DELIMITERS = ",;\t|"
_QUOTED = re.compile(r'"[^"]*"')
_GZIP, _ZIP, _OLE, _PDF = b"\x1f\x8b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF"


class Table(ABC):
    """An open file: `header` (headings, stripped), `rows()` once, `progress` from 0 to 1. Use it in `with`."""

    header: list[str]

    @abstractmethod
    def rows(self) -> Iterator[Row]:
        """(row number, cells) of every row that is not blank. Raises BrokenRow, NotATable."""

    @property
    @abstractmethod
    def progress(self) -> float:
        """How much of the file has been read, from 0 to 1."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the file."""

    def __enter__(self) -> Table:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def open_table(path: Path, rules: Rules) -> Table:
    """The file as a table. Raises EmptyFile, NotATable, WrongEncoding, FileTooLarge, BrokenRow."""
    with path.open("rb") as stream:
        magic = stream.read(4)
    if not magic:
        raise EmptyFile
    if magic.startswith(_ZIP):
        return WorkbookTable(path)
    if magic.startswith(_OLE):
        raise NotATable(detail=_("It is in the old Excel format; save it as .xlsx or .csv."))
    if magic.startswith(_PDF):
        raise NotATable(detail=_("It is a PDF document."))
    return TextTable(path, rules, packed=magic.startswith(_GZIP))


class TextTable(Table):
    """CSV, plain or gzipped."""

    def __init__(self, path: Path, rules: Rules, *, packed: bool) -> None:
        self._size = path.stat().st_size
        self._raw: BinaryIO = path.open("rb")
        try:
            stream: Any = gzip.GzipFile(fileobj=self._raw) if packed else self._raw
            encoding = detect_encoding(stream, rules.encoding)
            stream.seek(0)
            self._text = io.TextIOWrapper(io.BufferedReader(stream, 1 << 18), encoding=encoding, newline="")
            self._begin(rules)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            self._raw.close()
            raise NotATable(detail=_("The compressed file is damaged.")) from error
        except BaseException:
            self._raw.close()
            raise

    def _begin(self, rules: Rules) -> None:
        self._number = 0
        first = self._first_line()
        delimiter = rules.delimiter
        if match := re.fullmatch(r"sep=(.)\s*", first, re.IGNORECASE):
            delimiter, first = match[1], self._first_line()
        if delimiter == "auto":
            delimiter = _delimiter_of(first)
        lines = self._lines(first)
        self._reader = csv.reader(lines, delimiter=delimiter)
        try:
            self.header = [heading.strip() for heading in next(self._reader)]
        except csv.Error as error:
            raise BrokenRow(row=1, detail=str(error)) from error
        while self.header and not self.header[-1]:
            self.header.pop()

    def _first_line(self) -> str:
        for line in self._lines():
            self._number += 1
            if line.strip():
                return line
        raise EmptyFile

    def _lines(self, first: str | None = None) -> Iterator[str]:
        """Lines, of bounded length: a file without line ends must not fill the memory."""
        if first is not None:
            yield first
        while line := self._text.readline(MAX_ROW):
            if len(line) >= MAX_ROW:
                raise NotATable(detail=_("A line is longer than a million characters."))
            yield line

    def rows(self) -> Iterator[Row]:
        number = self._number
        try:
            for number, cells in enumerate(self._reader, self._number + 1):
                if cells:
                    yield number, cells
        except csv.Error as error:
            raise BrokenRow(row=number + 1, detail=str(error)) from error
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise NotATable(detail=_("The compressed file is damaged.")) from error

    @property
    def progress(self) -> float:
        return min(self._raw.tell() / self._size, 1.0)

    def close(self) -> None:
        self._text.close()
        self._raw.close()


class WorkbookTable(Table):
    """A sheet of an XLSX workbook, else the first that has rows. Cells are text, numbers, dates as in the sheet."""

    def __init__(self, path: Path, sheet: str | None = None) -> None:
        _check_workbook(path)
        try:
            self._book = python_calamine.CalamineWorkbook.from_path(path)
            self._sheet = self._first_sheet() if sheet is None else self._book.get_sheet_by_name(sheet)
        except (python_calamine.CalamineError, OSError, ValueError) as error:
            raise NotATable(detail=_("The workbook cannot be opened (%(error)s).") % {"error": error}) from error
        self._iterator = iter(self._sheet.iter_rows())
        self._offset = (self._sheet.start or (0, 0))[0] + 1
        self._done = 0
        self.header = []
        for cells in self._iterator:
            self._done += 1
            self.header = [text_of(cell) for cell in cells]
            if any(self.header):
                break
        while self.header and not self.header[-1]:
            self.header.pop()

    def _first_sheet(self) -> Any:
        for name in self._book.sheet_names:
            sheet = self._book.get_sheet_by_name(name)
            if sheet.height:
                return sheet
        raise EmptyFile

    def rows(self) -> Iterator[Row]:
        for cells in self._iterator:
            number = self._offset + self._done
            self._done += 1
            if any(cell != "" for cell in cells):
                yield number, cells

    @property
    def progress(self) -> float:
        return self._done / max(self._sheet.height, 1)

    def close(self) -> None:
        self._book.close()


def sheet_names(path: Path) -> list[str]:
    """The sheets of a workbook. Raises NotATable, FileTooLarge."""
    _check_workbook(path)
    try:
        book = python_calamine.CalamineWorkbook.from_path(path)
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise NotATable(detail=_("The workbook cannot be opened (%(error)s).") % {"error": error}) from error
    with book:
        return list(book.sheet_names)


def is_workbook(path: Path) -> bool:
    """Whether it is an XLSX file rather than another archive. Raises NotATable where the archive is damaged."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.startswith("xl/") for name in archive.namelist())
    except zipfile.BadZipFile as error:
        raise NotATable(detail=_("The workbook is damaged.")) from error


def sample(path: Path, rules: Rules, size: int) -> tuple[list[str], list[Row]]:
    """The headings and the first `size` rows. Raises what open_table raises."""
    with open_table(path, rules) as table:
        return table.header, list(islice(table.rows(), size))


def _delimiter_of(line: str) -> str:
    """The character that separates the headings."""
    if line.lstrip()[:1] in ("<", "{", "["):
        raise NotATable(detail=_("It looks like HTML, XML or JSON."))
    bare = _QUOTED.sub("", line)
    best = max(_DELIMITERS, key=bare.count)
    if not bare.count(best):
        raise NotATable(detail=_("The first line has no comma, semicolon, tab or bar between headings."))
    return best


def _check_workbook(path: Path) -> None:
    """Refuse what is not a workbook, and one that would unpack to more than memory should hold."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = {item.filename for item in archive.infolist()}
            unpacked = sum(item.file_size for item in archive.infolist())
    except zipfile.BadZipFile as error:
        raise NotATable(detail=_("The workbook is damaged.")) from error
    if not any(name.startswith("xl/") for name in names):
        raise NotATable(detail=_("It is a ZIP archive, not a workbook."))
    if unpacked > MAX_WORKBOOK:
        raise FileTooLarge(limit="1 GB")
