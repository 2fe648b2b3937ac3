"""The summary of results on paper: A4, the scores first, then every question, then the cut; as many pages as needed."""

from __future__ import annotations

import datetime as dt

from django.utils import formats
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import numbers
from core.pdf import LINE, SOFT, Sheet, font_for
from surveys.choices import Cut, QuestionKind
from surveys.report_words import about
from surveys.reports import Bar, Measure, QuestionReport, Report
from surveys.result_words import interval_words, score_words

LEFT, RIGHT, TOP, BOTTOM = 14.0, 196.0, 14.0, 282.0
ACCENT = (11, 98, 184)
TONES = {"bad": (197, 77, 54), "mid": (201, 162, 39), "good": (21, 127, 90), "plain": ACCENT}
WIDE, BAR = RIGHT - LEFT, 62.0
MOST_BARS = 12


def render(report: Report, *, title: str, reader: str, today: dt.date, language: str) -> bytes:
    """The PDF. The reader's language chooses words and the shapes of the characters."""
    sheet = Sheet(font_for(language))
    Summary(sheet, report, title, reader, today).draw()
    sheet.set_title(sheet.writable(title))
    return bytes(sheet.output())


class Summary:
    """Draws from the top down and turns the page where a block would not fit."""

    def __init__(self, sheet: Sheet, report: Report, title: str, reader: str, today: dt.date) -> None:
        self.sheet, self.report, self.title, self.reader, self.today = sheet, report, title, reader, today
        self.y, self.page = TOP, 0

    def draw(self) -> None:
        self._new_page()
        self._scores()
        for row in self.report.questions:
            self._question(row)
        self._cut()

    def _new_page(self) -> None:
        self.sheet.add_page()
        self.page += 1
        sheet, report = self.sheet, self.report
        sheet.put(LEFT, TOP + 3, self.title, width=WIDE - 30, size=15 if self.page == 1 else 10, bold=True)
        sheet.put(RIGHT - 28, TOP + 3, str(self.page), width=28, size=8, colour=SOFT, right=True)
        self.y = TOP + 6
        if self.page == 1:
            sheet.put(LEFT, TOP + 9, " · ".join(about(report)), width=WIDE, size=8.5, colour=SOFT)
            self.y = TOP + 12
        sheet.rule(LEFT, self.y, RIGHT, ACCENT, 0.6)
        words = {"reader": self.reader, "date": formats.date_format(self.today, "DATE_FORMAT")}
        foot = _("KAM · for %(reader)s · as of %(date)s") % words
        if report.scope.anonymous:
            foot += " · " + _("Anonymous: nothing about fewer than five answers.")
        sheet.put(LEFT, BOTTOM + 6, foot, width=WIDE, size=7, colour=SOFT)
        self.y += 5

    def _room(self, height: float) -> None:
        if self.y + height > BOTTOM:
            self._new_page()

    def _scores(self) -> None:
        heads = self.report.headlines
        if not heads:
            return
        width = WIDE / len(heads)
        for number, row in enumerate(heads):
            x = LEFT + number * width
            self.sheet.put(x, self.y + 2, row.kind.upper(), width=width - 4, size=8, colour=SOFT, bold=True)
            value = score_words(row.score.value, row.kind) if row.score and row.score.value is not None else "–"
            taken = self.sheet.put(x, self.y + 10, value, width=width - 4, size=20, bold=True)
            beside = width - taken - 8
            self.sheet.put(x + taken + 3, self.y + 6, self._count(row.n), width=beside, size=8, colour=SOFT)
            self.sheet.put(x + taken + 3, self.y + 10, self._interval(row, row.kind), width=beside, size=8, colour=SOFT)
            self._stack(x, self.y + 12, width - 8, 2.6, row.groups)
        self.y += 21

    def _question(self, row: QuestionReport) -> None:
        self._room(14 + 5 * min(len(row.bars if row.kind in _CHOSEN else row.rows), 6))
        for line in self.sheet.lines(row.label, WIDE - 42, 10, 2):
            self.sheet.put(LEFT, self.y + 3.5, line, width=WIDE - 40, size=10, bold=True)
            self.y += 4.6
        count = _("fewer than five answers") if row.hidden else self._count(row.n)
        self.sheet.put(RIGHT - 40, self.y - 1.1, count, width=40, size=8, colour=SOFT, right=True)
        self.y += 1.2
        if row.score is not None and not row.hidden and not row.rows:
            self._line(row, row.kind, self._interval(row, row.kind))
        for part in row.rows if not row.hidden else ():
            self._line(part, row.kind, part.label)
        if row.kind in _CHOSEN and not row.hidden:
            self._choices(row.bars)
        self.y += 1.5
        self.sheet.rule(LEFT, self.y, RIGHT, LINE)
        self.y += 2.5

    def _line(self, row: Measure, kind: str, text: str) -> None:
        """A score with its bar: of a question, or of one row of it."""
        self._room(6)
        value = score_words(row.score.value, kind) if row.score and row.score.value is not None else "–"
        self.sheet.put(LEFT, self.y + 3.6, text, width=86, size=8.5, colour=SOFT)
        self.sheet.put(LEFT + 88, self.y + 3.6, value, width=20, size=9.5, bold=True, right=True)
        if row.groups:
            self._stack(RIGHT - BAR, self.y + 1, BAR, 3, row.groups)
        self.y += 5

    def _choices(self, bars: list[Bar]) -> None:
        for bar in bars[:MOST_BARS]:
            self._room(6)
            self.sheet.put(LEFT, self.y + 3.6, bar.label, width=86, size=8.5, colour=SOFT)
            value = f"{numbers.plain(bar.answers)} · {numbers.percent(bar.share, 0)}"
            self.sheet.put(LEFT + 88, self.y + 3.6, value, width=26, size=8.5, right=True)
            self._fill(RIGHT - BAR, self.y + 1, BAR * min(bar.share, 1.0), 3, "plain")
            self.y += 5

    def _cut(self) -> None:
        table, selected = self.report.cut, self.report.selected
        if table is None or selected is None or not table.rows:
            return
        self._room(20)
        title = f"{capfirst(str(Cut(table.by).label))} · {selected.label}"
        self.sheet.put(LEFT, self.y + 4, title, width=WIDE, size=10, colour=ACCENT, bold=True)
        self.y += 7
        for row in table.rows[:60]:
            self._room(6)
            self.sheet.put(LEFT, self.y + 3.5, row.label, width=86, size=8.5)
            value = score_words(row.score.value, selected.kind) if row.score.value is not None else "–"
            self.sheet.put(LEFT + 88, self.y + 3.5, value, width=20, size=9.5, bold=True, right=True)
            self.sheet.put(LEFT + 112, self.y + 3.5, self._count(row.score.n), width=30, size=8, colour=SOFT)
            words = interval_words(row.score, selected.kind)
            self.sheet.put(RIGHT - 40, self.y + 3.5, words, width=40, size=8, colour=SOFT, right=True)
            self.y += 5
        if table.hidden:
            note = _("Rows with too few answers are not shown.")
            self.sheet.put(LEFT, self.y + 4, note, width=WIDE, size=8, colour=SOFT)
            self.y += 6

    def _stack(self, x: float, y: float, width: float, height: float, groups: list[Bar]) -> None:
        for bar in groups:
            part = width * bar.share
            self._fill(x, y, part, height, bar.tone)
            x += part

    def _fill(self, x: float, y: float, width: float, height: float, tone: str) -> None:
        if width > 0.05:
            self.sheet.set_fill_color(*TONES[tone])
            self.sheet.rect(x, y, width, height, style="F")

    def _count(self, number: int) -> str:
        return ngettext("%(number)s answer", "%(number)s answers", number) % {"number": numbers.plain(number)}

    def _interval(self, row: Measure, kind: str) -> str:
        words = interval_words(row.score, kind) if row.score else ""
        return _("95%%: %(interval)s") % {"interval": words} if words else ""


_CHOSEN = (QuestionKind.SINGLE, QuestionKind.MULTIPLE)
