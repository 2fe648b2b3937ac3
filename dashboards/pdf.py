"""Briefs as PDF: one A4 page each, whatever is in them, with the fonts embedded.

Every text is cut to its line by its measured width, every block to its number of lines; so a page is always one page.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import formats
from django.utils.translation import gettext as _

from core.pdf import INK, SOFT, WHITE, Sheet, font_for
from dashboards import wording
from dashboards.brief import Brief
from dashboards.drawing import bar_boxes

ACCENT, GOOD, WARN, DANGER = (11, 98, 184), (21, 127, 90), (143, 90, 0), (185, 58, 38)
LEVELS = {"good": GOOD, "warning": WARN, "danger": DANGER}
TIER_COLOURS = {"A": (180, 83, 9), "B": (22, 104, 179), "C": (95, 107, 122)}
LEFT, RIGHT, TOP, BOTTOM = 14.0, 196.0, 13.0, 284.0
MIDDLE = 121.0  # where the right column begins
GUTTER = 7.0
HANG = 3.0


def render(briefs: Sequence[Brief], *, language: str, reader: str) -> bytes:
    """A PDF with a page for each brief. The reader's language chooses words and the shapes of the characters."""
    sheet = Sheet(font_for(language))
    for brief in briefs:
        sheet.add_page()
        BriefPage(sheet, brief, reader).draw()
    title = briefs[0].account.local_name if len(briefs) == 1 else _("Briefs")
    sheet.set_title(sheet.writable(title))
    return bytes(sheet.output())


