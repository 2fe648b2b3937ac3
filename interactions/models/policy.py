"""The contact policy: versions with rules; and the months of coverage."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import AccountScopedQuerySet
from accounts.choices import Region, Stage, Tier
from accounts.models import Account
from contacts.choices import Seniority
from core.models import Timestamped
from interactions.choices import CHANNELS, HOLIDAYS, Duty, PolicyStatus
from interactions.querysets import ContactPolicyQuerySet
from users.models import User


def default_channels() -> list[str]:
    return ["visit", "meeting", "call"]


def validate_channels(value: Any) -> None:
    """Raises ValidationError unless `value` is a list of channels without repetition, at least one."""
    if not isinstance(value, list) or not value or len(set(map(str, value))) < len(value):
        raise ValidationError(_("Choose at least one channel that counts."), code="channels")
    if unknown := [item for item in value if item not in {str(kind) for kind in CHANNELS}]:
        raise ValidationError(_("%(value)s is not a channel."), code="channels", params={"value": unknown[0]})


def validate_holidays(value: Any) -> None:
    """Raises ValidationError unless `value` is a list of holidays without repetition; it may be empty."""
    if not isinstance(value, list) or len(set(map(str, value))) < len(value):
        raise ValidationError(_("Each holiday at most once."), code="holidays")
    if unknown := [item for item in value if item not in {str(holiday) for holiday in HOLIDAYS}]:
        raise ValidationError(_("%(value)s is not a holiday."), code="holidays", params={"value": unknown[0]})


class ContactPolicy(Timestamped):
    """One version of the company's contact policy. A version in force or superseded never changes; one is in force."""

    number = models.PositiveIntegerField(_("version"), unique=True, editable=False)
    status = models.CharField(
        _("status"), max_length=10, choices=PolicyStatus, default=PolicyStatus.DRAFT, editable=False
    )
    note = models.CharField(_("what is new"), max_length=200, blank=True)
    visits_per_day = models.PositiveSmallIntegerField(
        _("visits per person and day"), default=4, validators=[MaxValueValidator(20)]
    )
    birthday_days_ahead = models.PositiveSmallIntegerField(
        _("propose birthday greetings, days ahead"), default=7, validators=[MaxValueValidator(60)]
    )
    holiday_days_ahead = models.PositiveSmallIntegerField(
        _("propose holiday greetings, days ahead"), default=10, validators=[MaxValueValidator(60)]
    )
    holidays = models.JSONField(_("holidays with greetings"), default=list, blank=True, validators=[validate_holidays])
    greeting_tiers = models.JSONField(_("tiers with greetings"), default=list, blank=True)
    in_force_from = models.DateTimeField(_("in force from"), null=True, editable=False)
    created_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("made by")
    )

    objects = ContactPolicyQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact policy")
        verbose_name_plural = _("contact policies")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["status"], condition=Q(status="in_force"), name="interactions_one_policy_in_force"
            )
        ]

    def __str__(self) -> str:
        return _("Contact policy, version %(number)d") % {"number": self.number}

    def get_absolute_url(self) -> str:
        return reverse("interactions:policy_detail", args=[self.pk])

    def clean(self) -> None:
        """Raises ValidationError on `greeting_tiers` unless it is a list of tiers."""
        if not isinstance(self.greeting_tiers, list) or set(map(str, self.greeting_tiers)) - set(Tier.values):
            raise ValidationError({"greeting_tiers": _("Choose from the tiers A, B and C.")})


class PolicyRule(models.Model):
    """How often, by which channels, whom and who: for accounts of a tier, stage and region; empty means any.

    Of the rules of one duty that fit an account the most specific one counts: tier before stage before region.
    """

    policy = models.ForeignKey(
        ContactPolicy, on_delete=models.CASCADE, related_name="rules", verbose_name=_("contact policy")
    )
    duty = models.CharField(_("who"), max_length=8, choices=Duty, default=Duty.MANAGER)
    tier = models.CharField(_("tier"), max_length=1, choices=Tier, blank=True)
    stage = models.CharField(_("relationship stage"), max_length=20, choices=Stage, blank=True)
    region = models.CharField(_("region"), max_length=16, choices=Region, blank=True)
    cadence_days = models.PositiveSmallIntegerField(
        _("cadence in days"), validators=[MinValueValidator(1), MaxValueValidator(730)]
    )
    channels = models.JSONField(_("channels that count"), default=default_channels, validators=[validate_channels])
    minimum_seniority = models.PositiveSmallIntegerField(
        _("minimum level"), choices=Seniority, default=Seniority.UNKNOWN
    )

    class Meta:
        verbose_name = _("rule of the contact policy")
        verbose_name_plural = _("rules of the contact policy")
        ordering = ["duty", "-tier", "-stage", "-region", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "duty", "tier", "stage", "region"],
                name="interactions_rule_once",
                violation_error_message=_("There is a rule for these accounts already."),
            ),
            models.CheckConstraint(condition=Q(cadence_days__gte=1), name="interactions_cadence_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.get_duty_display()} {self.tier or '*'} {self.stage or '*'} {self.region or '*'}"

    @property
    def specificity(self) -> int:
        return 4 * bool(self.tier) + 2 * bool(self.stage) + bool(self.region)


class CoverageMonth(models.Model):
    """Was an account within its cadence at the end of a month (for the current one: on the day of the last run)?

    Derived from interactions, the policy and the manager of that day; written by `services.coverage` alone. Accounts
    without a rule, paused or terminated have no row. `month` is its first day.
    """

    month = models.DateField(_("month"))
    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="coverage_months", verbose_name=_("account")
    )
    manager = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    tier = models.CharField(_("tier"), max_length=1, choices=Tier, blank=True)
    last_contact_date = models.DateField(_("last contact"), null=True)
    due_date = models.DateField(_("due"))
    covered = models.BooleanField(_("within cadence"))

    objects = AccountScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("month of coverage")
        verbose_name_plural = _("months of coverage")
        ordering = ["-month", "pk"]
        indexes = [models.Index(fields=["month", "manager", "tier", "covered"], name="coverage_by_month")]
        constraints = [models.UniqueConstraint(fields=["month", "account"], name="interactions_coverage_once")]

    def __str__(self) -> str:
        return f"{self.account} {self.month:%Y-%m}"
