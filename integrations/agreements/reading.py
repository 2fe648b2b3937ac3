"""A file of contracts as sheets: an XLSX workbook, or CSV files together in a ZIP archive; and which sheet is what."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.utils.translation import gettext as _

from core.errors import DomainError
from integrations.agreements.sheets import HEADINGS, SHEETS, WORDS, SheetRow, read_cells, sheet_words
from integrations.errors import SheetMissing, SheetTwice, SheetUnreadable, TooManyRows
from orders.errors import EmptyFile, FileTooLarge, NotATable
from orders.intake.columns import normalise
from orders.intake.profile import Rules
from orders.intake.readers import Table, WorkbookTable, is_workbook, open_table, sheet_names

RULES = Rules()
MAX_ROWS = 200_000
MAX_FILES = 20
MAX_UNPACKED = 200 * 1024 * 1024  # bytes of CSV
GIVEN_BACK = set(map(normalise, WORDS["given_back"]))


@dataclass
class Layout:
    """What a table of the file is: which sheet, which heading is which field, which headings nobody reads."""

    sheet: str
    title: str
    header: list[str]
    columns: dict[str, str] = field(default_factory=dict)

    @property
    def unread(self) -> list[str]:
        """Headings that name no field."""
        return [text for text in self.header if text and text not in self.columns.values() and not _is_ours(text)]


@contextmanager
def open_tables(path: Path) -> Iterator[list[tuple[str, Table]]]:
    """(title, table) of every sheet or file that has rows. Raises UnreadableFile (and its kind)."""
    with TemporaryDirectory(prefix="import-", dir=path.parent) as scratch:
        tables: list[tuple[str, Table]] = []
        try:
            for title, opened in _open(path, Path(scratch)):
                tables.append((title, opened))
            if not tables:
                raise EmptyFile
            yield tables
        finally:
            for _title, opened in tables:
                opened.close()


def layouts(tables: Sequence[tuple[str, Table]]) -> dict[str, tuple[Layout, Table]]:
    """Sheet -> how it is read. Raises SheetMissing, SheetTwice."""
    found: dict[str, tuple[Layout, Table]] = {}
    for title, table in tables:
        sheet = _sheet_of(title, table.header)
        if sheet in found:
            raise SheetTwice(first=found[sheet][0].title, second=title, sheet=SHEETS[sheet].label)
        if sheet:
            found[sheet] = (Layout(sheet, title, table.header, HEADINGS[sheet].guess(table.header)), table)
    for name, sheet_spec in SHEETS.items():
        if name not in found and sheet_spec.is_needed:
            raise SheetMissing(sheet=sheet_spec.label, found=", ".join(title for title, _table in tables))
    return {name: found[name] for name in SHEETS if name in found}


def positions(layout: Layout) -> dict[str, int]:
    """Field -> position of its column. Raises SheetUnreadable."""
    try:
        return HEADINGS[layout.sheet].locate(layout.columns, layout.header)
    except DomainError as error:
        raise _in_sheet(layout, error) from error


def look(path: Path) -> tuple[list[Layout], list[str]]:
    """The sheets of a file, and the titles of what is not read. Raises what `layouts` and `positions` raise."""
    with open_tables(path) as tables:
        found = layouts(tables)
        for layout, _table in found.values():
            positions(layout)
        known = {layout.title for layout, _table in found.values()}
        return [layout for layout, _table in found.values()], [title for title, _t in tables if title not in known]


def read_rows(path: Path) -> Iterator[SheetRow]:
    """Every row of every sheet. Raises TooManyRows, and what `look` raises."""
    count = 0
    with open_tables(path) as tables:
        for layout, table in layouts(tables).values():
            at, width = positions(layout), len(layout.header)
            for number, cells in raw_rows(layout, table):
                count += 1
                if count > MAX_ROWS:
                    raise TooManyRows(limit=MAX_ROWS)
                yield read_cells(layout.sheet, number, cells, at, width)


def raw_rows(layout: Layout, table: Table) -> Iterator[tuple[int, Sequence[Any]]]:
    """(number, cells) of the rows of a sheet. Raises SheetUnreadable."""
    try:
        yield from table.rows()
    except DomainError as error:
        raise _in_sheet(layout, error) from error


def _in_sheet(layout: Layout, error: DomainError) -> SheetUnreadable:
    named = SheetUnreadable(sheet=layout.title, error=str(error))
    named.code = error.code
    return named


def _sheet_of(title: str, header: Sequence[str]) -> str:
    """Which sheet a table is: by its headings, where those fit several also by its title; "" where it is none."""
    fits = {}
    for name, headings in HEADINGS.items():
        guessed = headings.guess(header)
        if set(SHEETS[name].required) <= set(guessed):
            fits[name] = len(guessed)
    named = sheet_words().get(normalise(title), "")
    if named and (named in fits or not fits):
        return named
    return max(fits, key=lambda name: fits[name]) if fits else ""


def _is_ours(heading: str) -> bool:
    return normalise(heading) in GIVEN_BACK


def _open(path: Path, scratch: Path) -> Iterator[tuple[str, Table]]:
    with path.open("rb") as stream:
        is_archive = stream.read(4) == b"PK\x03\x04"
    if not is_archive:
        yield "CSV", open_table(path, RULES)
    elif is_workbook(path):
        for name in sheet_names(path):
            table = WorkbookTable(path, name)
            if table.header:
                yield name, table
            else:
                table.close()
    else:
        yield from _unpacked(path, scratch)


def _unpacked(path: Path, scratch: Path) -> Iterator[tuple[str, Table]]:
    """The files of an archive. They are unpacked under numbers: what they are called leads nowhere."""
    with zipfile.ZipFile(path) as archive:
        items = [item for item in archive.infolist() if not item.is_dir() and "__MACOSX" not in item.filename]
        if len(items) > MAX_FILES:
            raise NotATable(detail=_("The archive holds more than %(most)s files.") % {"most": MAX_FILES})
        if sum(item.file_size for item in items) > MAX_UNPACKED:
            raise FileTooLarge(limit="200 MB")
        for number, item in enumerate(items):
            target = scratch / str(number)
            try:
                target.write_bytes(archive.read(item))
            except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
                raise NotATable(detail=_("The compressed file is damaged.")) from error
            title = Path(item.filename).name
            try:
                yield Path(title).stem, open_table(target, RULES)
            except EmptyFile:
                continue
            except DomainError as error:
                raise _in_sheet(Layout("", title, []), error) from error
