"""EarlierImport: a file of results from before, on its way into a campaign that is over."""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.models import Timestamped
from surveys.choices import ImportState
from surveys.models.campaigns import Campaign
from surveys.models.questionnaires import QuestionnaireVersion
from surveys.querysets import CompanyQuerySet
from users.models import User


class EarlierImport(Timestamped):
    """One file. `name` is the campaign that its answers go to; it is made when the first rows are written. The rows are
    `total`: `added`, `known` (they were there already) and `bad`; of the bad ones `problems` has the first, as
    `[row, column, code, sentence]`, and `rejects` all of them with their reasons."""

    version = models.ForeignKey(
        QuestionnaireVersion, on_delete=models.PROTECT, related_name="+", verbose_name=_("questionnaire")
    )
    name = models.CharField(_("name of the campaign"), max_length=120)
    campaign = models.ForeignKey(
        Campaign, on_delete=models.SET_NULL, null=True, editable=False, related_name="earlier_imports",
        verbose_name=_("survey campaign"),
    )  # fmt: skip
    file = models.FileField(_("file"), upload_to="surveys/earlier/")
    file_name = models.CharField(_("file name"), max_length=200)
    rejects = models.FileField(_("rows given back"), upload_to="surveys/earlier/", blank=True)
    status = models.CharField(
        pgettext_lazy("of an import", "status"), max_length=10, choices=ImportState, default=ImportState.CHECKED
    )
    good_only = models.BooleanField(_("good rows only"), default=False)
    total = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    bad = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list)
    columns = models.JSONField(default=dict)
    claimed_at = models.DateTimeField(null=True, editable=False)
    created_by = models.ForeignKey(
        User, on_delete=models.PROTECT, editable=False, related_name="+", verbose_name=_("made by")
    )

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name = _("import of earlier results")
        verbose_name_plural = _("imports of earlier results")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("surveys:earlier_detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        """Whether a worker has it, or will."""
        return self.status in (ImportState.QUEUED, ImportState.RUNNING)
