"""The list of contacts as a file: personal data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from contacts import pages
from contacts.filters import DEFAULT_SORT, SORTS, ContactFilter
from contacts.models import Contact, Employment
from core.exports import Asked, Cell, Found, ListExport, cells_of, filtered, register
from core.sheets import Kind


def _find(asked: Asked) -> Found:
    found = ContactFilter(asked.query, queryset=Contact.objects.visible_to(asked.user), request=asked)
    return filtered(found, asked, SORTS, DEFAULT_SORT)


def _cells(asked: Asked) -> Sequence[Cell]:
    """The person, and where they work of what the user sees; nothing of who asked to be forgotten is left to show."""
    jobs = [_of_job(cell) for cell in cells_of(Employment, "department", "position", "decision_role", "attitude")]
    return [
        *cells_of(Contact, "name", "name_en", "form_of_address"),
        Cell(_("Account code"), "job.account.code", width=14), Cell(_("Account"), "job.account.local_name", width=32),
        *jobs,
        Cell(_("Former"), lambda row: bool(row.job) and row.left),
        Cell(_("Relationship owner"), "job.owner"),
        *cells_of(Contact, "mobile", "work_phone", "email", "wechat", "preferred_channel", "preferred_language"),
        Cell(_("Birthday"), lambda row: getattr(pages.birthday(row, asked.today), "words", None)),
        *cells_of(Contact, "consent", "consent_date", "no_phone", "no_email", "no_wechat", "no_surveys"),
        *cells_of(Contact, "no_greetings"),
        Cell(_("Further employments"), lambda row: row.more_jobs or None, Kind.WHOLE),
    ]  # fmt: skip


def _of_job(cell: Cell) -> Cell:
    """The same of where the person works, if anywhere."""
    return Cell(cell.heading, lambda row: row.job and cell.of(row.job))


def _prepare(rows: list[Any], asked: Asked) -> None:
    pages.add_jobs(asked.user, rows, asked.today)


register(
    ListExport(
        "contacts", _("Contacts"), Contact, {"contacts:contact_list": {}}, find=_find, cells=_cells, prepare=_prepare,
        personal=True,
    )
)  # fmt: skip
