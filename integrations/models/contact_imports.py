"""ContactImportJob: a file of contacts on its way in, and what is wrong with its rows."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from integrations.models.jobs import CheckedJob
from integrations.people.problems import BAD, SKIPPED, message_of
from integrations.querysets import ContactImportJobQuerySet


class OnKnown(models.TextChoices):
    """What becomes of a row whose person is known already."""

    SKIP = "skip", _("Leave the person as they are")
    UPDATE = "update", _("Change the person by the cells that are not empty")


class ContactImportJob(CheckedJob):
    """One file of contacts: how it is read, how far it is, what became of its rows."""

    audit_name = "contact_import"

    columns = models.JSONField(_("columns"), default=dict, blank=True)
    on_known = models.CharField(_("people who are known"), max_length=6, choices=OnKnown, default=OnKnown.SKIP)

    objects = ContactImportJobQuerySet.as_manager()

    class Meta:
        verbose_name = _("import of contacts")
        verbose_name_plural = _("imports of contacts")
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["status", "heartbeat_at"],
                name="contact_imports_at_work",
                condition=models.Q(status__in=["queued", "running"]),
            ),
            models.Index(fields=["created_by", "-id"], name="contact_imports_by_user"),
        ]

    def get_absolute_url(self) -> str:
        return reverse("integrations:contact_import_detail", args=[self.pk])

    @property
    def findings(self) -> models.QuerySet[Any]:
        return self.problems.all()


class ContactImportProblem(models.Model):
    """One thing wrong with one row, or why the row was left out."""

    job = models.ForeignKey(ContactImportJob, on_delete=models.CASCADE, related_name="problems")
    row = models.PositiveIntegerField(_("row"))
    code = models.CharField(_("reason"), max_length=20)
    field = models.CharField(_("field"), max_length=20, blank=True)
    params = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("problem of an import")
        verbose_name_plural = _("problems of imports")
        ordering = ["row", "pk"]
        indexes = [models.Index(fields=["job", "row"], name="contact_import_problems")]

    def __str__(self) -> str:
        return f"{self.row}: {self.message}"

    @property
    def message(self) -> str:
        return message_of(self.code, self.field, self.params) if self.code in SKIPPED | BAD else self.code

    @property
    def is_bad(self) -> bool:
        return self.code in BAD