class BriefPage:
    """Draws one brief, from the top down: head, gaps, two columns, room for notes."""

    def __init__(self, sheet: Sheet, brief: Brief, reader: str) -> None:
        self.sheet, self.brief, self.reader = sheet, brief, reader
        self.words = wording.lines(brief)
        self.y = TOP
        self.notes_top = TOP

    def draw(self) -> None:
        self._head()
        self._vitals()
        self._gaps()
        top = self.y
        left = self._steps(self._people(top))
        right = self._talks(self._revenue(top))
        self.notes_top = max(left, right)
        self._notes(self.notes_top)
        self._foot()

    def _head(self) -> None:
        sheet, words, x = self.sheet, self.words, LEFT
        if words.tier:
            sheet.set_fill_color(*TIER_COLOURS[words.tier])
            sheet.rect(LEFT, TOP, 7, 7, style="F", round_corners=True, corner_radius=1)
            sheet.put(LEFT + 2.1, TOP + 5, words.tier, width=6, size=11, colour=WHITE, bold=True)
            x += 9.5
        side = RIGHT - MIDDLE - 15
        sheet.put(x, TOP + 5.6, words.title, width=MIDDLE + 12 - x, size=15, bold=True)
        sheet.put(MIDDLE + 15, TOP + 5.6, words.when or _("Brief"), width=side, size=11, bold=True, right=True)
        sheet.put(LEFT, TOP + 12, words.second, width=MIDDLE + 12 - LEFT, colour=SOFT)
        sheet.put(MIDDLE + 15, TOP + 12, words.visitor, width=side, colour=SOFT, right=True)
        sheet.put(LEFT, TOP + 17, words.where, width=RIGHT - LEFT, colour=SOFT)
        self.y = TOP + 20
        for line in words.purpose:
            sheet.put(LEFT, self.y + 3, line, width=RIGHT - LEFT)
            self.y += 5
        sheet.rule(LEFT, self.y + 1, RIGHT, ACCENT, 0.6)
        self.y += 4

    def _vitals(self) -> None:
        width = (RIGHT - LEFT) / len(self.words.vitals)
        for number, vital in enumerate(self.words.vitals):
            x = LEFT + number * width
            colour = LEVELS.get(vital.level, INK)
            self.sheet.put(x, self.y + 2.5, vital.label, width=width - 2, size=7.5, colour=SOFT)
            self.sheet.put(x, self.y + 7.5, vital.value, width=width - 2, size=10, colour=colour, bold=True)
        self.y += 12

    def _gaps(self) -> None:
        lines = [*self.words.gaps, *filter(None, [self.words.gaps_more])]
        if not lines:
            return
        self.sheet.set_fill_color(253, 246, 230)
        self.sheet.rect(LEFT, self.y, RIGHT - LEFT, 5 * len(lines) + 1.6, style="F")
        self.sheet.set_fill_color(*WARN)
        self.sheet.rect(LEFT, self.y, 0.9, 5 * len(lines) + 1.6, style="F")
        for text in lines:
            self.y += 5
            self.sheet.put(LEFT + 3, self.y - 0.6, text, width=RIGHT - LEFT - 5, size=8.5)
        self.y += 5

    def _title(self, x: float, y: float, text: str, until: float) -> float:
        self.sheet.put(x, y + 4, text, width=until - x, size=10, colour=ACCENT, bold=True)
        self.sheet.rule(x, y + 5.5, until)
        return y + 6.5

    def _rest(self, x: float, y: float, text: str, width: float) -> float:
        """A quiet line: how many more there are, or that there is nothing."""
        if text:
            self.sheet.put(x, y + 4, text, width=width, size=8, colour=SOFT)
        return y + 5.5 if text else y

    def _people(self, y: float) -> float:
        width = MIDDLE - GUTTER - LEFT
        y = self._title(LEFT, y, _("Key people"), LEFT + width)
        for person in self.words.people:
            name = self.sheet.put(LEFT, y + 4, person.name, width=width * 0.42, size=9.5, bold=True)
            last = self.sheet.put(LEFT + width - 33, y + 4, person.last, width=33, size=8, colour=SOFT, right=True)
            room = width - name - last - 4
            self.sheet.put(LEFT + name + 2, y + 4, person.work, width=room, size=8.5, colour=SOFT)
            born = 0.0
            if person.birthday:
                born = self.sheet.put(LEFT, y + 8.3, person.birthday, width=40, size=8, colour=WARN, bold=True) + 2
            self.sheet.put(LEFT + born, y + 8.3, person.about, width=width - born, size=8)
            y += 10.2
        nobody = "" if self.words.people else _("Nobody is known here yet.")
        return self._rest(LEFT, y, nobody or self.words.people_more, width) + 3

    def _steps(self, y: float) -> float:
        width = MIDDLE - GUTTER - LEFT
        y = self._title(LEFT, y, _("Open promises and next steps"), LEFT + width)
        for step in self.words.steps:
            colour = DANGER if step.overdue else INK
            self.sheet.set_draw_color(*SOFT)
            self.sheet.set_line_width(0.25)
            self.sheet.rect(LEFT + 0.3, y + 1.6, 2.5, 2.5)
            x = LEFT + 4.5
            x += self.sheet.put(x, y + 4, step.date, width=26, size=8.5, colour=colour, bold=step.overdue) + 2
            if step.promise:
                x += self.sheet.put(x, y + 4, _("Promise"), width=20, size=8.5, colour=WARN, bold=True) + 2
            self.sheet.put(x, y + 4, step.text, width=LEFT + width - x, size=8.5)
            y += 5.4
        nothing = "" if self.words.steps else _("Nothing is open.")
        return self._rest(LEFT, y, nothing or self.words.steps_more, width) + 3

    def _revenue(self, y: float) -> float:
        sheet, words = self.sheet, self.words
        y = self._title(MIDDLE, y, _("Net revenue, 12 months"), RIGHT)
        taken = sheet.put(MIDDLE, y + 5.5, words.revenue, width=45, size=13, bold=True)
        colour = DANGER if words.trend_is_down else GOOD
        sheet.put(MIDDLE + taken + 3, y + 5.5, words.trend, width=25, size=10, colour=colour, bold=True)
        amounts = self.brief.amounts
        for (x, top, wide, high), amount in zip(bar_boxes(amounts, RIGHT - MIDDLE, 20), amounts, strict=True):
            sheet.set_fill_color(*(DANGER if amount < 0 else ACCENT))
            sheet.rect(MIDDLE + x, y + 9 + top, wide, max(high, 0.15), style="F")
        y += 29
        sheet.rule(MIDDLE, y, RIGHT)
        first, last = (formats.date_format(self.brief.months[n][0], "YEAR_MONTH_FORMAT") for n in (0, -1))
        sheet.put(MIDDLE, y + 3.5, first, width=30, size=7.5, colour=SOFT)
        sheet.put(RIGHT - 30, y + 3.5, last, width=30, size=7.5, colour=SOFT, right=True)
        return y + 8

    def _talks(self, y: float) -> float:
        width = RIGHT - MIDDLE
        y = self._title(MIDDLE, y, _("Last three interactions"), RIGHT)
        for talk in self.words.talks:
            self.sheet.put(MIDDLE, y + 4, talk.head, width=width, size=8.5, bold=True)
            self.sheet.put(MIDDLE, y + 8, talk.people, width=width, size=7.5, colour=SOFT)
            y += 8
            for line in self.sheet.lines(talk.story, width, 8.5, 3):
                self.sheet.put(MIDDLE, y + 4, line, width=width + HANG, size=8.5)
                y += 4
            y += 3
        return self._rest(MIDDLE, y, "" if self.words.talks else _("Nothing was logged yet."), width)

    def _notes(self, y: float) -> None:
        y = self._title(LEFT, y, _("Goals and notes"), RIGHT) + 8
        while y < BOTTOM - 4:
            self.sheet.rule(LEFT, y, RIGHT)
            y += 8.5

    def _foot(self) -> None:
        printed = _("KAM · for %(reader)s · as of %(date)s") % {
            "reader": self.reader,
            "date": formats.date_format(self.brief.today, "DATE_FORMAT"),
        }
        self.sheet.put(LEFT, BOTTOM + 3, printed, width=RIGHT - LEFT, size=7, colour=SOFT)
