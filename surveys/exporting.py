"""Results as files: the sums of a report, and answer by answer what the reader sees (of a named campaign)."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import IO, Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.sheets import Column, Kind, Styles, XlsxTable, new_book
from surveys import results
from surveys.answer_words import in_words
from surveys.choices import Cut, QuestionKind
from surveys.definition import Question
from surveys.models import Response
from surveys.report_words import of_months, of_slice
from surveys.reports import Measure, QuestionReport, Report, asked_in

MOST_ROWS = 200_000
"""Answers in a workbook; a CSV has them all."""
CHUNK = 2000

Cells = list[Any]


def sums(report: Report) -> Iterator[Cells]:
    """The heading, then a line for each question, value and choice of the report."""
    yield [
        capfirst(_("question")), _("Kind"), pgettext("of a question", "Part"), _("Answer"), _("Answers"), _("Share"),
        _("Score"), _("Confidence interval, from"), _("Confidence interval, to"),
    ]  # fmt: skip
    for row in report.questions:
        if not row.hidden:
            yield from _sums_of(row)


def _sums_of(row: QuestionReport) -> Iterator[Cells]:
    kind = str(QuestionKind(row.kind).label)
    yield [row.label, kind, "", "", row.n, None, *_score(row, row.kind)]
    for bar in row.bars:
        yield [row.label, kind, "", bar.label, bar.answers, round(bar.share, 4), None, None, None]
    for part in row.rows:
        yield [row.label, kind, part.label, "", part.n, None, *_score(part, row.kind)]
        for bar in part.bars:
            yield [row.label, kind, part.label, bar.label, bar.answers, round(bar.share, 4), None, None, None]


def _score(row: Measure, kind: str) -> Cells:
    if row.score is None or row.score.value is None:
        return [None, None, None]
    return [None if value is None else round(value, 2) for value in (row.score.value, row.score.low, row.score.high)]


def answers(report: Report, *, language: str, most: int | None = None) -> Iterator[Cells]:
    """The heading, then a row for each response that the report counted and the reader sees; nothing of an anonymous
    campaign. Read in chunks: the memory does not grow."""
    if report.scope.anonymous:
        return
    asked = asked_in(report.scope).questions
    columns = [column for question in asked for column in _columns(question, language)]
    yield [
        _("Date"), _("Account code"), _("Account"), _("Tier"), _("Region"), _("Team"), _("Account manager"),
        _("Product line"), _("Contact"), _("Source"), _("Language"), *(heading for _q, _p, heading in columns),
    ]  # fmt: skip
    rows = results.responses_of(report.scope)
    if report.months.first_day:
        rows = rows.filter(date__gte=report.months.first_day)
    if report.months.last_day:
        rows = rows.filter(date__lte=report.months.last_day)
    related = ("account", "contact", "manager", "team", "product_line")
    rows = rows.select_related(*related).order_by("date", "pk")
    for response in (rows[:most] if most else rows).iterator(CHUNK):
        yield [*_facts(response), *(in_words(q, response.answers.get(q.key), language, p) for q, p, _h in columns)]


def _columns(question: Question, language: str) -> Iterator[tuple[Question, str, str]]:
    """(question, row of the matrix, heading)."""
    text = question.text.into(language)
    if question.kind == QuestionKind.MATRIX:
        yield from ((question, row.key, f"{text} · {row.text.into(language)}") for row in question.rows)
    else:
        yield question, "", text


def _facts(response: Response) -> Cells:
    account, team, line = response.account, response.team, response.product_line
    return [
        response.date,
        account.code if account else "",
        account.local_name if account else "",
        response.tier,
        response.get_region_display(),
        team.local_name if team else "",
        response.manager.name if response.manager else "",
        str(line) if line else "",
        response.contact.name if response.contact else "",
        response.get_source_display(),
        response.get_language_display(),
    ]


def workbook(report: Report, *, language: str, title: str, reader: str, today: dt.date) -> IO[bytes]:
    """The sums, the answers of a named campaign, and what the file is about. Written row by row into a temporary
    file."""
    target = tempfile.TemporaryFile()  # noqa: SIM115  the answer closes it when it is sent
    book = new_book(target)
    styles = Styles(book)
    kinds = (*[Kind.TEXT] * 4, Kind.WHOLE, Kind.SHARE, *[Kind.TENTH] * 3)
    _add(book, styles, _("Results"), sums(report), widths=(46, 26, 26, 30), kinds=kinds)
    if not report.scope.anonymous:
        rows = answers(report, language=language, most=MOST_ROWS)
        _add(book, styles, _("Answers"), rows, widths=(12, 14, 30, 8), filtered=True)
    _add(book, styles, _("About this file"), _about(report, title, reader, today), widths=(22, 60))
    book.close()
    target.seek(0)
    return target


def _about(report: Report, title: str, reader: str, today: dt.date) -> Iterator[Cells]:
    """Which answers these are, and who took them when: a file is found years later, without the page it came from."""
    yield [_("Survey"), title]
    yield [_("Answers"), report.responses]
    for words in (*of_slice(report), " · ".join(of_months(report))):
        yield [_("Which answers"), words]
    yield [_("Taken by"), reader]
    yield [pgettext("of a file", "As of"), today]
    if report.scope.anonymous:
        yield [pgettext("of a file", "Note"), _("Anonymous: nothing about fewer than five answers.")]
    elif report.responses > MOST_ROWS:
        words = _("Only the first %(most)s answers are listed; a CSV has them all.")
        yield [pgettext("of a file", "Note"), words % {"most": MOST_ROWS}]


def _add(
    book: Any, styles: Styles, name: str, rows: Iterator[Cells], *, widths: Sequence[int],
    kinds: Sequence[Kind] = (), filtered: bool = False,
) -> None:  # fmt: skip
    """A sheet whose first row is the heading; `filtered`: with filters in it."""
    columns = [
        Column(str(heading), kind or Kind.TEXT, width or 18)
        for heading, kind, width in zip_longest(next(rows), kinds, widths)
    ]
    table = XlsxTable(book, styles, name, columns, filtered=filtered)
    for row in rows:
        table.row(row)
    table.finish()


def scope_words(report: Report) -> str:
    """Which answers the file is about, for its record."""
    parts = [str(part) for part in (report.months.first_day, report.months.last_day) if part]
    if report.scope.cut != Cut.ALL:
        parts.append(f"{report.scope.cut}:{report.scope.key}")
    return " ".join(parts)
