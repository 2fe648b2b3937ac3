"""A report as PDF: landscape pages, the heading on each, numbers to the right, long texts cut to their column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.pdf import INK, SOFT, Sheet, font_for

MARGIN, TOP, ROW, SIZE = 12.0, 14.0, 6.0, 8.0
FORMATS = ((10, "A4", 297.0, 210.0), (99, "A3", 420.0, 297.0))
"""Up to so many columns: the format, its width and its height."""
SAMPLE = 200
LEAST, WIDEST = 14.0, 70.0


@dataclass(frozen=True)
class PdfPage:
    """What stands around the rows: title, what it answers, who reads it and when."""

    title: str
    about: str
    printed: str
    language: str


def render(page: PdfPage, heads: Sequence[tuple[str, bool]], lines: Sequence[tuple[list[str], bool]]) -> bytes:
    """`heads`: the heading and whether its values are numbers; `lines`: the texts and whether they are sums."""
    sheet = Sheet(font_for(page.language))
    _most, size, width, height = next(one for one in FORMATS if len(heads) <= one[0] or one is FORMATS[-1])
    sheet.set_title(sheet.writable(page.title))
    widths = _widths(sheet, heads, lines, width - 2 * MARGIN)
    y = height
    for texts, is_sum in lines or [([_("No rows fit this report.")], False)]:
        if y + ROW > height - MARGIN:
            sheet.add_page(orientation="landscape", format=size)
            y = _head(sheet, page, heads, widths, width, height)
        _row(sheet, y, texts, heads, widths, bold=is_sum)
        y += ROW
    return bytes(sheet.output())


def _widths(
    sheet: Sheet, heads: Sequence[tuple[str, bool]], lines: Sequence[tuple[list[str], bool]], room: float
) -> list[float]:
    """As wide as the columns want to be, and then as much less as the page has less."""
    sheet.set_font_size(SIZE)
    wanted = []
    for place, (head, _number) in enumerate(heads):
        texts = [head, *(texts[place] for texts, _sum in lines[:SAMPLE] if place < len(texts))]
        longest = max(sheet.width_of(sheet.writable(text)) for text in texts) + 4
        wanted.append(min(max(longest, LEAST), WIDEST))
    whole = sum(wanted) or 1
    return [width * min(room / whole, 1.6) for width in wanted]


def _head(
    sheet: Sheet, page: PdfPage, heads: Sequence[tuple[str, bool]], widths: list[float], width: float, height: float
) -> float:
    sheet.put(MARGIN, TOP, page.title, width=width - 2 * MARGIN, size=13, bold=True)
    if page.about:
        sheet.put(MARGIN, TOP + 5.5, page.about, width=width - 2 * MARGIN, size=8.5, colour=SOFT)
    sheet.put(MARGIN, height - 7, page.printed, width=width - 2 * MARGIN - 20, size=7, colour=SOFT)
    sheet.put(width - MARGIN - 20, height - 7, sheet.page_no(), width=20, size=7, colour=SOFT, right=True)
    y = TOP + 13
    _row(sheet, y, [head for head, _number in heads], heads, widths, colour=SOFT)
    sheet.rule(MARGIN, y + 2, MARGIN + sum(widths))
    return y + ROW


def _row(
    sheet: Sheet, y: float, texts: Sequence[str], heads: Sequence[tuple[str, bool]], widths: list[float], *,
    bold: bool = False, colour: tuple[int, int, int] = INK,
) -> None:  # fmt: skip
    x = MARGIN
    for text, (_head, is_number), width in zip(texts, heads, widths, strict=False):
        if text:
            sheet.put(x, y, text, width=width - 2, size=SIZE, bold=bold, right=is_number, colour=colour)
        x += width
