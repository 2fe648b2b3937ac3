"""Questionnaire and its versions."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.models import Timestamped
from surveys.choices import VersionStatus
from surveys.querysets import CompanyQuerySet
from users.models import User


class Questionnaire(Timestamped):
    """A set of questions under one name; what is asked stands in its versions.

    `template` names the one that came with the product, which it was made from; empty for one of our own.
    """

    name = models.CharField(_("name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)
    template = models.CharField(_("template"), max_length=40, blank=True, editable=False)
    archived = models.BooleanField(_("archived"), default=False, editable=False)

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name = _("questionnaire")
        verbose_name_plural = _("questionnaires")
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["name"], name="surveys_questionnaire_name")]

    def __str__(self) -> str:
        return self.local_name

    def get_absolute_url(self) -> str:
        return reverse("surveys:questionnaire_detail", args=[self.pk])

    @property
    def local_name(self) -> str:
        """The English name, where there is one, for readers of English."""
        english = (translation.get_language() or "").startswith("en")
        return self.name_en if english and self.name_en else self.name


class QuestionnaireVersion(Timestamped):
    """What is asked: `definition` as `surveys/definition.py` describes it. A published version never changes; at most
    one draft is at work."""

    questionnaire = models.ForeignKey(
        Questionnaire, on_delete=models.CASCADE, related_name="versions", verbose_name=_("questionnaire")
    )
    number = models.PositiveSmallIntegerField(_("version"))
    status = models.CharField(
        pgettext_lazy("of a questionnaire", "status"), max_length=10, choices=VersionStatus,
        default=VersionStatus.DRAFT, editable=False,
    )  # fmt: skip
    definition = models.JSONField(_("questions"), default=dict)
    published_at = models.DateTimeField(_("published"), null=True, editable=False)
    author = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("author")
    )

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of a questionnaire")
        verbose_name_plural = _("versions of questionnaires")
        ordering = ["questionnaire", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["questionnaire", "number"], name="surveys_version_once"),
            models.UniqueConstraint(fields=["questionnaire"], condition=Q(status="draft"), name="surveys_one_draft"),
            models.CheckConstraint(
                condition=~Q(status="published") | Q(published_at__isnull=False), name="surveys_published_when"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.questionnaire} v{self.number}"
