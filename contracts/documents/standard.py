"""The standard template: made by code in the language that is active, so that its words lie with all other words."""

from __future__ import annotations

import io
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

FONTS = {"zh-hans": "宋体", "zh-hant": "新細明體", "en": "Times New Roman"}
LINE_WIDTHS = (1.0, 3.2, 3.9, 1.9, 1.4, 2.3, 1.9, 2.4)
PLAN_WIDTHS = (1.1, 6.4, 6.5, 4.0)


def standard_template(language: str) -> bytes:
    """A DOCX with parties, subject, lines, payment, term, terms and signatures."""
    document = Document()
    _page(document, FONTS.get(language, FONTS["en"]))
    title = document.add_paragraph("{{ contract.title }}", style="Title")
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _fact(document, _("Contract number"), "{{ contract.number }}")
    _fact(document, _("Version"), "{{ version.number }}")
    _fact(document, _("Supplier (Party B)"), "{{ contract.our_party }}")
    _fact(document, _("Customer (Party A)"), "{{ contract.customer_party }}")
    document.add_heading(_("1. Subject of the contract"), 1)
    document.add_paragraph(_("Party B supplies to Party A what follows; all amounts are in {{ contract.currency }}."))
    heads = (
        pgettext("row of a table", "No."), _("Product line"), _("Description"), _("Quantity"), _("Unit"),
        _("Unit price"), _("Discount, %"), _("Amount"),
    )  # fmt: skip
    names = ("position", "product_line", "description", "quantity", "unit", "unit_price", "discount", "amount")
    _table(document, heads, [f"{{{{ line.{name} }}}}" for name in names], LINE_WIDTHS, right=(3, 5, 6, 7))
    _fact(document, _("Net total"), "{{ version.net_amount }} {{ contract.currency }}")
    _fact(document, _("Tax (%(rate)s%%)") % {"rate": "{{ version.tax_rate }}"}, "{{ version.tax_amount }}")
    _fact(document, _("Total with tax"), "{{ version.gross_amount }} {{ contract.currency }}")
    document.add_heading(_("2. Payment"), 1)
    document.add_paragraph("{{ version.payment_terms }}")
    plan = (pgettext("row of a table", "No."), _("Instalment"), _("Due"), _("Amount with tax"))
    due = ("position", "title", "due", "amount")
    _table(document, plan, [f"{{{{ instalment.{name} }}}}" for name in due], PLAN_WIDTHS, right=(3,))
    document.add_heading(_("3. Term and notice"), 1)
    document.add_paragraph(_("The contract runs from {{ version.start_date }} to {{ version.end_date }}."))
    document.add_paragraph(_("Notice is given at least {{ version.notice_days }} days before the end."))
    document.add_heading(_("4. Further terms"), 1)
    document.add_paragraph("{{ version.terms }}")
    document.add_heading(_("5. Signatures"), 1)
    _signatures(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _page(document: Any, font: str) -> None:
    """A4, and one font for Latin and Chinese characters in every style."""
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(1.5)
    for name, size in (("Normal", 10.5), ("Title", 18), ("Heading 1", 12)):
        style = document.styles[name]
        style.font.name, style.font.size = font, Pt(size)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:eastAsia"), font)
    section.footer.paragraphs[0].text = "{{ contract.number }}"


def _fact(document: Any, label: str, value: str) -> None:
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_after = Pt(2)
    paragraph.add_run(f"{label}{_(': ')}").bold = True
    paragraph.add_run(value)


def _table(document: Any, heads: Any, cells: Any, widths: tuple[float, ...], right: tuple[int, ...]) -> None:
    """A row of headings, repeated on each page, and the row that is repeated for each line."""
    table = document.add_table(rows=2, cols=len(widths), style="Table Grid")
    table.autofit = False
    for index, width in enumerate(widths):
        table.columns[index].width = Cm(width)
        for row, text in enumerate((heads[index], cells[index])):
            cell = table.cell(row, index)
            cell.width = Cm(width)
            paragraph = cell.paragraphs[0]
            run = paragraph.add_run(text)
            run.bold, run.font.size = True if row == 0 else None, Pt(9)
            if index in right:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    document.add_paragraph()


def _signatures(document: Any) -> None:
    table = document.add_table(rows=1, cols=2)
    sides = ((_("Party A"), "contract.customer_party", "customer"), (_("Party B"), "contract.our_party", "ours"))
    for cell, (label, party, side) in zip(table.rows[0].cells, sides, strict=True):
        cell.paragraphs[0].add_run(f"{label}{_(': ')}{{{{ {party} }}}}").bold = True
        cell.add_paragraph(f"{{{{ signatories.{side} }}}}")
        for line in (_("Signature and seal"), _("Date")):
            cell.add_paragraph(f"{line}{_(': ')}____________________")
