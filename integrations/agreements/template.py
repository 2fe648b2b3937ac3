"""The workbook to fill in: headings, an example and lists of choices in the reader's language; or the same as CSV."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import Any

from django.utils.translation import gettext as _

from core.money import CURRENCY_CHOICES
from core.sheets import Styles, csv_bytes, new_book, sheet_name, width_of
from integrations.agreements.sheets import CHOICES, CONTRACTS, HEADINGS, INSTALMENTS, LINES, RECEIPTS, SHEETS

ROWS = 5000  # that lists of choices and the format of text reach down to


def example(sheet: str, year: int) -> list[dict[str, str]]:
    """Rows that show how a contract is written: 30% in advance, the rest 30 days after acceptance."""
    key = {"account": "C-0001", "external_number": f"HT-{year}-001"}
    rows: dict[str, list[dict[str, Any]]] = {
        CONTRACTS: [
            {
                "title": _("Supply of valves %(year)s") % {"year": year},
                "kind": _("Supply contract"),
                "currency": "CNY",
                "signed_on": f"{year - 1}-12-20",
                "start_date": f"{year}-01-01",
                "end_date": f"{year}-12-31",
                "net_amount": "100000.00",
                "product_line": "VALVES",
                "tax_rate": "13",
                "notice_days": "30",
                "auto_renewal_months": "0",
                "payment_terms": _("Three tenths in advance, the rest within 30 days of acceptance"),
            }
        ],
        LINES: [
            {"product_line": "VALVES", "description": _("Ball valve DN50"), "quantity": "100", "unit": _("pcs"),
             "unit_price": "1000.00", "discount": "0"}
        ],
        INSTALMENTS: [
            {"number": "1", "title": _("Advance payment"), "amount": "33900.00", "due_date": f"{year}-01-15",
             "invoice_number": "12345678", "invoice_date": f"{year}-01-10"},
            {"number": "2", "title": _("Final payment"), "amount": "79100.00", "event": _("Acceptance"),
             "days_after": "30"},
        ],
        RECEIPTS: [
            {"reference": "BANK-0001", "date": f"{year}-01-14", "amount": "33900.00", "currency": "CNY",
             "kind": _("Receipt"), "method": _("Bank transfer"), "number": "1"}
        ],
    }  # fmt: skip
    return [{**key, **row} for row in rows[sheet]]


def hints() -> dict[tuple[str, str], str]:
    """What stands at a heading, where its name does not say enough; for every sheet, or for one."""
    return {
        ("", "account"): _("The code of the account in KAM."),
        ("", "external_number"): _("The number on paper or in another system; together with the account it names the "
                                   "contract in all sheets."),
        (CONTRACTS, "net_amount"): _("Without tax. May be empty where the contract has lines."),
        (CONTRACTS, "product_line"): _("Code or name; needed where the contract has no lines."),
        (CONTRACTS, "owner"): _("Login or e-mail; empty: the account manager."),
        (CONTRACTS, "our_party"): _("Empty: our party of the contract policy."),
        (CONTRACTS, "customer_party"): _("Empty: the name of the account."),
        (CONTRACTS, "start_date"): _("As 2026-03-31."),
        (INSTALMENTS, "amount"): _("With tax; all instalments together are the total of the contract."),
        (INSTALMENTS, "due_date"): _("A due date, or else an event and so many days after it."),
        (RECEIPTS, "reference"): _("As on the bank statement; by it a receipt is known when the file comes again."),
        (RECEIPTS, "currency"): _("That of the contract; may be empty."),
        (RECEIPTS, "number"): _("Which instalment it is meant for; empty: what is due first."),
    }  # fmt: skip


def template_csv(year: int) -> bytes:
    """An archive with a CSV file for each sheet, as UTF-8 with a mark for Excel."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, sheet in SHEETS.items():
            rows = [[row.get(part, "") for part in sheet.fields] for row in example(name, year)]
            archive.writestr(f"{sheet.label}.csv", csv_bytes([HEADINGS[name].labels, *rows]))
    return packed.getvalue()


def template_xlsx(today: dt.date) -> bytes:
    """A workbook: every column is text, so that no number loses its zeros; closed lists are lists to choose from."""
    out = io.BytesIO()
    book = new_book(out, in_memory=True)
    styles = Styles(book)
    for name in SHEETS:
        _write_sheet(book, name, styles, today.year)
    _write_guide(book, styles)
    book.close()
    return out.getvalue()


def _write_sheet(book: Any, name: str, styles: Styles, year: int) -> None:
    spec, told = SHEETS[name], hints()
    sheet = book.add_worksheet(sheet_name(str(spec.label)))
    for column, (part, heading) in enumerate(zip(spec.fields, HEADINGS[name].labels, strict=True)):
        sheet.set_column(column, column, width_of(heading), styles.text)
        sheet.write_string(0, column, heading, styles.needed if part in spec.required else styles.head)
        words = _allowed(name, part)
        if words:
            rule = {"validate": "list", "source": words, "error_type": "warning"}
            sheet.data_validation(1, column, ROWS, column, rule)
        hint = told.get((name, part)) or told.get(("", part))
        if hint:
            sheet.write_comment(0, column, hint)
    for at, row in enumerate(example(name, year), 1):
        for column, part in enumerate(spec.fields):
            sheet.write_string(at, column, str(row.get(part, "")), styles.text)
    sheet.freeze_panes(1, 2)


def _allowed(sheet: str, part: str) -> list[str]:
    """The values of a closed list; of currencies the codes."""
    if part == "currency":
        return [code for code, _name in CURRENCY_CHOICES]
    choices = CHOICES.get((sheet, part))
    return [str(label) for label in choices.labels] if choices else []


def _write_guide(book: Any, styles: Styles) -> None:
    """A last sheet that nobody reads back: each column, whether it is needed, what it may hold."""
    guide = book.add_worksheet(_("How to fill this in"))
    guide.set_column(0, 1, 24, styles.wrap)
    guide.set_column(2, 2, 10, styles.wrap)
    guide.set_column(3, 3, 90, styles.wrap)
    guide.write_row(0, 0, [_("Sheet"), _("Column"), _("Needed"), _("What it holds")], styles.head)
    told, at = hints(), 1
    for name, spec in SHEETS.items():
        for part, heading in zip(spec.fields, HEADINGS[name].labels, strict=True):
            allowed = ", ".join(_allowed(name, part))
            text = " ".join(filter(None, [told.get((name, part)) or told.get(("", part)), allowed]))
            needed = _("yes") if part in spec.required else ""
            for column, value in enumerate((str(spec.label), heading, needed, text)):
                guide.write_string(at, column, value, styles.wrap)
            at += 1
    guide.write_string(at + 1, 0, _("Take the example rows out before you upload the file."), styles.head)
