"""Contract, its versions with lines and signatories, and the sequence that numbers contracts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import FSMField, transition

from accounts.models import Account
from contacts.models import Contact
from contracts.choices import ContractKind, Phase, Side, VersionStatus
from contracts.querysets import ContractPartQuerySet, ContractQuerySet, VersionQuerySet
from core.models import Timestamped
from core.money import CURRENCY_CHOICES
from orders.models import ProductLine
from users.models import User


class NumberSequence(models.Model):
    """The last contract number that was given in a year; its row is locked while the next one is given."""

    year = models.PositiveSmallIntegerField(_("year"), unique=True)
    last = models.PositiveIntegerField(_("last number"), default=0)

    class Meta:
        verbose_name = _("number sequence")
        verbose_name_plural = _("number sequences")

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"


class Contract(Timestamped):
    """One contract with one account over all its versions.

    `number` is `year`-`sequence`, without gaps: a draft that comes to nothing is discarded and keeps its number.
    `phase` is what people decided (changed by contracts.services alone); in force, expiring and expired are facts of
    the date: `contracts/states.py`. `version` is the newest signed version, before the first signature the draft.
    The columns from `start_date` on are copies from it, kept by contracts.services, for lists and filters.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="contracts", verbose_name=_("account"))
    year = models.PositiveSmallIntegerField(_("year"), editable=False)
    sequence = models.PositiveIntegerField(_("number in the year"), editable=False)
    number = models.CharField(_("contract number"), max_length=20, unique=True, editable=False)
    external_number = models.CharField(
        _("number elsewhere"), max_length=60, blank=True, help_text=_("The number on paper or in another system.")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=ContractKind, default=ContractKind.SUPPLY)
    title = models.CharField(_("title"), max_length=160)
    our_party = models.CharField(_("our party"), max_length=200, help_text=_("Our company as it signs."))
    customer_party = models.CharField(_("the customer's party"), max_length=200)
    currency = models.CharField(_("currency"), max_length=3, choices=CURRENCY_CHOICES)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="contracts", verbose_name=_("owner"))
    phase = FSMField(_("phase"), max_length=12, choices=Phase.choices, default=Phase.DRAFT, protected=True)
    predecessor = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="successor", verbose_name=_("renews"),
        editable=False,
    )  # fmt: skip
    version = models.ForeignKey(
        "contracts.ContractVersion", on_delete=models.PROTECT, null=True, editable=False, related_name="+",
        verbose_name=_("version"),
    )  # fmt: skip
    signed_on = models.DateField(_("signed on"), null=True, editable=False)
    notice_given_on = models.DateField(_("notice given on"), null=True, editable=False)
    terminated_on = models.DateField(_("terminated as of"), null=True, editable=False)
    termination_reason = models.CharField(_("reason of the termination"), max_length=300, blank=True, editable=False)

    start_date = models.DateField(_("start"), null=True, editable=False)
    end_date = models.DateField(_("end"), null=True, editable=False)
    notice_date = models.DateField(_("notice by"), null=True, editable=False)
    renewal_date = models.DateField(_("renewal opens"), null=True, editable=False)
    renews_itself = models.BooleanField(_("renews itself"), default=False, editable=False)
    net_amount = models.DecimalField(
        _("net total"), max_digits=18, decimal_places=3, default=Decimal(0), editable=False
    )
    gross_amount = models.DecimalField(_("total"), max_digits=18, decimal_places=3, default=Decimal(0), editable=False)
    received_amount = models.DecimalField(
        _("received"), max_digits=18, decimal_places=3, default=Decimal(0), editable=False
    )

    objects = ContractQuerySet.as_manager()
    warnings: Sequence[str] = ()
    """What the service that wrote the contract says against it without refusing it."""

    class Meta:
        verbose_name = _("contract")
        verbose_name_plural = _("contracts")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["account", "-id"], name="contracts_by_account"),
            models.Index(fields=["end_date", "id"], name="contracts_by_end"),
            models.Index(fields=["renewal_date", "id"], name="contracts_by_renewal"),
            models.Index(fields=["phase", "id"], name="contracts_by_phase"),
            models.Index(fields=["owner", "id"], name="contracts_by_owner"),
            models.Index(fields=["-net_amount", "-id"], name="contracts_by_amount"),
            # What sums over instalments and renewals reads of each contract.
            models.Index(fields=["id", "currency", "account"], name="contracts_currency_account"),
            # What the pipeline adds up of those whose renewal is not opened yet.
            models.Index(
                fields=["end_date", "id", "renewal_date", "currency", "net_amount", "account"],
                condition=Q(phase="signed"),
                name="contracts_signed_by_end",
            ),
            # Which contracts a signed one follows.
            models.Index(
                fields=["predecessor"],
                condition=Q(predecessor__isnull=False, phase__in=["signed", "terminated"]),
                name="contracts_followed",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["year", "sequence"], name="contracts_number_once"),
            models.CheckConstraint(
                condition=Q(start_date__isnull=True) | Q(end_date__isnull=True) | Q(end_date__gte=F("start_date")),
                name="contracts_dates_in_order",
                violation_error_message=_("The end is before the start."),
            ),
            models.CheckConstraint(
                condition=~Q(phase="terminated") | Q(terminated_on__isnull=False), name="contracts_terminated_when"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("contracts:contract_detail", args=[self.pk])

    def refresh_from_db(
        self, using: str | None = None, fields: Iterable[str] | None = None,
        from_queryset: models.QuerySet[Any] | None = None,
    ) -> None:  # fmt: skip
        """As Django's; the phase, which nobody may assign, is read anew when it is asked for next."""
        wanted = None if fields is None else list(fields)
        if wanted is None or "phase" in wanted:
            self.__dict__.pop("phase", None)
        super().refresh_from_db(using=using, fields=wanted, from_queryset=from_queryset)

    @transition(phase, source=Phase.DRAFT, target=Phase.IN_APPROVAL)
    def to_approval(self) -> None:
        """The first version is submitted."""

    @transition(phase, source=[Phase.DRAFT, Phase.IN_APPROVAL], target=Phase.APPROVED)
    def to_approved(self) -> None:
        """Everybody agreed, or nobody had to."""

    @transition(phase, source=[Phase.IN_APPROVAL, Phase.APPROVED], target=Phase.DRAFT)
    def to_draft(self) -> None:
        """Sent back, withdrawn, or opened again before it was signed."""

    @transition(phase, source=Phase.APPROVED, target=Phase.SIGNED)
    def to_signed(self) -> None:
        """Both sides signed the first version."""

    @transition(phase, source=[Phase.DRAFT, Phase.APPROVED], target=Phase.DISCARDED)
    def to_discarded(self) -> None:
        """It comes to nothing; its number stays taken."""

    @transition(phase, source=Phase.SIGNED, target=Phase.TERMINATED)
    def to_terminated(self) -> None:
        """It ends before its time, as of `terminated_on`."""


class ContractVersion(Timestamped):
    """What was agreed: version 1, and one more for each amendment. Signed versions never change (database triggers).

    `net_amount` is the sum of the lines, `list_amount` the same without discounts, `tax_amount` the tax on the net at
    `tax_rate` per cent, `gross_amount` net and tax; all in the contract's currency, rounded to its minor unit.
    `notice_days`: so many days before the end notice must be given. `auto_renewal_months`: 0 where it just ends.
    """

    contract = models.ForeignKey(
        Contract, on_delete=models.CASCADE, related_name="versions", verbose_name=_("contract")
    )
    number = models.PositiveSmallIntegerField(_("version"))
    status = models.CharField(
        pgettext_lazy("of a contract version", "status"), max_length=12, choices=VersionStatus,
        default=VersionStatus.DRAFT, editable=False,
    )  # fmt: skip
    reason = models.CharField(_("reason of the amendment"), max_length=300, blank=True)
    effective_date = models.DateField(_("effective from"), null=True, blank=True)
    start_date = models.DateField(_("start"))
    end_date = models.DateField(_("end"))
    notice_days = models.PositiveSmallIntegerField(_("notice period in days"), default=30)
    auto_renewal_months = models.PositiveSmallIntegerField(
        _("renews itself for months"), default=0, validators=[MaxValueValidator(120)]
    )
    tax_rate = models.DecimalField(
        _("tax rate in per cent"), max_digits=5, decimal_places=2, default=Decimal(13),
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )  # fmt: skip
    payment_terms = models.CharField(_("terms of payment"), max_length=300, blank=True)
    terms = models.TextField(_("terms"), blank=True, max_length=50_000, help_text=_("Markdown"))
    list_amount = models.DecimalField(
        _("list total"), max_digits=18, decimal_places=3, default=Decimal(0), editable=False
    )
    net_amount = models.DecimalField(
        _("net total"), max_digits=18, decimal_places=3, default=Decimal(0), editable=False
    )
    tax_amount = models.DecimalField(_("tax"), max_digits=18, decimal_places=3, default=Decimal(0), editable=False)
    gross_amount = models.DecimalField(_("total"), max_digits=18, decimal_places=3, default=Decimal(0), editable=False)
    signed_on = models.DateField(_("signed on"), null=True, editable=False)
    author = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("author")
    )

    objects = VersionQuerySet.as_manager()
    warnings: Sequence[str] = ()
    """What the service that wrote the version says against it without refusing it."""

    class Meta:
        verbose_name = _("version of a contract")
        verbose_name_plural = _("versions of contracts")
        ordering = ["contract", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "number"], name="contracts_version_once"),
            models.UniqueConstraint(
                fields=["contract"], condition=Q(status__in=["draft", "in_approval", "approved"]),
                name="contracts_one_version_at_work",
            ),
            models.CheckConstraint(
                condition=Q(end_date__gte=F("start_date")), name="contracts_version_in_order",
                violation_error_message=_("The end is before the start."),
            ),
            models.CheckConstraint(
                condition=~Q(status="signed") | Q(signed_on__isnull=False), name="contracts_version_signed_when"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.contract.number} v{self.number}"

    @property
    def account_id(self) -> int:
        """For the audit: the account that the entry is about."""
        return self.contract.account_id

    @property
    def days(self) -> int:
        """Days of the term, first and last included."""
        return (self.end_date - self.start_date + dt.timedelta(days=1)).days

    @property
    def discount(self) -> Decimal:
        """The discount in per cent of the list value, two decimals."""
        if not self.list_amount:
            return Decimal(0)
        return ((self.list_amount - self.net_amount) * 100 / self.list_amount).quantize(Decimal("0.01"))


