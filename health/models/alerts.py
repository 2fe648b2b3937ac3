"""HealthPolicy, AlertRule, Alert with its comments."""

from __future__ import annotations

import datetime as dt

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Account
from core.models import Timestamped
from core.money import CURRENCY_CHOICES
from health.choices import UNRESOLVED, AlertOutcome, AlertStatus, LostCause, Reason, Severity
from health.models.playbooks import Playbook
from health.querysets import AlertPartQuerySet, AlertQuerySet, CompanyQuerySet, RuleQuerySet
from health.texts import local_name
from users.models import User

LISTED = ["account", "owner", "reason", "severity", "due_at", "escalation"]
"""What the inbox is narrowed by: an index that has it finds a page without the rows, which are wide with evidence."""
REASONS, STATUSES, OUTCOMES = dict(Reason.choices), dict(AlertStatus.choices), dict(AlertOutcome.choices)


class HealthPolicy(models.Model):
    """The one row of rules for scores and alerts. Hours are working hours (`day_from` to `day_until` on working days of
    the account's country)."""

    open_alerts_per_manager = models.PositiveSmallIntegerField(
        _("open alerts per person at most"), default=25, validators=[MinValueValidator(1), MaxValueValidator(1000)]
    )
    due_hours_a = models.PositiveSmallIntegerField(_("hours to act, tier A"), default=9)
    due_hours_b = models.PositiveSmallIntegerField(_("hours to act, tier B"), default=18)
    due_hours_c = models.PositiveSmallIntegerField(_("hours to act, others"), default=45)
    director_after_hours = models.PositiveSmallIntegerField(_("hours from the supervisor to the director"), default=18)
    quiet_days = models.PositiveSmallIntegerField(
        _("days without the same alert after a false alarm"), default=60, validators=[MaxValueValidator(365)]
    )
    keep_days = models.PositiveSmallIntegerField(
        _("days of history kept"), default=730, validators=[MinValueValidator(90), MaxValueValidator(3650)]
    )
    day_from = models.TimeField(_("working day from"), default=dt.time(9))
    day_until = models.TimeField(_("working day until"), default=dt.time(18))

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name = _("health policy")
        verbose_name_plural = _("health policies")
        constraints = [
            models.CheckConstraint(
                condition=Q(day_until__gt=F("day_from")), name="health_working_day_in_order",
                violation_error_message=_("The working day ends before it begins."),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


class AlertRule(Timestamped):
    """When an alert is raised. All `conditions` hold (or any, where `any_of`), for an account of one of `tiers` (an
    empty list: every tier).

    `conditions` is `[{"measure", "op": "gte" | "lte", "value"}]`; a measure is `signal:<key>` (its severity, 0..1),
    `value:<key>` (the signal's own number), `score`, `probability`, `drop_probability` or `value_at_risk`. What is
    missing makes no condition true.
    """

    name = models.CharField(_("name"), max_length=120)
    name_hant = models.CharField(_("Traditional Chinese name"), max_length=120, blank=True)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason)
    is_active = models.BooleanField(_("active"), default=True)
    tiers = models.JSONField(_("tiers"), default=list, blank=True)
    any_of = models.BooleanField(_("any condition is enough"), default=False)
    conditions = models.JSONField(_("conditions"), default=list)
    playbook = models.ForeignKey(
        Playbook, on_delete=models.SET_NULL, null=True, blank=True, related_name="rules", verbose_name=_("playbook")
    )

    objects = RuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("alert rule")
        verbose_name_plural = _("alert rules")
        ordering = ["reason", "pk"]

    def __str__(self) -> str:
        return local_name(self)

    def get_absolute_url(self) -> str:
        return reverse("health:rule_update", args=[self.pk])


class Alert(Timestamped):
    """A customer in danger, for one reason: one unresolved per account and reason; it is updated, not repeated.

    `evidence` is what the rule saw when it opened, frozen; `evidence_now` what the last run saw: `{"score",
    "probability", "drop_probability", "value_at_risk", "signals": [part of AccountHealth.parts]}`. `cleared_on` is the
    day since when the rule holds no more. `rank` = probability × value at stake, in the reporting currency: the order
    of the inbox. `opened_on` is the night that found it; `opened_at` the moment since when its owner has it: later,
    where it was held back first. `due_at` (UTC) is by tier in working hours from then. `assigned_at` is when the owner
    became it: a manager who comes later takes over. `escalation` is 0 (owner), 1 (supervisor told), 2 (director told).
    """

    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="alerts", verbose_name=_("account"), db_index=False
    )
    rule = models.ForeignKey(AlertRule, on_delete=models.PROTECT, related_name="alerts", verbose_name=_("alert rule"))
    reason = models.CharField(_("reason"), max_length=20, choices=Reason)
    status = models.CharField(
        pgettext_lazy("of an alert", "status"), max_length=12, choices=AlertStatus, default=AlertStatus.OPEN
    )
    severity = models.PositiveSmallIntegerField(_("severity"), choices=Severity)
    rank = models.FloatField(_("rank"), default=0)
    owner = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="health_alerts", verbose_name=_("owner"),
        db_index=False,
    )  # fmt: skip
    assigned_at = models.DateTimeField(_("owner since"), null=True)
    opened_on = models.DateField(_("opened"))
    opened_at = models.DateTimeField(_("opened at"))
    due_at = models.DateTimeField(_("due"), null=True)
    probability = models.FloatField(_("churn probability"), null=True)
    value_at_risk_amount = models.DecimalField(_("value at risk"), max_digits=18, decimal_places=2, null=True)
    currency = models.CharField(_("currency"), max_length=3, choices=CURRENCY_CHOICES)
    evidence = models.JSONField(default=dict)
    evidence_now = models.JSONField(default=dict)
    seen_on = models.DateField(_("last seen"))
    cleared_on = models.DateField(_("cleared"), null=True)
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True)
    acknowledged_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("acknowledged by")
    )
    snoozed_until = models.DateField(_("snoozed until"), null=True)
    escalation = models.PositiveSmallIntegerField(_("escalation"), default=0)
    escalated_at = models.DateTimeField(_("escalated"), null=True)
    resolved_at = models.DateTimeField(_("resolved"), null=True)
    resolved_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("resolved by")
    )
    outcome = models.CharField(_("outcome"), max_length=12, choices=AlertOutcome, blank=True)
    lost_cause = models.CharField(_("cause of the loss"), max_length=12, choices=LostCause, blank=True)
    resolution = models.TextField(_("what happened"), blank=True, max_length=5000)

    objects = AlertQuerySet.as_manager()

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        ordering = ["-rank", "-pk"]
        indexes = [
            models.Index(
                F("rank").desc(),
                F("id").desc(),
                condition=Q(status__in=["open", "acknowledged"]),
                name="health_inbox_ranked",
                include=[*LISTED, "status"],
            ),
            models.Index(
                F("opened_at").desc(),
                F("id").desc(),
                condition=~Q(status="resolved"),
                name="health_inbox_newest",
                include=[*LISTED, "status"],
            ),
            models.Index(
                F("owner"), F("rank").desc(), F("id").desc(), condition=~Q(status="resolved"), name="health_inbox_own"
            ),
            models.Index(
                F("status"),
                F("rank").desc(),
                F("id").desc(),
                condition=~Q(status="resolved"),
                name="health_inbox_tabs",
                include=[*LISTED, "opened_on"],
            ),
            models.Index(
                fields=["due_at", "id"],
                condition=~Q(status="resolved"),
                name="health_inbox_due",
                include=["account", "owner", "reason", "severity", "escalation", "status"],
            ),
            models.Index(fields=["account", "-id"], name="health_alerts_account"),
            models.Index(fields=["opened_on", "id"], name="health_alerts_opened"),
            models.Index(
                F("resolved_at").desc(),
                F("id").desc(),
                condition=Q(resolved_at__isnull=False),
                name="health_inbox_resolved",
                include=["account", "owner", "reason", "severity", "status"],
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "reason"], condition=Q(status__in=[str(item) for item in UNRESOLVED]),
                name="health_one_alert",
            ),
            models.CheckConstraint(
                condition=~Q(status="resolved") | (Q(resolved_at__isnull=False) & ~Q(outcome="")),
                name="health_alert_resolved_how",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="lost") | ~Q(lost_cause=""), name="health_lost_has_a_cause",
                violation_error_message=_("Say why the customer was lost."),
            ),
            models.CheckConstraint(
                condition=~Q(status="snoozed") | Q(snoozed_until__isnull=False), name="health_snoozed_until_when"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.account} · {self.get_reason_display()}"

    # Django's own make a dictionary of all choices at each call, which a list of alerts pays dearly for.
    def get_reason_display(self) -> str:  # type: ignore[no-redef]
        return str(REASONS.get(self.reason, self.reason))

    def get_status_display(self) -> str:  # type: ignore[no-redef]
        return str(STATUSES.get(self.status, self.status))

    def get_outcome_display(self) -> str:  # type: ignore[no-redef]
        return str(OUTCOMES.get(self.outcome, self.outcome))

    def get_absolute_url(self) -> str:
        return reverse("health:alert_detail", args=[self.pk])


class AlertComment(models.Model):
    """What somebody noted beside an alert."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="comments", verbose_name=_("alert"))
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("author"))
    text = models.TextField(_("comment"), max_length=5000)
    created_at = models.DateTimeField(_("created"))

    objects = AlertPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment on an alert")
        verbose_name_plural = _("comments on alerts")
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return self.text[:60]
