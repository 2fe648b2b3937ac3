"""Results as files: the sums of a report, and answer by answer what the reader sees (of a named campaign)."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO, Any

import xlsxwriter
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from orders.intake.rejects import csv_safe
from surveys import results
from surveys.answer_words import in_words
from surveys.choices import Cut, QuestionKind
from surveys.definition import Question
from surveys.models import Response
from surveys.reports import Measure, QuestionReport, Report, asked_in

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
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
        response.date.isoformat() if response.date else "",
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


def csv_lines(rows: Iterable[Cells]) -> Iterator[bytes]:
    """The rows as CSV in UTF-8 with a mark for Excel; no cell is taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    yield "\ufeff".encode()
    for row in rows:
        writer.writerow(
            ["" if cell is None else cell if isinstance(cell, int | float) else csv_safe(cell) for cell in row]
        )
        yield out.getvalue().encode()
        out.seek(0)
        out.truncate()


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, int | float):
        return "" if value is None else value
    return csv_safe(value)


def workbook(report: Report, *, language: str) -> IO[bytes]:
    """Two sheets: the sums, and the answers of a named campaign. Written row by row into a temporary file."""
    target = tempfile.TemporaryFile()  # noqa: SIM115  the answer closes it when it is sent
    book = xlsxwriter.Workbook(
        target, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    _sheet(book, _("Results"), sums(report), bold)
    if not report.scope.anonymous:
        _sheet(book, _("Answers"), answers(report, language=language, most=MOST_ROWS), bold)
    book.close()
    target.seek(0)
    return target


def _sheet(book: Any, name: str, rows: Iterable[Cells], bold: Any) -> None:
    sheet = book.add_worksheet(name[:31])
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 0, 14)
    sheet.set_column(1, 60, 18)
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, int | float):
                sheet.write_number(number, column, cell)
            elif cell:
                sheet.write_string(number, column, str(cell)[:32_000], *([bold] if not number else []))


def scope_words(report: Report) -> str:
    """Which answers the file is about, for its record."""
    parts = [str(part) for part in (report.months.first_day, report.months.last_day) if part]
    if report.scope.cut != Cut.ALL:
        parts.append(f"{report.scope.cut}:{report.scope.key}")
    return " ".join(parts)
