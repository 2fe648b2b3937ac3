"""The rules of the house for contracts, and the renewal of each term."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.choices import Tier
from contracts.choices import MismatchRule, RenewalOutcome
from contracts.models.contracts import Contract
from contracts.querysets import ContractPartQuerySet
from core.models import Timestamped
from core.money import CURRENCY_CHOICES
from interactions.models import NextStep
from users.models import User


class ContractPolicy(Timestamped):
    """The one row of rules for all contracts.

    A renewal that nobody acts on goes to the supervisor `escalate_after` days after it opened and becomes an alert
    `alert_before` days before the notice date.
    """

    singleton = models.BooleanField(default=True, unique=True, editable=False)
    our_party = models.CharField(_("our party"), max_length=200, blank=True)
    plan_mismatch = models.CharField(
        _("instalments that do not sum to the total"), max_length=6, choices=MismatchRule, default=MismatchRule.WARN
    )
    escalate_after = models.PositiveSmallIntegerField(
        _("escalate after days"), default=14, validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    alert_before = models.PositiveSmallIntegerField(
        _("alert so many days before notice"), default=14, validators=[MaxValueValidator(365)]
    )

    class Meta:
        verbose_name = _("contract policy")
        verbose_name_plural = _("contract policies")
        constraints = [models.CheckConstraint(condition=Q(singleton=True), name="contracts_one_policy")]

    def __str__(self) -> str:
        return str(_("Contract policy"))


class RenewalRule(models.Model):
    """When a renewal opens: `open_days` before the notice date. The rule of the account's tier with the highest
    `min_amount` that the net total (in the reporting currency) reaches; without one, that of no tier (empty)."""

    policy = models.ForeignKey(
        ContractPolicy, on_delete=models.CASCADE, related_name="renewal_rules", verbose_name=_("contract policy")
    )
    tier = models.CharField(_("tier"), max_length=1, choices=Tier, blank=True)
    min_amount = models.DecimalField(
        _("from an amount of"), max_digits=18, decimal_places=3, default=0, validators=[MinValueValidator(0)]
    )
    open_days = models.PositiveSmallIntegerField(
        _("opens days before notice"), validators=[MinValueValidator(1), MaxValueValidator(730)]
    )

    class Meta:
        verbose_name = _("renewal rule")
        verbose_name_plural = _("renewal rules")
        ordering = ["tier", "min_amount"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "tier", "min_amount"], name="contracts_renewal_rule_once")
        ]

    def __str__(self) -> str:
        return f"{self.tier} {self.min_amount}: {self.open_days}"


class DunningRule(models.Model):
    """A reminder task `days_overdue` days after the due date, for accounts of `tier` (empty: of no tier or others)."""

    policy = models.ForeignKey(
        ContractPolicy, on_delete=models.CASCADE, related_name="dunning_rules", verbose_name=_("contract policy")
    )
    tier = models.CharField(_("tier"), max_length=1, choices=Tier, blank=True)
    level = models.PositiveSmallIntegerField(
        pgettext_lazy("of a reminder", "level"), validators=[MinValueValidator(1), MaxValueValidator(9)]
    )
    days_overdue = models.PositiveSmallIntegerField(
        _("days overdue"), validators=[MinValueValidator(1), MaxValueValidator(365)]
    )

    class Meta:
        verbose_name = _("dunning rule")
        verbose_name_plural = _("dunning rules")
        ordering = ["tier", "level"]
        constraints = [models.UniqueConstraint(fields=["policy", "tier", "level"], name="contracts_dunning_rule_once")]

    def __str__(self) -> str:
        return f"{self.tier} {self.level}: {self.days_overdue}"


class Renewal(Timestamped):
    """The renewal of one term of a contract, named by the day on which the term ends.

    `value_amount` is the net total at opening, `value_currency` the contract's currency: beside the amount, so that the
    pipeline is summed without the contracts. `acted_at` is when somebody first did something about it: after that it
    no longer escalates.
    """

    contract = models.ForeignKey(
        Contract, on_delete=models.CASCADE, related_name="renewals", verbose_name=_("contract")
    )
    term_end = models.DateField(_("term ends"))
    notice_date = models.DateField(_("notice by"))
    opened_on = models.DateField(_("opened on"))
    step = models.ForeignKey(NextStep, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("task"))
    value_amount = models.DecimalField(_("value"), max_digits=18, decimal_places=3)
    value_currency = models.CharField(_("currency"), max_length=3, choices=CURRENCY_CHOICES)
    acted_at = models.DateTimeField(_("acted on"), null=True)
    escalated_on = models.DateField(_("escalated on"), null=True)
    alerted_on = models.DateField(_("alert since"), null=True)
    outcome = models.CharField(_("outcome"), max_length=12, choices=RenewalOutcome, default=RenewalOutcome.OPEN)
    outcome_note = models.CharField(_("reason"), max_length=300, blank=True)
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_on = models.DateField(pgettext_lazy("date", "decided"), null=True)

    objects = ContractPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("renewal")
        verbose_name_plural = _("renewals")
        ordering = ["term_end", "pk"]
        constraints = [models.UniqueConstraint(fields=["contract", "term_end"], name="contracts_renewal_once")]
        indexes = [
            models.Index(fields=["notice_date", "id"], condition=Q(outcome="open"), name="contracts_renewals_open"),
            models.Index(fields=["term_end", "id"], name="contracts_renewals_by_end"),
            models.Index(fields=["term_end", "id"], condition=Q(outcome="open"), name="contracts_renewals_open_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.contract} {self.term_end:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        return reverse("contracts:renewal_detail", args=[self.pk])

    @property
    def urgency(self) -> str:
        """Of an open one that nobody acted on: alert, escalated or idle; else acted; of a decided one nothing."""
        if self.outcome != RenewalOutcome.OPEN:
            return ""
        if self.acted_at is not None:
            return "acted"
        return "alert" if self.alerted_on else "escalated" if self.escalated_on else "idle"

    @property
    def account_id(self) -> int:
        """For the audit: the account that the entry is about."""
        return self.contract.account_id
