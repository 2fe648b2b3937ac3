"""Scorecards: what was agreed for a person or a team over a period, what came of it, and who signed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.models import Timestamped
from dashboards.choices import Measure, PeriodKind
from dashboards.querysets import ScorecardPartQuerySet, ScorecardQuerySet
from dashboards.scorecards.rules import Period
from users.models import Team, User


class Scorecard(Timestamped):
    """The targets of one person, or of a team with all below it, for a month, quarter or year.

    `results` is what the last computation found: `{"lines": [{"measure", "target", "weight", "actual", "achievement",
    "counted", "points", "facts"}], "people"}`, numbers as text; once signed it is not computed any more. `team` of a
    person is the one of the last computation: its median is what the score is compared with.
    """

    person = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="scorecards", verbose_name=_("person")
    )
    team = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, blank=True, related_name="scorecards", verbose_name=_("team")
    )
    kind = models.CharField(pgettext_lazy("of a scorecard", "period"), max_length=7, choices=PeriodKind)
    first_day = models.DateField(_("first day"))
    results = models.JSONField(default=dict, blank=True, editable=False)
    score = models.DecimalField(_("score"), max_digits=6, decimal_places=2, null=True, editable=False)
    computed_at = models.DateTimeField(_("computed"), null=True, editable=False)
    set_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("targets set by")
    )
    signed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("signed by")
    )
    signed_at = models.DateTimeField(_("signed"), null=True, editable=False)

    objects = ScorecardQuerySet.as_manager()

    class Meta:
        verbose_name = _("manager scorecard")
        verbose_name_plural = _("manager scorecards")
        ordering = ["-first_day", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind", "first_day"], condition=Q(person__isnull=False), name="scorecard_of_person"
            ),
            models.UniqueConstraint(
                fields=["team", "kind", "first_day"], condition=Q(person__isnull=True), name="scorecard_of_team"
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False) | Q(team__isnull=False), name="scorecard_of_somebody"
            ),
            models.CheckConstraint(
                condition=Q(signed_at__isnull=True) | Q(signed_by__isnull=False), name="scorecard_signed_by"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person or self.team} {self.period.name}"

    def get_absolute_url(self) -> str:
        return reverse("dashboards:scorecard_detail", args=[self.pk])

    @property
    def period(self) -> Period:
        return Period(self.kind, self.first_day)

    @property
    def is_signed(self) -> bool:
        return self.signed_at is not None

    def is_over(self, today: dt.date) -> bool:
        """Signing waits for the end of the period."""
        return self.period.last < today

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The lines of the last computation."""
        return list(self.results.get("lines", []))


class ScorecardTarget(models.Model):
    """One measure of a scorecard: shares are 0..1, amounts in the reporting currency; weights add up to 100."""

    scorecard = models.ForeignKey(
        Scorecard, on_delete=models.CASCADE, related_name="targets", verbose_name=_("manager scorecard")
    )
    measure = models.CharField(pgettext_lazy("of a scorecard", "measure"), max_length=12, choices=Measure)
    target = models.DecimalField(_("target"), max_digits=18, decimal_places=4, default=Decimal(0))
    weight = models.PositiveSmallIntegerField(_("weight"), validators=[MaxValueValidator(100)])

    objects = ScorecardPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        ordering = ["scorecard", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["scorecard", "measure"], name="scorecard_measure_once"),
            models.CheckConstraint(condition=Q(weight__gte=1, weight__lte=100), name="scorecard_weight_to_100"),
        ]

    def __str__(self) -> str:
        return f"{self.measure}: {self.target} ({self.weight}%)"


class ScorecardComment(models.Model):
    """What one side noted; both see it."""

    scorecard = models.ForeignKey(
        Scorecard, on_delete=models.CASCADE, related_name="comments", verbose_name=_("manager scorecard")
    )
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("author"))
    text = models.TextField(_("comment"), max_length=5000)
    created_at = models.DateTimeField(_("created"))

    objects = ScorecardPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment on a scorecard")
        verbose_name_plural = _("comments on scorecards")
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return self.text[:60]