class ContractLine(models.Model):
    """One line: `amount` = quantity × unit price × (1 − discount), rounded to the currency's minor unit."""

    version = models.ForeignKey(
        ContractVersion, on_delete=models.CASCADE, related_name="lines", verbose_name=_("version"), db_index=False
    )
    position = models.PositiveIntegerField(pgettext_lazy("in an order", "position"))
    product_line = models.ForeignKey(
        ProductLine, on_delete=models.PROTECT, related_name="+", verbose_name=_("product line")
    )
    description = models.CharField(_("description"), max_length=200, blank=True)
    quantity = models.DecimalField(
        _("quantity"), max_digits=16, decimal_places=3, default=Decimal(1), validators=[MinValueValidator(0)]
    )
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    unit_price = models.DecimalField(
        _("unit price"), max_digits=18, decimal_places=4, validators=[MinValueValidator(0)]
    )
    discount = models.DecimalField(
        _("discount in per cent"), max_digits=5, decimal_places=2, default=Decimal(0),
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )  # fmt: skip
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=3, editable=False, default=Decimal(0))

    objects = ContractPartQuerySet.of_version()

    class Meta:
        verbose_name = _("contract line")
        verbose_name_plural = _("contract lines")
        ordering = ["version", "position"]
        constraints = [models.UniqueConstraint(fields=["version", "position"], name="contracts_line_once")]

    def __str__(self) -> str:
        return self.description or str(self.product_line)


class Signatory(models.Model):
    """Who signs for one of the parties: one of our users, one of the customer's contacts, or just a name."""

    version = models.ForeignKey(
        ContractVersion, on_delete=models.CASCADE, related_name="signatories", verbose_name=_("version")
    )
    side = models.CharField(_("side"), max_length=8, choices=Side)
    user = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("our signatory")
    )
    contact = models.ForeignKey(
        Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("the customer's signatory"),
    )  # fmt: skip
    name = models.CharField(pgettext_lazy("of a person", "name"), max_length=120)
    position = models.CharField(_("job title"), max_length=120, blank=True)

    objects = ContractPartQuerySet.of_version()

    class Meta:
        verbose_name = _("signatory")
        verbose_name_plural = _("signatories")
        ordering = ["version", "side", "pk"]

    def __str__(self) -> str:
        return self.name
