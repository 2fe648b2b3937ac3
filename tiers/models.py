"""TierPolicy and its versions, TierRun with one TierProposal per evaluated account, TierOverride."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.choices import Tier
from accounts.models import Account
from core.models import Timestamped
from core.money import CURRENCY_CHOICES
from tiers import parameters as rules
from tiers import periods
from tiers.choices import BulkAction, Hold, Method, RunStatus, Schedule, State
from tiers.querysets import OverrideQuerySet, PolicyQuerySet, ProposalQuerySet, RunQuerySet
from users.models import User


class TierPolicy(Timestamped):
    """A rule that sorts accounts into tiers. What it computes lies in its versions; the newest one is in use.

    At most one policy is `enabled`: it is the one that the schedule runs. The others can be run by hand.
    """

    code = models.CharField(
        _("policy code"),
        max_length=40,
        unique=True,
        validators=[RegexValidator(r"^[\w.\-]+$", _("Letters, digits and . - _ only."))],
    )
    name = models.CharField(_("name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)
    enabled = models.BooleanField(
        _("in force"), default=False, help_text=_("The schedule runs the policy in force; there is at most one.")
    )
    schedule = models.CharField(_("schedule"), max_length=12, choices=Schedule, default=Schedule.MANUAL)
    schedule_month = models.PositiveSmallIntegerField(
        _("first month"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(12)],
        help_text=_("1 to 12: quarters and half-years are counted from this month."),
    )
    schedule_day = models.PositiveSmallIntegerField(
        _("day of the month"), default=1, validators=[MinValueValidator(1), MaxValueValidator(28)]
    )

    objects = PolicyQuerySet.as_manager()

    class Meta:
        verbose_name = _("tier policy")
        verbose_name_plural = _("tier policies")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                fields=["enabled"],
                condition=Q(enabled=True),
                name="tiers_one_policy_in_force",
                violation_error_message=_("Another policy is in force already; take that one out of force first."),
            ),
            models.CheckConstraint(condition=Q(schedule_month__range=(1, 12)), name="tiers_schedule_month"),
            models.CheckConstraint(condition=Q(schedule_day__range=(1, 28)), name="tiers_schedule_day"),
        ]

    def __str__(self) -> str:
        english = (translation.get_language() or "").startswith("en")
        return self.name_en if english and self.name_en else self.name

    def get_absolute_url(self) -> str:
        return reverse("tiers:policy_detail", args=[self.pk])

    @property
    def current_version(self) -> TierPolicyVersion | None:
        """The newest version; prefetch `versions` where many policies are shown."""
        return max(self.versions.all(), key=lambda version: version.number, default=None)

    def last_due(self, today: dt.date) -> dt.date | None:
        """The latest scheduled day up to `today`; None without a schedule."""
        return periods.last_due(self.schedule, self.schedule_month, self.schedule_day, today)

    def next_due(self, today: dt.date) -> dt.date | None:
        """The first scheduled day after `today`; None without a schedule."""
        return periods.next_due(self.schedule, self.schedule_month, self.schedule_day, today)


class TierPolicyVersion(models.Model):
    """What a policy computes, never changed once saved: method, parameters, trailing months, currency.

    `currency` blank: the currency of the revenue where all of it is in one, else the reporting currency.
    """

    policy = models.ForeignKey(TierPolicy, on_delete=models.CASCADE, related_name="versions", verbose_name=_("policy"))
    number = models.PositiveIntegerField(_("version"))
    method = models.CharField(_("method"), max_length=12, choices=Method, default=Method.PARETO)
    parameters = models.JSONField(_("parameters"), default=dict, blank=True)
    months = models.PositiveSmallIntegerField(
        _("trailing months"), default=12, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    currency = models.CharField(
        _("currency"),
        max_length=3,
        choices=CURRENCY_CHOICES,
        blank=True,
        help_text=_("Empty: that of the revenue where all of it is in one, else the reporting currency."),
    )
    author = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("author")
    )
    note = models.CharField(_("note"), max_length=250, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = PolicyQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of a tier policy")
        verbose_name_plural = _("versions of tier policies")
        ordering = ["policy", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "number"], name="tiers_version_once"),
            models.CheckConstraint(condition=Q(months__range=(1, 60)), name="tiers_version_months"),
        ]

    def __str__(self) -> str:
        return _("%(policy)s, version %(number)s") % {"policy": self.policy, "number": self.number}

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("Versions of a policy are never changed.")
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Normalises the parameters. Raises ValidationError that names the parameter (`cut_a`, `weight_revenue`)."""
        self.parameters = rules.clean(self.method, self.parameters)

    def same_rules_as(self, other: TierPolicyVersion) -> bool:
        """Whether both compute the same."""
        names = ("method", "parameters", "months", "currency")
        return all(getattr(self, name) == getattr(other, name) for name in names)


class TierRun(models.Model):
    """One application of a policy version to the revenue of the `months` full months before the month of `as_of`.

    `period_start` to `period_end` are its first and last day. `totals` is what the page shows of the whole company:
    accounts and revenue per tier, the flow between tiers, the curve (`tiers.services.totals`). Amounts in `currency`.
    """

    version = models.ForeignKey(
        TierPolicyVersion, on_delete=models.PROTECT, related_name="runs", verbose_name=_("version of the policy")
    )
    as_of = models.DateField(_("as of"))
    period_start = models.DateField(_("first day"))
    period_end = models.DateField(_("last day"))
    currency = models.CharField(_("currency"), max_length=3, choices=CURRENCY_CHOICES)
    totals = models.JSONField(_("totals"), default=dict)
    previous_run = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("previous run")
    )
    created_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("run by")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("tier run")
        verbose_name_plural = _("tier runs")
        ordering = ["-as_of", "-pk"]
        constraints = [models.UniqueConstraint(fields=["version", "as_of"], name="tiers_run_once_per_version_and_date")]
        indexes = [models.Index(fields=["-as_of", "-id"], name="tiers_runs_by_date")]

    def __str__(self) -> str:
        return _("%(policy)s, %(as_of)s") % {"policy": self.version, "as_of": self.as_of}

    def get_absolute_url(self) -> str:
        return reverse("tiers:run_detail", args=[self.pk])

    @property
    def status(self) -> RunStatus:
        """Open while a proposal is pending; reads `has_pending` where the set was made `with_status()`."""
        pending = getattr(self, "has_pending", None)
        if pending is None:
            pending = self.proposals.pending().exists()
        return RunStatus.OPEN if pending else RunStatus.DECIDED


