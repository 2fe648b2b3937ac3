"""What every import has: a file, who brought it, how far it is. The row is the queue; a message is only a doorbell."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.models import Timestamped


class FileJob(Timestamped):
    """A file on its way in.

    A running job belongs to the worker that knows `claim`; when `heartbeat_at` is old, that worker is dead and another
    one may claim it.
    """

    file = models.FileField(_("file"), upload_to="imports/%Y/%m/", max_length=200)
    file_name = models.CharField(_("file name"), max_length=200)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("imported by")
    )
    share = models.PositiveSmallIntegerField(_("progress"), default=0)
    claim = models.UUIDField(null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    queued_at = models.DateTimeField(_("queued"), null=True, blank=True)
    heartbeat_at = models.DateTimeField(_("last sign of life"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    rows = models.PositiveIntegerField(_("rows"), default=0)
    message = models.TextField(_("message"), blank=True)
    rejects = models.FileField(_("rejected rows"), upload_to="imports/%Y/%m/", max_length=200, blank=True)

    status: str

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_open(self) -> bool:
        """Waiting or running: the page asks again."""
        return self.status in ("queued", "running")


class CheckedStatus(models.TextChoices):
    DRAFT = "draft", _("Not started")
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    CHECKED = "checked", _("Checked")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class CheckedJob(FileJob):
    """A file that is first checked as a whole, while nothing is written (`dry_run`), and then imported.

    Every batch is written in one transaction with the counts and the place reached (`next_row`): whoever takes the job
    over goes on there.
    """

    audit_name = ""
    """How the audit calls it: `contact_import.started`."""
    audit_counts = "rows"
    """How the audit calls its counts: `rows_created`."""

    status = models.CharField(
        pgettext_lazy("of an import", "status"), max_length=10, choices=CheckedStatus, default=CheckedStatus.DRAFT
    )
    dry_run = models.BooleanField(_("only check"), default=True)
    good_only = models.BooleanField(_("good rows only"), default=False)
    next_row = models.PositiveIntegerField(default=0, editable=False)
    counts = models.JSONField(_("rows by result"), default=dict, blank=True)

    class Meta:
        abstract = True

    @property
    def bad_rows(self) -> int:
        """Rows that somebody should correct."""
        return self.counts.get("bad", 0)

    @property
    def good_rows(self) -> int:
        return sum(self.counts.get(name, 0) for name in ("created", "updated", "unchanged"))

    @property
    def has_news(self) -> bool:
        """Whether importing it would change anything."""
        return bool(self.counts.get("created") or self.counts.get("updated"))

    @property
    def findings(self) -> models.QuerySet[Any]:
        """What the last run found in the rows; the next one finds it anew."""
        raise NotImplementedError
