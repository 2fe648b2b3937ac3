"""ContactImportJob: a file of contacts on its way in, and what is wrong with its rows."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.models import Timestamped
from integrations.people.problems import BAD, SKIPPED, message_of
from integrations.querysets import ContactImportJobQuerySet


class ContactImportStatus(models.TextChoices):
    DRAFT = "draft", _("Not started")
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    CHECKED = "checked", _("Checked")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class OnKnown(models.TextChoices):
    """What becomes of a row whose person is known already."""

    SKIP = "skip", _("Leave the person as they are")
    UPDATE = "update", _("Change the person by the cells that are not empty")


class ContactImportJob(Timestamped):
    """One file of contacts: how it is read, how far it is, what became of its rows.

    First the file is checked as a whole and nothing is written (`dry_run`), then it is imported. A running job belongs
    to the worker that knows `claim`; when `heartbeat_at` is old, that worker is dead and another one goes on at
    `next_row`: every batch of rows is written in one transaction with the counts and the place reached.
    """

    file = models.FileField(_("file"), upload_to="imports/%Y/%m/", max_length=200)
    file_name = models.CharField(_("file name"), max_length=200)
    status = models.CharField(
        pgettext_lazy("of an import", "status"),
        max_length=10,
        choices=ContactImportStatus,
        default=ContactImportStatus.DRAFT,
    )
    columns = models.JSONField(_("columns"), default=dict, blank=True)
    on_known = models.CharField(_("people who are known"), max_length=6, choices=OnKnown, default=OnKnown.SKIP)
    dry_run = models.BooleanField(_("only check"), default=True)
    good_only = models.BooleanField(_("good rows only"), default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("imported by")
    )
    claim = models.UUIDField(null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    queued_at = models.DateTimeField(_("queued"), null=True, blank=True)
    heartbeat_at = models.DateTimeField(_("last sign of life"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    share = models.PositiveSmallIntegerField(_("progress"), default=0)
    next_row = models.PositiveIntegerField(default=0, editable=False)
    rows = models.PositiveIntegerField(_("rows"), default=0)
    counts = models.JSONField(_("rows by result"), default=dict, blank=True)
    message = models.TextField(_("message"), blank=True)
    rejects = models.FileField(_("rejected rows"), upload_to="imports/%Y/%m/", max_length=200, blank=True)

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

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("integrations:contact_import_detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        """Waiting or running: the page asks again."""
        return self.status in (ContactImportStatus.QUEUED, ContactImportStatus.RUNNING)

    @property
    def bad_rows(self) -> int:
        """Rows that somebody should correct."""
        return self.counts.get("bad", 0)

    @property
    def good_rows(self) -> int:
        return sum(self.counts.get(name, 0) for name in ("created", "updated", "unchanged"))


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