class TierProposal(models.Model):
    """What a run says about one account, with the numbers that say why; sentences are made of them when they are shown.

    `raw_tier` is what the numbers give, `proposed_tier` what is left of it after hysteresis and overrides (`hold` says
    which), `tier_before` the account's tier at the time. `cum_before` is the share (0 to 1) of all positive revenue
    that lies before the account in the order of revenue, `rank` its place; `evidence` has what else the method used.
    """

    run = models.ForeignKey(
        TierRun, on_delete=models.CASCADE, related_name="proposals", verbose_name=_("run"), db_index=False
    )
    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="tier_proposals", verbose_name=_("account"), db_index=False
    )
    tier_before = models.CharField(_("tier before"), max_length=1, choices=Tier, blank=True)
    raw_tier = models.CharField(_("tier by the numbers"), max_length=1, choices=Tier, blank=True)
    proposed_tier = models.CharField(_("proposed tier"), max_length=1, choices=Tier, blank=True)
    hold = models.CharField(_("held back by"), max_length=12, choices=Hold, blank=True, default="")
    revenue_amount = models.DecimalField(_("revenue"), max_digits=18, decimal_places=3, default=Decimal(0))
    cum_before = models.DecimalField(_("share before"), max_digits=9, decimal_places=8, null=True)
    rank = models.PositiveIntegerField(_("rank"), null=True)
    score = models.DecimalField(_("score"), max_digits=7, decimal_places=4, null=True)
    evidence = models.JSONField(_("evidence"), default=dict)
    state = models.CharField(_("state"), max_length=10, choices=State)
    final_tier = models.CharField(_("decided tier"), max_length=1, choices=Tier, blank=True, default="", db_default="")
    decided_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
        db_index=False,
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    reason = models.TextField(_("reason"), blank=True, default="", db_default="")

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("tier proposal")
        verbose_name_plural = _("tier proposals")
        ordering = ["run", "-revenue_amount", "-pk"]
        constraints = [models.UniqueConstraint(fields=["account", "run"], name="tiers_proposal_once")]
        indexes = [
            models.Index(
                F("run"),
                F("state"),
                F("tier_before"),
                F("proposed_tier"),
                F("revenue_amount").desc(),
                F("id").desc(),
                name="tiers_proposals_by_move",
            )
        ]

    def __str__(self) -> str:
        return f"{self.tier_before or '–'} → {self.proposed_tier or '–'}"

    def get_absolute_url(self) -> str:
        return reverse("tiers:proposal_detail", args=[self.pk])

    @property
    def is_pending(self) -> bool:
        return self.state == State.PENDING


class TierOverride(models.Model):
    """A tier set by hand, with a reason and a last day. While it is live, runs leave the account alone.

    It ends by date: nothing happens on that day, but the next run may move the account. `ended_on` says when it was
    ended early or replaced.
    """

    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="tier_overrides", verbose_name=_("account")
    )
    tier = models.CharField(_("tier"), max_length=1, choices=Tier)
    reason = models.TextField(_("reason"))
    expires_on = models.DateField(_("expires on"), help_text=_("The last day of the override."))
    ended_on = models.DateField(_("ended on"), null=True, blank=True, editable=False)
    created_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("set by"),
        editable=False,
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = OverrideQuerySet.as_manager()

    class Meta:
        verbose_name = _("tier override")
        verbose_name_plural = _("tier overrides")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(ended_on__isnull=True), name="tiers_one_open_override"
            )
        ]

    def __str__(self) -> str:
        return f"{self.tier} ({self.expires_on})"

    def clean(self) -> None:
        """Raises ValidationError where the reason is only spaces."""
        if self.reason and not self.reason.strip():
            raise ValidationError({"reason": _("Give a reason.")})

    def is_live(self, today: dt.date) -> bool:
        """Whether runs leave the account alone on `today`."""
        return self.ended_on is None and self.expires_on >= today


class BulkDecision(models.Model):
    """A decision on so many proposals that a worker carries it out: the row is the queue.

    `move` is as `tiers.filters.move_choices` names it, blank for all of the run. `claimed_at` is when a worker took it
    up; one that died leaves it without `done_at`, and another takes over.
    """

    run = models.ForeignKey(TierRun, on_delete=models.CASCADE, related_name="bulk_decisions", verbose_name=_("run"))
    move = models.CharField(_("move"), max_length=12, blank=True)
    action = models.CharField(_("action"), max_length=8, choices=BulkAction)
    reason = models.TextField(_("reason"), blank=True)
    actor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("decided by"))
    asked_at = models.DateTimeField(_("asked"))
    claimed_at = models.DateTimeField(_("taken up"), null=True, blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)

    objects = PolicyQuerySet.as_manager()

    class Meta:
        verbose_name = _("bulk decision")
        verbose_name_plural = _("bulk decisions")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["id"], condition=Q(done_at__isnull=True), name="tiers_bulk_undone")]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.move}".strip()
