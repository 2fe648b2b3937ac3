"""The file to fill in: headings and lists of choices in the reader's language, as a workbook or as CSV."""

from __future__ import annotations

import io

from django.utils.translation import gettext as _

from core.sheets import Styles, csv_bytes, new_book, sheet_name, width_of
from integrations.people.columns import FIELDS, HEADINGS, REQUIRED
from integrations.people.values import CHOICES

ROWS = 5000  # that lists of choices and the format of text reach down to


def headings() -> list[str]:
    """A heading for every field, as the file is recognised by."""
    return HEADINGS.labels


def template_csv() -> bytes:
    """The headings only, as UTF-8 with a mark for Excel."""
    return csv_bytes([headings()])


def template_xlsx() -> bytes:
    """A workbook: every column is text, so that no number loses its zeros; choices are lists."""
    out = io.BytesIO()
    book = new_book(out, in_memory=True)
    sheet, styles = book.add_worksheet(sheet_name(_("Contacts"))), Styles(book)
    for column, (name, heading) in enumerate(zip(FIELDS, headings(), strict=True)):
        sheet.set_column(column, column, width_of(heading), styles.text)
        sheet.write_string(0, column, heading, styles.needed if name in REQUIRED else styles.head)
        if name in CHOICES:
            labels = [str(label) for label in CHOICES[name].labels]
            sheet.data_validation(
                1, column, ROWS, column, {"validate": "list", "source": labels, "error_type": "warning"}
            )
        if name in HINTS:
            sheet.write_comment(0, column, _hint(name))
    sheet.freeze_panes(1, 2)
    book.close()
    return out.getvalue()


HINTS = ("account", "mobile", "birthday", "owner", "from_date")


def _hint(name: str) -> str:
    return {
        "account": _("The code of the account in KAM."),
        "mobile": _("Outside China write + and the country code."),
        "birthday": _("1980-05-06, 05-06 without a year; a day of the lunar calendar with its calendar beside it."),
        "owner": _("Login or e-mail of the colleague who keeps the relationship."),
        "from_date": _("As 2026-03-31."),
    }[name]
