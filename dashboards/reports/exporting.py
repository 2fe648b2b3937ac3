"""A report as a file: a table or rows as XLSX and CSV, both as PDF."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core import sheets
from core.reporting import Column, Kind, ReportObject
from core.sheets import Kind as Cells
from dashboards.reports import showing
from dashboards.reports.compiling import Computed, computed
from dashboards.reports.definition import Definition
from dashboards.reports.errors import ReportTooLarge
from dashboards.reports.pdf import PdfPage, render
from dashboards.reports.running import Listing
from dashboards.reports.tables import Row, Table

MOST_PDF_LINES = 3000
TOLD_EVERY = 1000
_OF_KIND = {Kind.NUMBER: Cells.NUMBER, Kind.MONEY: Cells.MONEY, Kind.DATE: Cells.DATE}
Tell = Callable[[int], None]


def write(
    path: Path, form: str, page: PdfPage, result: Table | Listing, definition: Definition, one: ReportObject, tell: Tell
) -> int:
    """Write the file; returns how many rows are in it. Raises ReportTooLarge."""
    if form == "pdf":
        return _write_pdf(path, page, result, definition, one)
    columns = _table_columns(result, definition, one) if isinstance(result, Table) else _row_columns(result, one)
    lines = _table_lines(result, definition, one) if isinstance(result, Table) else _row_lines(result)
    count = 0
    with sheets.writing(path, form, page.title, columns) as out:
        for count, line in enumerate(lines, start=1):
            out.row(line)
            if count % TOLD_EVERY == 0:
                tell(count)
    return count


def _table_columns(table: Table, definition: Definition, one: ReportObject) -> list[sheets.Column]:
    heads = [sheets.Column(showing.label_of(one, group.column)) for group in definition.groups]
    spans = [*(key.text for key in table.crosses), pgettext("sum of a row", "All")] if definition.cross else [""]
    measures = [computed(measure, one) for measure in definition.measures]
    for span in spans:
        for measure in measures:
            label = showing.measure_label(measure.measure, one)
            heads.append(sheets.Column(f"{span} – {label}" if span else label, _kind_of(measure)))
    return heads


def _kind_of(measure: Computed) -> Cells:
    if showing.is_per_cent(measure):
        return Cells.SHARE
    if showing.is_money(measure):
        return Cells.MONEY
    if measure.column is not None and measure.column.kind == Kind.DATE:
        return Cells.DATE
    return Cells.NUMBER


def _table_lines(table: Table, definition: Definition, one: ReportObject) -> Iterator[list[Any]]:
    """As on the page: subtotals before what they add up, the total last."""
    depth = len(definition.groups)
    for row in [*table.rows, *([table.total] if table.total else [])]:
        yield [*_keys(row, depth), *(value for cell in row.cells for value in cell)]


def _keys(row: Row, depth: int) -> list[str]:
    words = [key.text for key in row.keys]
    if not depth:
        return []
    if not words:
        return [_("Total"), *[""] * (depth - 1)]
    return words if len(words) == depth else [*words, _("All")]


def _row_columns(listing: Listing, one: ReportObject) -> list[sheets.Column]:
    return [
        sheets.Column(showing.label_of(one, column.key), _OF_KIND.get(column.kind, Cells.TEXT))
        for column in listing.columns
    ]


def _row_lines(listing: Listing) -> Iterator[list[Any]]:
    for _key, values in listing.rows:
        yield [raw(column, value) for column, value in zip(listing.columns, values, strict=True)]


def raw(column: Column, value: Any) -> Any:
    """A value for a file: relations by their name, choices in words, the rest as it is."""
    if column.kind == Kind.RELATION:
        return value[1]
    if column.kind == Kind.DATE and column.moment and value is not None:
        return value
    if column.kind in (Kind.CHOICE, Kind.YESNO) and value is not None and value != "":
        return showing.words(column, value)
    return value


def _write_pdf(path: Path, page: PdfPage, result: Table | Listing, definition: Definition, one: ReportObject) -> int:
    if isinstance(result, Table):
        grid = showing.grid(result, definition, one)
        heads = [*((head, False) for head in grid.groups), *_spanned(grid)]
        lines = [_pdf_line(line, len(grid.groups)) for line in [*grid.lines, *([grid.total] if grid.total else [])]]
    else:
        heads = [(showing.label_of(one, c.key), showing.is_number(c)) for c in result.columns]
        if result.count > MOST_PDF_LINES:
            raise ReportTooLarge(limit=MOST_PDF_LINES)
        lines = [(_texts(result.columns, values), False) for _key, values in result.rows]
    if len(lines) > MOST_PDF_LINES:
        raise ReportTooLarge(limit=MOST_PDF_LINES)
    path.write_bytes(render(page, heads, lines))
    return len(lines)


def _spanned(grid: showing.Grid) -> list[tuple[str, bool]]:
    if not grid.spans:
        return [(head, True) for head in grid.heads]
    return [
        (grid.spans[place // grid.across] if grid.across == 1 else f"{grid.spans[place // grid.across]} – {head}", True)
        for place, head in enumerate(grid.heads)
    ]


def _pdf_line(line: showing.Line, depth: int) -> tuple[list[str], bool]:
    keys = list(line.keys[-1:]) if line.level else list(line.keys)
    if line.level:
        keys = ["", *keys]
    if not line.keys and depth:
        keys = [_("Total")]
    keys += [""] * (depth - len(keys))
    return [*keys, *(cell.text for cell in line.cells)], line.is_sum


def _texts(columns: Iterable[Column], values: Iterable[Any]) -> list[str]:
    found = [showing.cell(column, value).text for column, value in zip(columns, values, strict=True)]
    return [text if text != "–" else "" for text in found]
