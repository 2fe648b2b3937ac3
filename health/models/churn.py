"""ChurnModel: what was trained on the company's own past; Backtest: how good the warnings would have been."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.models import Timestamped
from health.choices import Every, JobStatus, ModelKind
from health.querysets import BacktestQuerySet, CompanyQuerySet
from users.models import User


class ChurnModel(models.Model):
    """One training: its document (JSON, signed; never pickled), on what it was trained, how it did on held-out months.

    At most one is in use. `measures` holds those of the model, of the model before and of the plain rule on the same
    months; `verdict` says in a code why it was kept or not (`health.churn.training`).
    """

    kind = models.CharField(pgettext_lazy("of a churn model", "kind"), max_length=8, choices=ModelKind)
    trained_at = models.DateTimeField(_("trained"))
    as_of = models.DateField(_("as of"))
    first_snapshot = models.DateField(_("first snapshot"), null=True)
    last_snapshot = models.DateField(_("last snapshot"), null=True)
    rows = models.PositiveIntegerField(_("rows"), default=0)
    horizon_days = models.PositiveSmallIntegerField(_("horizon in days"), default=90)
    document = models.JSONField(default=dict)
    measures = models.JSONField(default=dict)
    verdict = models.CharField(max_length=40, blank=True)
    in_use = models.BooleanField(_("in use"), default=False)

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name = _("churn model")
        verbose_name_plural = _("churn models")
        ordering = ["-trained_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["in_use"], condition=Q(in_use=True), name="health_one_model_in_use")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {date_format(self.as_of)}"

    def get_absolute_url(self) -> str:
        return reverse("health:model_detail", args=[self.pk])


class Backtest(Timestamped):
    """A question to the past, and its answer. The row is the queue and holds the progress (0..100).

    `what_if` is `{"profile": {...}}` of a profile to compare with the current ones, or empty. `results` holds the
    measures of each scorer (model, rule, score, what-if score): see `health.churn.backtesting`. `rows_file` is the CSV.
    """

    from_date = models.DateField(_("from"))
    to_date = models.DateField(_("to"))
    horizon_days = models.PositiveSmallIntegerField(
        _("horizon in days"), default=90, validators=[MinValueValidator(7), MaxValueValidator(365)]
    )
    every = models.CharField(_("snapshots every"), max_length=5, choices=Every, default=Every.MONTH)
    what_if = models.JSONField(default=dict, blank=True)
    status = models.CharField(_("status"), max_length=8, choices=JobStatus, default=JobStatus.QUEUED, editable=False)
    progress = models.PositiveSmallIntegerField(_("progress"), default=0, editable=False)
    claimed_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)
    error = models.CharField(_("error"), max_length=250, blank=True, editable=False)
    results = models.JSONField(default=dict, editable=False)
    rows_file = models.FileField(_("rows"), upload_to="backtests/", blank=True, editable=False)
    created_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("made by")
    )

    objects = BacktestQuerySet.as_manager()

    class Meta:
        verbose_name = _("backtest")
        verbose_name_plural = _("backtests")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(to_date__gte=F("from_date")), name="health_backtest_in_order",
                violation_error_message=_("The last snapshot lies before the first."),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{date_format(self.from_date)} – {date_format(self.to_date)}"

    def get_absolute_url(self) -> str:
        return reverse("health:backtest_detail", args=[self.pk])
