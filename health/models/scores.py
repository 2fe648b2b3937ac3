"""HealthProfile (how a segment is scored), HealthRun (a night), AccountHealth (newest score), HealthPoint (history)."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.access import AccountScopedQuerySet
from accounts.models import Account
from core.models import Timestamped
from core.money import CURRENCY_CHOICES
from health.choices import Band, RunStage
from health.querysets import CompanyQuerySet, ProfileQuerySet
from health.texts import local_name


class HealthProfile(Timestamped):
    """How the accounts of a segment are scored: the first active profile (by `position`) that matches an account.

    `tiers`, `stages`, `statuses`, `categories` are lists of codes; an empty list lets every account through (and "" in
    `tiers` means no tier). `groups` is `{group: weight}`, `signals` is `{signal: {"weight": 0..100, "bound": number}}`:
    a signal that is not named, or weighs 0, does not count. `healthy_from` and `watch_from` are the bands' lowest
    scores. `exceptions` is `[{"signal": key, "at": severity 0..1, "cap": 0..100}]`: a signal that is at least so bad
    caps the score. `revision` counts the saves; every score says by which one it was made.
    """

    name = models.CharField(_("name"), max_length=120)
    name_hant = models.CharField(_("Traditional Chinese name"), max_length=120, blank=True)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)
    position = models.PositiveSmallIntegerField(_("order"), default=100)
    is_active = models.BooleanField(_("active"), default=True)
    tiers = models.JSONField(_("tiers"), default=list, blank=True)
    stages = models.JSONField(_("relationship stages"), default=list, blank=True)
    statuses = models.JSONField(pgettext_lazy("of accounts", "statuses"), default=list, blank=True)
    categories = models.JSONField(_("categories"), default=list, blank=True)
    groups = models.JSONField(_("weights of the groups"), default=dict)
    signals = models.JSONField(_("signals"), default=dict)
    exceptions = models.JSONField(_("exceptions"), default=list, blank=True)
    healthy_from = models.PositiveSmallIntegerField(_("healthy from"), default=70)
    watch_from = models.PositiveSmallIntegerField(_("watch from"), default=40)
    revision = models.PositiveIntegerField(_("revision"), default=1, editable=False)

    objects = ProfileQuerySet.as_manager()

    class Meta:
        verbose_name = _("health profile")
        verbose_name_plural = _("health profiles")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(watch_from__gte=1) & Q(healthy_from__gt=F("watch_from")) & Q(healthy_from__lte=100),
                name="health_bands_in_order",
                violation_error_message=_("The bands are not in order: 0 < watch < healthy ≤ 100."),
            )
        ]

    def __str__(self) -> str:
        return local_name(self)

    def get_absolute_url(self) -> str:
        return reverse("health:profile_detail", args=[self.pk])

    def band(self, score: Decimal | float) -> Band:
        """The band that a score (0 to 100) lies in."""
        if score >= self.healthy_from:
            return Band.HEALTHY
        return Band.WATCH if score >= self.watch_from else Band.AT_RISK


class HealthRun(Timestamped):
    """One night's scoring and alerting for a date: the row is what a killed run goes on from.

    `as_of` is the snapshot: only days before it count. `scored_through` is the highest account id that is scored.
    `gap_from`..`gap_until` (days) is where the company's own orders are missing as a whole: alerts that build on orders
    are withheld while it lasts, and pages say so. `compared`: the starts of playbooks were judged as of that day.
    """

    as_of = models.DateField(_("as of"), unique=True)
    stage = models.CharField(_("stage"), max_length=10, choices=RunStage, default=RunStage.SCORING)
    scored_through = models.BigIntegerField(default=0, editable=False)
    scored = models.PositiveIntegerField(_("accounts scored"), default=0)
    opened = models.PositiveIntegerField(_("alerts opened"), default=0)
    updated = models.PositiveIntegerField(_("alerts updated"), default=0)
    held = models.PositiveIntegerField(_("alerts held back"), default=0)
    withheld = models.PositiveIntegerField(_("alerts withheld for missing data"), default=0)
    gap_from = models.DateField(_("orders missing from"), null=True, blank=True)
    gap_until = models.DateField(_("orders missing until"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    compared = models.BooleanField(_("playbooks compared"), default=False, editable=False)

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name = _("health run")
        verbose_name_plural = _("health runs")
        ordering = ["-as_of"]

    def __str__(self) -> str:
        return f"{self.as_of:%Y-%m-%d}"


class AccountHealth(models.Model):
    """The newest score of an account with all that explains it; rewritten by each run, history is in HealthPoint.

    `parts` is a list, heaviest loss first (with weight 0 those that the profile does not count): `{"signal", "group",
    "value", "bound", "severity" (0 fine .. 1 worst), "weight" (share of 1 after the weight of what is missing went to
    the rest), "lost" (points), "date", "facts" (what the words need)}`; `missing` names the signals without data.
    `capped_by` is the signal of the exception that capped the score. `score` is null where too little is known.
    `probability` is P(no order in the next 90 days), `drop_probability` P(spend below half of the seasonal
    expectation), both 0..1; null where the account never ordered. `reasons` are the model's own contributions:
    `{"feature", "value", "typical", "contribution" (log-odds)}`. Amounts are in `currency`, the reporting currency:
    `lifetime_value_amount` is the expected net revenue of the next 36 months, discounted by 10% a year, and
    `value_at_risk_amount` = probability × the expected net revenue of the next 12 months if the account stays.
    """

    account = models.OneToOneField(
        Account, on_delete=models.CASCADE, primary_key=True, related_name="health", verbose_name=_("account")
    )
    as_of = models.DateField(_("as of"))
    profile = models.ForeignKey(
        HealthProfile, on_delete=models.PROTECT, related_name="+", verbose_name=_("health profile"), db_index=False
    )
    profile_revision = models.PositiveIntegerField(_("revision"))
    score = models.PositiveSmallIntegerField(_("health score"), null=True)
    band = models.CharField(_("band"), max_length=8, choices=Band, blank=True)
    capped_by = models.CharField(max_length=40, blank=True)
    parts = models.JSONField(default=list)
    missing = models.JSONField(default=list)
    model = models.ForeignKey(
        "health.ChurnModel", on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("churn model"),
        db_index=False,
    )  # fmt: skip
    probability = models.FloatField(_("churn probability"), null=True)
    drop_probability = models.FloatField(_("probability of a drop"), null=True)
    reasons = models.JSONField(default=list)
    currency = models.CharField(_("currency"), max_length=3, choices=CURRENCY_CHOICES)
    lifetime_value_amount = models.DecimalField(
        _("customer lifetime value"), max_digits=18, decimal_places=2, null=True
    )
    value_at_risk_amount = models.DecimalField(_("value at risk"), max_digits=18, decimal_places=2, null=True)

    objects = AccountScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("account health")
        verbose_name_plural = _("account health")
        indexes = [
            models.Index(F("value_at_risk_amount").desc(), F("account").desc(), name="health_by_value"),
            models.Index(F("probability").desc(), F("account").desc(), name="health_by_probability"),
            models.Index(F("score").asc(), F("account").asc(), name="health_by_score"),
            models.Index(fields=["band", "account"], name="health_by_band"),
            # The rest of a row is long: what sums over many accounts read is all in here.
            models.Index(
                fields=["account"],
                name="health_numbers",
                include=["probability", "value_at_risk_amount", "score", "band", "profile"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.score}"


class HealthPoint(models.Model):
    """The history of scores: daily for tier A, weekly else, as long as the policy keeps it.

    `parts` is `{signal: [value, severity]}`, enough to say what changed since.
    """

    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="health_points", verbose_name=_("account"), db_index=False
    )
    date = models.DateField(_("date"))
    score = models.PositiveSmallIntegerField(_("health score"), null=True)
    band = models.CharField(_("band"), max_length=8, choices=Band, blank=True)
    tier = models.CharField(_("tier"), max_length=1, blank=True)
    probability = models.FloatField(_("churn probability"), null=True)
    value_at_risk_amount = models.DecimalField(_("value at risk"), max_digits=18, decimal_places=2, null=True)
    parts = models.JSONField(default=dict)

    objects = AccountScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("health on a day")
        verbose_name_plural = _("history of health")
        ordering = ["account", "-date"]
        constraints = [models.UniqueConstraint(fields=["account", "date"], name="health_point_once")]
        indexes = [models.Index(fields=["date", "account"], include=["band", "score"], name="health_points_by_date")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.date:%Y-%m-%d}: {self.score}"
