"""ExportJob: a list on its way out as a file. The row is the queue; a message to a worker is only a doorbell."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.http import QueryDict
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core import exports
from core.models import Timestamped
from dashboards.choices import ExportForm, ExportStatus
from dashboards.errors import message_of
from dashboards.querysets import ExportJobQuerySet


def new_name() -> str:
    """Of a file, not to be guessed."""
    return uuid.uuid4().hex


class ExportJob(Timestamped):
    """One export: of which list, narrowed by which query, in which form and language, how far, and where its file is.

    A running job belongs to the worker that knows `claim`; when `heartbeat_at` is old, that worker is dead and another
    one may claim it. Whoever writes the file writes it to the one place that `file_key` names: there are never two.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="exports", verbose_name=_("user")
    )
    list_name = models.CharField(_("list"), max_length=40)
    query = models.TextField(_("filters"), blank=True)
    file_format = models.CharField(_("format"), max_length=4, choices=ExportForm, default=ExportForm.XLSX)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    status = models.CharField(
        pgettext_lazy("of an export", "status"), max_length=10, choices=ExportStatus, default=ExportStatus.QUEUED
    )
    rows_expected = models.PositiveIntegerField(_("rows"), default=0)
    rows_done = models.PositiveIntegerField(_("rows written"), default=0)
    file_key = models.CharField(max_length=32, default=new_name, editable=False)
    file = models.FileField(_("file"), max_length=120, blank=True)
    size = models.PositiveBigIntegerField(_("size in bytes"), default=0)
    error_code = models.CharField(_("error"), max_length=40, blank=True)
    error_params = models.JSONField(default=dict, blank=True)
    claim = models.UUIDField(null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    heartbeat_at = models.DateTimeField(_("last sign of life"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    expires_at = models.DateTimeField(_("kept until"), null=True, blank=True)
    downloaded_at = models.DateTimeField(_("first downloaded"), null=True, blank=True)

    objects = ExportJobQuerySet.as_manager()

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["user", "-id"], name="exports_by_user"),
            models.Index(
                fields=["status", "heartbeat_at"], name="exports_at_work",
                condition=models.Q(status__in=["queued", "running"]),
            ),
            models.Index(fields=["expires_at"], name="exports_outdated", condition=models.Q(status="done")),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("dashboards:export_detail", args=[self.pk])

    @property
    def title(self) -> str:
        """The name of the list in the reader's language; its code where there is no such list any more."""
        export = exports.get(self.list_name)
        return capfirst(str(export.title)) if export else self.list_name

    @property
    def parameters(self) -> QueryDict:
        return QueryDict(self.query)

    @property
    def is_open(self) -> bool:
        """Waiting or running: the page asks again."""
        return self.status in (ExportStatus.QUEUED, ExportStatus.RUNNING)

    @property
    def is_ready(self) -> bool:
        return self.status == ExportStatus.DONE

    @property
    def share(self) -> int:
        """Per cent."""
        return min(100, self.rows_done * 100 // self.rows_expected) if self.rows_expected else 0

    @property
    def message(self) -> str:
        """Why it failed, in the reader's language."""
        return message_of(self.error_code, self.error_params) if self.error_code else ""

    def asked_as(self, **about: Any) -> exports.Asked:
        """The question that its rows answer: `now` and `today` are the caller's."""
        return exports.Asked(user=self.user, query=self.parameters, **about)
