"""Pages as PDF with the fonts embedded: A4 sheets, lines that fit their width, simplified and traditional characters.

There is one weight of the fonts: bold text is drawn with a thin stroke.
"""

from __future__ import annotations

from collections.abc import KeysView
from itertools import groupby
from typing import Any

import pylopdf_fonts_zh_cn
import pylopdf_fonts_zh_tw
from fpdf import FPDF
from fpdf.enums import TextMode

FONTS = {"sc": pylopdf_fonts_zh_cn.sans_path(), "tc": pylopdf_fonts_zh_tw.sans_path()}
INK, SOFT, LINE, WHITE = (23, 33, 47), (85, 98, 117), (205, 212, 222), (255, 255, 255)
ELLIPSIS = "…"
NEVER_FIRST = "，。、；：！？）》」』”’,.;:!?)"  # these hang over the end of a line


def font_for(language: str) -> str:
    """The font whose shapes of the characters readers of this language know."""
    return "tc" if language == "zh-hant" else "sc"


class Sheet(FPDF):
    """A4 in millimetres; writes single lines that fit."""

    def __init__(self, font: str) -> None:
        super().__init__(orientation="portrait", unit="mm", format="A4")
        self.set_auto_page_break(auto=False)
        self.set_creator("KAM")
        self.main, self.other = font, "tc" if font == "sc" else "sc"
        self._letters: dict[tuple[str, str], float] = {}
        self.add_font(self.main, fname=str(FONTS[self.main]))
        self.set_font(self.main, size=9)

    def writable(self, text: Any) -> str:
        """The text in one line, characters that no font has as a box; loads the second font when a text needs it."""
        line = " ".join(str(text).split())
        # Letter by letter: to take the font's characters off a set would walk through all 30,000 of them each time.
        known = self._characters(self.main)
        lacking = {ord(char) for char in line if ord(char) not in known}
        if not lacking:
            return line
        if self.other not in self.fonts:
            self.add_font(self.other, fname=str(FONTS[self.other]))
        others = self._characters(self.other)
        unknown = {letter for letter in lacking if letter not in others}
        return "".join("\u25a1" if ord(char) in unknown else char for char in line)

    def _characters(self, font: str) -> KeysView[int]:
        """What the font can write."""
        return self.fonts[font].cmap.keys()

    def _runs(self, line: str) -> list[tuple[str, str]]:
        """The line in pieces of one font each: (font, text). In one font where one has all of it: that reads best."""
        known = self._characters(self.main)
        letters = {ord(char) for char in line}
        if letters <= known or self.other not in self.fonts:
            return [(self.main, line)]
        if letters <= self._characters(self.other):
            return [(self.other, line)]
        pieces = groupby(line, key=lambda char: self.main if ord(char) in known else self.other)
        return [(font, "".join(chars)) for font, chars in pieces]

    def width_of(self, line: str) -> float:
        """In millimetres, at the size that is set: the letters' widths added up, each looked up once."""
        points = sum(self._letter(font, char) for font, text in self._runs(line) for char in text)
        return points * self.font_size_pt / self.k

    def _letter(self, font: str, char: str) -> float:
        """The width of a letter in points, at a size of one point."""
        found = self._letters.get((font, char))
        if found is None:
            _number, found = self.fonts[font].get_text_width(char, 1, None)
            self._letters[font, char] = found
        return found

    def _write(self, x: float, y: float, line: str) -> None:
        for font, text in self._runs(line):
            if self.font_family != font:
                self.set_font(font)
            self.text(x, y, text)
            x += sum(self._letter(font, char) for char in text) * self.font_size_pt / self.k

    def fit(self, text: Any, width: float, size: float) -> str:
        """The text cut to a width, with an ellipsis where it was longer."""
        self.set_font_size(size)
        line = self.writable(text)
        if self.width_of(line) <= width:
            return line
        short, long = 0, len(line)
        while long - short > 1:
            half = (short + long) // 2
            fits = self.width_of(line[:half].rstrip() + ELLIPSIS) <= width
            short, long = (half, long) if fits else (short, half)
        return line[:short].rstrip() + ELLIPSIS

    def lines(self, text: Any, width: float, size: float, most: int) -> list[str]:
        """The text broken into at most so many lines, the last one cut."""
        self.set_font_size(size)
        left = self.writable(text)
        found: list[str] = []
        while left and len(found) < most - 1:
            end = self._break(left, width)
            found.append(left[:end].rstrip())
            left = left[end:].lstrip()
        return [*found, self.fit(left, width, size)] if left else found

    def _break(self, line: str, width: float) -> int:
        """Where to break: what fits, back to the last space within a Latin word."""
        long = 16
        while long <= len(line) and self.width_of(line[:long]) <= width:
            long *= 2
        if long > len(line) and self.width_of(line) <= width:
            return len(line)
        short, long = 1, min(long, len(line) + 1)
        while long - short > 1:
            half = (short + long) // 2
            short, long = (half, long) if self.width_of(line[:half]) <= width else (short, half)
        if short < len(line) and line[short] in NEVER_FIRST:
            return short + 1
        if short < len(line) and line[short].isascii() and line[short - 1].isascii() and " " in line[:short]:
            return line.rfind(" ", 0, short + 1) or short
        return short

    def put(
        self,
        x: float,
        y: float,
        text: Any,
        *,
        width: float,
        size: float = 9,
        colour: tuple[int, int, int] = INK,
        bold: bool = False,
        right: bool = False,
    ) -> float:
        """Write one line with its base line at `y`; returns how wide it is."""
        line = self.fit(text, width, size)
        self.set_text_color(*colour)
        self.set_draw_color(*colour)
        taken = self.width_of(line)
        at = x + width - taken if right else x
        if bold:
            with self.local_context(text_mode=TextMode.FILL_STROKE, line_width=size * 0.012):
                self._write(at, y, line)
        else:
            self._write(at, y, line)
        return taken

    def rule(self, x: float, y: float, until: float, colour: tuple[int, int, int] = LINE, width: float = 0.2) -> None:
        self.set_draw_color(*colour)
        self.set_line_width(width)
        self.line(x, y, until, y)
