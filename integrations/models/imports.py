"""ImportJob: a file on its way in. The row is the queue; a message to a worker is only a doorbell."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.money import CURRENCY_CHOICES
from integrations.models.jobs import FileJob
from integrations.querysets import ImportJobQuerySet
from orders.intake.problems import BAD, reason_name


class ImportStatus(models.TextChoices):
    DRAFT = "draft", _("Not started")
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    REFUSED = "refused", _("Refused: bad rows")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class ImportPhase(models.TextChoices):
    READING = "reading", _("Reading the file")
    CHECKING = "checking", _("Checking the orders")
    WRITING = "writing", _("Writing the orders")


GOOD = ("accepted", "cancellation")
# From and to per cent of the whole.
_SPANS = {
    "": (0, 0),
    ImportPhase.READING: (0, 35),
    ImportPhase.CHECKING: (35, 40),
    ImportPhase.WRITING: (40, 100),
}


class ImportJob(FileJob):
    """One file of orders: how it is to be read, how far it is, what became of its rows.

    `columns` and `rules` are those of `orders.intake.profile`; `share` is per cent of `phase`. `reasons` counts rows by
    reason, `orders` orders by outcome.
    """

    status = models.CharField(
        pgettext_lazy("of an import", "status"), max_length=10, choices=ImportStatus, default=ImportStatus.DRAFT
    )
    profile_name = models.CharField(pgettext_lazy("of an import", "profile"), max_length=60, default="generic")
    columns = models.JSONField(_("columns"), default=dict, blank=True)
    rules = models.JSONField(_("rules"), default=dict, blank=True)
    currency = models.CharField(_("currency"), max_length=3, choices=CURRENCY_CHOICES, blank=True)
    source = models.CharField(_("source system"), max_length=40, blank=True)
    create_accounts = models.BooleanField(_("create accounts"), default=False)
    manager = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("account manager"),
    )
    good_only = models.BooleanField(_("good rows only"), default=False)
    phase = models.CharField(_("phase"), max_length=10, choices=ImportPhase, blank=True)
    reasons = models.JSONField(_("rows by reason"), default=dict, blank=True)
    orders = models.JSONField(_("orders by outcome"), default=dict, blank=True)
    accounts_created = models.PositiveIntegerField(_("accounts created"), default=0)

    objects = ImportJobQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-pk"]
        indexes = [
            models.Index(
                fields=["status", "heartbeat_at"],
                name="imports_at_work",
                condition=models.Q(status__in=["queued", "running"]),
            )
        ]

    def get_absolute_url(self) -> str:
        return reverse("integrations:import_detail", args=[self.pk])

    @property
    def overall_share(self) -> int:
        """Per cent of the whole: reading is about a third, writing the rest."""
        begin, end = _SPANS[self.phase]
        return begin + (end - begin) * self.share // 100

    @property
    def bad_rows(self) -> int:
        """Rows that somebody should correct."""
        return sum(count for code, count in self.reasons.items() if code in BAD)

    @property
    def left_rows(self) -> int:
        """Rows that are no part of an order: bad ones, and those that the rules leave out."""
        return self.rows - sum(self.reasons.get(code, 0) for code in GOOD)

    @property
    def reason_rows(self) -> list[dict[str, Any]]:
        """For the table of counts: code, name, count, and whether such rows are good, left out or bad."""
        return [
            {
                "code": code,
                "name": reason_name(code),
                "count": count,
                "kind": "ok" if code in GOOD else "danger" if code in BAD else "muted",
            }
            for code, count in self.reasons.items()
            if count or code == "accepted"
        ]
