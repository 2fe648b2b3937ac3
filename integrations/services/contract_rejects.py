"""The rows of a file of contracts that were not imported, as a workbook to mend and to upload again."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from core.sheets import Styles, new_book, sheet_name, xlsx_text
from integrations.agreements.reading import Layout, layouts, open_tables, raw_rows
from integrations.models import ContractImportJob, ContractImportRow, RowResult
from integrations.services import jobs
from orders.intake.readers import Table
from orders.intake.values import text_of

WIDTH, WIDE = 18, 60


def keep_rejects(job: ContractImportJob) -> None:
    """Put the workbook of bad contracts beside the job (not saved); takes away an older one."""
    bad = ContractImportRow.objects.filter(job=job, result=RowResult.BAD).order_by("pk")
    if not bad.exists():
        jobs.keep_rejects(job, None, "")
        return
    folder = Path(settings.MEDIA_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="import-", dir=folder) as scratch:
        path = Path(scratch) / "rejects.xlsx"
        reasons: dict[tuple[str, int], list[dict[str, Any]]] = {}
        for row in bad.iterator(2000):
            reasons[row.sheet, row.row] = row.messages
        with open_tables(Path(job.file.path)) as tables, new_book(path) as book:
            styles = Styles(book)
            for layout, table in layouts(tables).values():
                _write(book, styles, layout, table, reasons)
        jobs.keep_rejects(job, path, ".xlsx")


def _write(
    book: Any, styles: Styles, layout: Layout, table: Table, reasons: dict[tuple[str, int], list[dict[str, Any]]]
) -> None:
    """One sheet: its own columns, then the reasons. Everything is text, so that nothing is taken for a formula."""
    sheet = book.add_worksheet(sheet_name(layout.title, [one.get_name() for one in book.worksheets()]))
    width = len(layout.header)
    sheet.set_column(0, width, WIDTH, styles.text)
    sheet.set_column(width, width, WIDE, styles.text)
    for column, heading in enumerate([*layout.header, _("Reason"), _("Reason code")]):
        sheet.write_string(0, column, heading, styles.head)
    for at, (cells, found) in enumerate(_bad_rows(layout, table, reasons), 1):
        shown = [text_of(cell) for cell in cells[:width]]
        shown += [""] * (width - len(shown))
        shown += [" ".join(one["text"] for one in found), " ".join(dict.fromkeys(one["code"] for one in found))]
        for column, value in enumerate(shown):
            sheet.write_string(at, column, xlsx_text(value), styles.text)


def _bad_rows(
    layout: Layout, table: Table, reasons: dict[tuple[str, int], list[dict[str, Any]]]
) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    for number, cells in raw_rows(layout, table):
        found = reasons.get((layout.sheet, number))
        if found is not None:
            yield cells, found
