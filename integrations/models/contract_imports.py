"""ContractImportJob: a file of signed contracts on its way in, and what becomes of each of its rows."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from integrations.agreements.problems import is_odd, message_of
from integrations.agreements.sheets import SHEETS
from integrations.models.jobs import CheckedJob
from integrations.querysets import ContractImportJobQuerySet

SHEET_CHOICES = [(name, sheet.label) for name, sheet in SHEETS.items()]


class RowResult(models.TextChoices):
    """What becomes of a row."""

    CREATED = "created", pgettext_lazy("of a row in a file", "New")
    UPDATED = "updated", pgettext_lazy("of a row in a file", "Changes something")
    UNCHANGED = "unchanged", pgettext_lazy("of a row in a file", "Nothing new")
    BAD = "bad", pgettext_lazy("of a row in a file", "Bad")


class ContractImportJob(CheckedJob):
    """One file of contracts, instalments and receipts.

    `layout` says which sheet of the file is what and which columns nobody reads; `by_sheet` counts its rows by result.
    `next_row` counts contracts, in the order in which the file first names them.
    """

    audit_name = "contract_import"
    audit_counts = "contract_rows"

    layout = models.JSONField(_("sheets"), default=dict, blank=True)
    by_sheet = models.JSONField(_("rows by sheet and result"), default=dict, blank=True)

    objects = ContractImportJobQuerySet.as_manager()

    class Meta:
        verbose_name = _("import of contracts")
        verbose_name_plural = _("imports of contracts")
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["status", "heartbeat_at"],
                name="contract_imports_at_work",
                condition=models.Q(status__in=["queued", "running"]),
            ),
            models.Index(fields=["created_by", "-id"], name="contract_imports_by_user"),
        ]

    def get_absolute_url(self) -> str:
        return reverse("integrations:contract_import_detail", args=[self.pk])

    @property
    def findings(self) -> models.QuerySet[Any]:
        return self.found_rows.all()

    @property
    def sheet_counts(self) -> list[dict[str, Any]]:
        """For the table: a line for each sheet of the file, with its rows by result."""
        lines = []
        for found in self.layout.get("sheets", []):
            counts = self.by_sheet.get(found["sheet"], {})
            numbers = {name: counts.get(name, 0) for name in KINDS}
            lines.append({**found, "label": SHEETS[found["sheet"]].label, **numbers})
        return lines

    @property
    def odd_rows(self) -> int:
        """Rows that are imported, but are worth a look."""
        return sum(counts.get("odd", 0) for counts in self.by_sheet.values())


KINDS = (*RowResult.values, "odd")


class ContractImportRow(models.Model):
    """What becomes of one row: the result, and what is wrong with it or odd about it."""

    job = models.ForeignKey(ContractImportJob, on_delete=models.CASCADE, related_name="found_rows", db_index=False)
    sheet = models.CharField(_("sheet"), max_length=12, choices=SHEET_CHOICES)
    row = models.PositiveIntegerField(pgettext_lazy("of a file", "row"))
    contract = models.CharField(_("contract"), max_length=120, blank=True)
    result = models.CharField(_("result"), max_length=10, choices=RowResult)
    is_odd = models.BooleanField(_("odd"), default=False)
    problems = models.JSONField(_("problems"), default=list, blank=True)

    class Meta:
        verbose_name = _("row of an import")
        verbose_name_plural = _("rows of imports")
        ordering = ["pk"]
        indexes = [models.Index(fields=["job", "result", "id"], name="contract_import_rows")]

    def __str__(self) -> str:
        return f"{self.sheet} {self.row}: {self.result}"

    @property
    def messages(self) -> list[dict[str, Any]]:
        """Each problem: its sentence in the active language, its code, whether it is only odd."""
        return [
            {
                "text": message_of(one["code"], one["field"], one["params"]),
                "code": one["code"],
                "is_odd": is_odd(one["code"]),
            }
            for one in self.problems
        ]
