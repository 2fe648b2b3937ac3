"""A filled document as PDF: its paragraphs and tables in order, laid out plainly, with the fonts embedded.

So one template serves both formats. Pictures and text boxes of a template are only in the DOCX.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.table import Table

from core.pdf import LINE, SOFT, Sheet, font_for

LEFT, RIGHT, TOP, BOTTOM = 18.0, 192.0, 18.0, 278.0
SIZES = {"Title": 17.0, "Heading 1": 12.0, "Heading 2": 11.0, "Heading 3": 10.5}
TEXT, CELL = 10.0, 8.5  # points
LEADING = 0.55  # millimetres of a line for each point
PAD = 1.2
MOST = 10_000  # lines of one paragraph or cell


@dataclass
class Cell:
    """One cell of a row as it will be drawn."""

    lines: list[str]
    x: float
    width: float
    bold: bool
    right: bool


def render(content: bytes, *, language: str, title: str) -> bytes:
    """The PDF of a filled DOCX; `title` stands in its properties and at the foot of each page."""
    page = Flow(Sheet(font_for(language)), title)
    for block in Document(io.BytesIO(content)).iter_inner_content():
        if isinstance(block, Table):
            page.table(block)
        else:
            page.paragraph(block)
    return page.finish()


class Flow:
    """Writes from the top down and goes on on the next page."""

    def __init__(self, sheet: Sheet, title: str) -> None:
        self.sheet, self.title, self.y = sheet, title, BOTTOM
        sheet.set_title(sheet.writable(title))

    def finish(self) -> bytes:
        if not self.sheet.page:
            self._next_page()
        return bytes(self.sheet.output())

    def paragraph(self, paragraph: Any) -> None:
        name = paragraph.style.name if paragraph.style is not None else ""
        size = SIZES.get(name, TEXT)
        bold = name in SIZES or _is_bold(paragraph)
        middle = paragraph.alignment == WD_ALIGN_PARAGRAPH.CENTER
        if name in SIZES:
            self.y += 2
        for line in self._lines(paragraph.text, RIGHT - LEFT, size):
            self._need(size * LEADING)
            x = LEFT
            if middle:
                self.sheet.set_font_size(size)
                x = max(LEFT, (LEFT + RIGHT - self.sheet.width_of(line)) / 2)
            self.y += size * LEADING
            self.sheet.put(x, self.y - size * 0.12, line, width=RIGHT - x + PAD, size=size, bold=bold)
        self.y += 1.5 if paragraph.text else 2

    def table(self, table: Table) -> None:
        """Rows with their cells; the headings again on each page."""
        widths = _widths(table)
        heads: list[list[Cell]] = []
        ruled = bool(table.style is not None and "Grid" in table.style.name)
        for row in table._tbl.tr_lst:
            cells = self._cells(row, widths)
            is_heading = _is_heading(row)
            self._row(cells, [] if is_heading else heads, ruled=ruled)
            heads += [cells] if is_heading else []
        self.y += 2

    def _cells(self, row: Any, widths: Sequence[float]) -> list[Cell]:
        found, at, x = [], 0, LEFT
        for element in row.tc_lst:
            span = max(element.grid_span, 1)
            width = sum(widths[at : at + span])
            paragraphs = [_Text(paragraph) for paragraph in element.p_lst]
            lines = [line for p in paragraphs for line in self._lines(p.text, width - 2 * PAD, CELL)]
            found.append(Cell(lines, x, width, any(p.bold for p in paragraphs), any(p.right for p in paragraphs)))
            at, x = at + span, x + width
        return found

    def _row(self, cells: list[Cell], heads: list[list[Cell]], *, ruled: bool) -> None:
        """One row; a row that is higher than a page goes on on the next one."""
        lines = max((len(cell.lines) for cell in cells), default=1) or 1
        done = 0
        while done < lines:
            room = self._room()
            if room < min(lines - done, 3):
                self._next_page()
                for head in heads:
                    self._row(head, [], ruled=ruled)
                room = max(self._room(), 1)
            part = min(room, lines - done)
            self._draw(cells, done, part, ruled=ruled)
            done += part

    def _draw(self, cells: list[Cell], first: int, count: int, *, ruled: bool) -> None:
        height = count * CELL * LEADING + 2 * PAD
        for cell in cells:
            if ruled:
                self.sheet.set_draw_color(*LINE)
                self.sheet.set_line_width(0.2)
                self.sheet.rect(cell.x, self.y, cell.width, height)
            for number, line in enumerate(cell.lines[first : first + count], 1):
                y = self.y + PAD + number * CELL * LEADING - CELL * 0.12
                width = cell.width - PAD if not cell.right else cell.width - 2 * PAD
                self.sheet.put(cell.x + PAD, y, line, width=width, size=CELL, bold=cell.bold, right=cell.right)
        self.y += height

    def _room(self) -> int:
        """How many lines of a cell still fit on the page."""
        return int((BOTTOM - self.y - 2 * PAD) / (CELL * LEADING)) if self.sheet.page else 0

    def _lines(self, text: str, width: float, size: float) -> list[str]:
        found: list[str] = []
        for line in text.split("\n"):
            found += self.sheet.lines(line, width, size, MOST) or [""]
        return found if text else [""]

    def _need(self, height: float) -> None:
        if not self.sheet.page or self.y + height > BOTTOM:
            self._next_page()

    def _next_page(self) -> None:
        self.sheet.add_page()
        self.y = TOP
        number = str(self.sheet.page)
        self.sheet.put(LEFT, BOTTOM + 8, self.title, width=RIGHT - LEFT - 20, size=7.5, colour=SOFT)
        self.sheet.put(RIGHT - 18, BOTTOM + 8, number, width=18, size=7.5, colour=SOFT, right=True)


class _Text:
    """What is drawn of a paragraph in a cell, read from its XML: python-docx is too slow for thousands of cells."""

    def __init__(self, paragraph: Any) -> None:
        parts = paragraph.iter(qn("w:t"), qn("w:br"))
        self.text = "".join("\n" if part.tag == qn("w:br") else part.text or "" for part in parts)
        bold = next(paragraph.iter(qn("w:b")), None)
        self.bold = bold is not None and bold.get(qn("w:val")) not in ("0", "false")
        side = next(paragraph.iter(qn("w:jc")), None)
        self.right = side is not None and side.get(qn("w:val")) in ("right", "end")


def _is_bold(paragraph: Any) -> bool:
    runs = [run for run in paragraph.runs if run.text.strip()]
    return bool(runs) and all(run.bold for run in runs)


def _is_heading(row: Any) -> bool:
    return next(row.iter(qn("w:tblHeader")), None) is not None


def _widths(table: Table) -> list[float]:
    """The columns' widths, scaled to the width of the page."""
    given = [float(column.width or 0) for column in table.columns]
    if not all(given):
        given = [1.0] * len(given)
    return [width * (RIGHT - LEFT) / sum(given) for width in given]
