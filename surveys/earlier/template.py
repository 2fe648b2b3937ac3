"""The workbook to fill in with earlier results."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core.sheets import Styles, new_book, sheet_name
from surveys import definition as definitions
from surveys.choices import QuestionKind
from surveys.definition import Question

LISTED = 2000


def template_xlsx(definition: Mapping[str, Any], *, language: str) -> bytes:
    """Headings as they are recognised, and the choices of single choices as lists."""
    out = io.BytesIO()
    book = new_book(out, in_memory=True)
    sheet, styles = book.add_worksheet(sheet_name(_("Answers"))), Styles(book)
    for column, (heading, question, is_needed) in enumerate(_columns(definition, language)):
        sheet.set_column(column, column, 18, styles.text)
        sheet.write_string(0, column, heading, styles.needed if is_needed else styles.head)
        choices = [choice.text.into(language) for choice in question.choices] if question else []
        # A list in a workbook takes 255 characters.
        if question and question.kind == QuestionKind.SINGLE and len(",".join(choices)) < 255:
            options = {"validate": "list", "source": choices, "error_type": "warning"}
            sheet.data_validation(1, column, LISTED, column, options)
    sheet.freeze_panes(1, 2)
    book.close()
    return out.getvalue()


def _columns(definition: Mapping[str, Any], language: str) -> Iterator[tuple[str, Question | None, bool]]:
    """(heading, question, whether it is needed)."""
    yield _("Account code"), None, True
    yield _("Date"), None, True
    yield _("Contact"), None, False
    yield capfirst(_("e-mail")), None, False
    for question in definitions.read(definition).questions:
        words = question.text.into(language)
        if question.kind == QuestionKind.MATRIX:
            for row in question.rows:
                yield f"{words} · {row.text.into(language)}", question, False
        else:
            yield words, question, False
