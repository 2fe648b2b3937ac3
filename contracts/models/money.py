"""What is to be paid when, what was received, and which reminders were given."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contracts.choices import DueBy, ReceiptKind, ReceiptMethod
from contracts.models.contracts import Contract, ContractVersion
from contracts.querysets import ContractPartQuerySet, InstalmentQuerySet
from core.models import Timestamped
from core.money import CURRENCY_CHOICES
from core.numbers import full_money
from interactions.models import NextStep
from users.models import User


class Instalment(models.Model):
    """A part of the price and when it is due. Belongs to a version: an amendment brings its own plan.

    `amount` is in the contract's currency and includes tax. `due_date` of one that is due by an event is empty until
    the event has happened (`event_date`), then `event_date` + `days_after`. `settled_amount` is what receipts cover of
    it (contracts/settlement.py), kept by contracts.services; `is_current` while its version is the signed one.
    """

    contract = models.ForeignKey(
        Contract, on_delete=models.CASCADE, related_name="instalments", verbose_name=_("contract")
    )
    version = models.ForeignKey(
        ContractVersion, on_delete=models.CASCADE, related_name="instalments", verbose_name=_("version"), db_index=False
    )
    position = models.PositiveSmallIntegerField(pgettext_lazy("in an order", "position"))
    title = models.CharField(_("title"), max_length=120, blank=True)
    amount = models.DecimalField(
        _("amount"), max_digits=18, decimal_places=3, validators=[MinValueValidator(Decimal("0.001"))]
    )
    due_by = models.CharField(_("due"), max_length=5, choices=DueBy, default=DueBy.DATE)
    due_date = models.DateField(_("due date"), null=True, blank=True)
    event = models.CharField(_("event"), max_length=120, blank=True, help_text=_("For example delivery or acceptance."))
    days_after = models.PositiveSmallIntegerField(_("days after the event"), default=0)
    event_date = models.DateField(_("event happened on"), null=True, blank=True, editable=False)
    invoice_number = models.CharField(_("invoice number"), max_length=60, blank=True)
    invoice_date = models.DateField(_("invoice date"), null=True, blank=True)
    settled_amount = models.DecimalField(
        _("settled"), max_digits=18, decimal_places=3, default=Decimal(0), editable=False
    )
    is_current = models.BooleanField(_("current"), default=False, editable=False)

    objects = InstalmentQuerySet.as_manager()
    currency_path = "contract__currency"
    """For the audit: where the currency of its amounts stands."""

    class Meta:
        verbose_name = _("instalment")
        verbose_name_plural = _("instalments")
        ordering = ["contract", "version", "position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="contracts_instalment_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="contracts_instalment_positive"),
            models.CheckConstraint(
                condition=Q(settled_amount__gte=0, settled_amount__lte=F("amount")),
                name="contracts_instalment_not_over_settled",
            ),
            models.CheckConstraint(
                condition=Q(due_by="event") | Q(due_date__isnull=False),
                name="contracts_instalment_due",
                violation_error_message=_("An instalment needs a due date or an event."),
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_date", "id"],
                condition=Q(is_current=True, settled_amount__lt=F("amount")),
                name="contracts_instalments_open",
            ),
            # Ageing adds up all that is open: it reads these columns from here, and not the table.
            models.Index(
                fields=["contract", "due_date", "amount", "settled_amount", "id"],
                condition=Q(is_current=True, settled_amount__lt=F("amount")),
                name="contracts_open_by_contract",
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"{self.position}"

    @property
    def account_id(self) -> int:
        """For the audit: the account that the entry is about."""
        return self.contract.account_id

    @property
    def open_amount(self) -> Decimal:
        return self.amount - self.settled_amount

    def is_overdue(self, today: dt.date) -> bool:
        return self.is_current and self.open_amount > 0 and self.due_date is not None and self.due_date < today


class Receipt(Timestamped):
    """Money that came in for a contract, or went back (`kind`); `amount` is positive, in the contract's currency.

    Never changed once posted; a wrong one is voided with a reason and posted anew.
    """

    contract = models.ForeignKey(
        Contract, on_delete=models.PROTECT, related_name="receipts", verbose_name=_("contract"), db_index=False
    )
    kind = models.CharField(_("kind"), max_length=7, choices=ReceiptKind, default=ReceiptKind.RECEIPT)
    date = models.DateField(_("date"))
    amount = models.DecimalField(
        _("amount"), max_digits=18, decimal_places=3, validators=[MinValueValidator(Decimal("0.001"))]
    )
    currency = models.CharField(_("currency"), max_length=3, choices=CURRENCY_CHOICES)
    method = models.CharField(_("way of paying"), max_length=10, choices=ReceiptMethod, default=ReceiptMethod.TRANSFER)
    reference = models.CharField(_("reference"), max_length=80, blank=True, help_text=_("As on the bank statement."))
    invoice_number = models.CharField(_("invoice number"), max_length=60, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    posted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("posted by")
    )
    voided_at = models.DateTimeField(_("voided"), null=True, editable=False)
    void_reason = models.CharField(_("reason of voiding"), max_length=300, blank=True, editable=False)

    objects = ContractPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        ordering = ["-date", "-pk"]
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="contracts_receipt_positive")]
        indexes = [
            models.Index(fields=["contract", "date"], name="contracts_receipts"),
            models.Index(fields=["-date", "-id"], name="contracts_receipts_by_date"),
        ]

    def __str__(self) -> str:
        return f"{self.date:%Y-%m-%d} {full_money(self.amount, self.currency)}"

    @property
    def account_id(self) -> int:
        """For the audit: the account that the entry is about."""
        return self.contract.account_id


class ReceiptShare(models.Model):
    """The part of a receipt that is meant for an instalment (by `position`, in whatever version is signed)."""

    receipt = models.ForeignKey(Receipt, on_delete=models.CASCADE, related_name="shares", verbose_name=_("receipt"))
    instalment_position = models.PositiveSmallIntegerField(_("instalment"))
    amount = models.DecimalField(
        _("amount"), max_digits=18, decimal_places=3, validators=[MinValueValidator(Decimal("0.001"))]
    )

    class Meta:
        verbose_name = _("share of a receipt")
        verbose_name_plural = _("shares of receipts")
        ordering = ["receipt", "instalment_position"]
        constraints = [
            models.UniqueConstraint(fields=["receipt", "instalment_position"], name="contracts_share_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="contracts_share_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.instalment_position}: {self.amount}"


class DunningReminder(models.Model):
    """A reminder task that was given for an overdue instalment, once per level: what makes the job repeatable."""

    instalment = models.ForeignKey(
        Instalment, on_delete=models.CASCADE, related_name="reminders", verbose_name=_("instalment")
    )
    level = models.PositiveSmallIntegerField(pgettext_lazy("of a reminder", "level"))
    step = models.ForeignKey(NextStep, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("task"))
    created_on = models.DateField(_("given on"))

    class Meta:
        verbose_name = _("payment reminder")
        verbose_name_plural = _("payment reminders")
        ordering = ["instalment", "level"]
        constraints = [models.UniqueConstraint(fields=["instalment", "level"], name="contracts_reminded_once")]

    def __str__(self) -> str:
        return f"{self.instalment_id} {self.level}"
