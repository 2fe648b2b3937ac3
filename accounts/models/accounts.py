"""Account, its tags, and the summary row of the list."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q, Value
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.choices import (
    Category,
    Industry,
    InterruptionReason,
    Region,
    Size,
    Source,
    Stage,
    Status,
    Tier,
)
from accounts.fields import CreditCodeField
from accounts.querysets import AccountQuerySet
from core.models import Timestamped
from core.money import CURRENCY_CHOICES
from core.workdays import local_country
from users.models import User


class Tag(models.Model):
    """A free label for accounts."""

    name = models.CharField(_("name"), max_length=40, unique=True)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


# What people and clients may write on an account; tags go by name and are added by whoever writes them.
PROFILE_FIELDS = (
    "code",
    "name",
    "name_en",
    "credit_code",
    "parent",
    "status",
    "stage",
    "interruption_reason",
    "category",
    "industry",
    "region",
    "country",
    "city",
    "address",
    "size",
    "source",
    "customer_since",
    "legal_representative",
    "founded_on",
    "registered_capital_amount",
    "registered_capital_currency",
    "employees",
    "website",
    "phone",
    "business_scope",
    "profile",
    "annual_purchase_amount",
    "annual_purchase_currency",
    "potential",
    "strategic_fit",
    "payment_behaviour",
)


class Account(Timestamped):
    """A customer organisation.

    `manager` points at the open ManagerAssignment's manager (kept equal by accounts.services.assign_managers); `tier`
    at the newest TierHistory (accounts.services.change_tiers); `path` is the ids of the group from the top down
    (`12.340.`): a subtree is one prefix. Scores (`potential`, `strategic_fit`, `payment_behaviour`) are judgements from
    0 to 100; `annual_purchase_amount` is what the customer buys per year, from anyone, of what we sell.
    """

    code = models.CharField(
        _("account code"),
        max_length=40,
        unique=True,
        validators=[RegexValidator(r"^[\w.\-/]+$", _("Letters, digits and . - _ / only."))],
    )
    name = models.CharField(_("name"), max_length=200)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)
    credit_code = CreditCodeField(_("unified social credit code"))
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("parent account"),
    )
    path = models.CharField(max_length=255, editable=False, default="", db_index=True)
    manager = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="managed_accounts",
        verbose_name=_("account manager"),
    )
    tier = models.CharField(_("tier"), max_length=1, choices=Tier, blank=True, editable=False)
    tier_since = models.DateField(_("tier since"), null=True, blank=True, editable=False)
    status = models.CharField(
        pgettext_lazy("of an account", "status"), max_length=12, choices=Status, default=Status.PROSPECT
    )
    stage = models.CharField(_("relationship stage"), max_length=20, choices=Stage, default=Stage.GESTATION)
    interruption_reason = models.CharField(
        _("reason of the interruption"), max_length=20, choices=InterruptionReason, blank=True
    )
    category = models.CharField(_("category"), max_length=12, choices=Category, blank=True)
    industry = models.CharField(_("industry"), max_length=1, choices=Industry, blank=True)
    region = models.CharField(_("region"), max_length=16, choices=Region, blank=True)
    country = models.CharField(_("country"), max_length=60, blank=True)
    city = models.CharField(_("city"), max_length=60, blank=True)
    address = models.CharField(_("address"), max_length=250, blank=True)
    size = models.CharField(_("size"), max_length=8, choices=Size, blank=True)
    source = models.CharField(_("source"), max_length=12, choices=Source, blank=True)
    customer_since = models.DateField(_("customer since"), null=True, blank=True)
    tags = models.ManyToManyField(Tag, blank=True, related_name="accounts", verbose_name=_("tags"))

    # Profile archive (档案)
    legal_representative = models.CharField(_("legal representative"), max_length=80, blank=True)
    founded_on = models.DateField(_("founded on"), null=True, blank=True)
    registered_capital_amount = models.DecimalField(
        _("registered capital"),
        max_digits=18,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    registered_capital_currency = models.CharField(
        _("currency of the registered capital"), max_length=3, choices=CURRENCY_CHOICES, blank=True
    )
    employees = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    website = models.URLField(_("website"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    business_scope = models.TextField(_("business scope"), blank=True)
    profile = models.TextField(_("profile"), blank=True)
    annual_purchase_amount = models.DecimalField(
        _("annual purchases"),
        max_digits=18,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("What the customer buys per year, from anyone, of what we sell; gives the wallet share."),
    )
    annual_purchase_currency = models.CharField(
        _("currency of the annual purchases"), max_length=3, choices=CURRENCY_CHOICES, blank=True
    )
    potential = models.PositiveSmallIntegerField(
        _("potential"), null=True, blank=True, validators=[MaxValueValidator(100)], help_text=_("0 to 100")
    )
    strategic_fit = models.PositiveSmallIntegerField(
        _("strategic fit"), null=True, blank=True, validators=[MaxValueValidator(100)], help_text=_("0 to 100")
    )
    payment_behaviour = models.PositiveSmallIntegerField(
        _("payment behaviour"), null=True, blank=True, validators=[MaxValueValidator(100)], help_text=_("0 to 100")
    )

    objects = AccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ["name", "pk"]
        indexes = [
            models.Index(fields=["name", "id"], name="accounts_by_name"),
            models.Index(fields=["tier", "id"], name="accounts_by_tier"),
            # With what sums over many accounts narrow and group by: they read no rows.
            models.Index(fields=["manager", "id"], include=["tier", "region", "status"], name="accounts_by_manager"),
            models.Index(fields=["status", "id"], name="accounts_by_status"),
            models.Index(fields=["region", "id"], name="accounts_by_region"),
            models.Index(fields=["industry", "id"], name="accounts_by_industry"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")),
                name="accounts_not_its_own_parent",
                violation_error_message=_("An account cannot be its own parent."),
            ),
            models.CheckConstraint(
                condition=Q(potential__isnull=True) | Q(potential__lte=100), name="accounts_potential_to_100"
            ),
            models.CheckConstraint(
                condition=Q(strategic_fit__isnull=True) | Q(strategic_fit__lte=100), name="accounts_fit_to_100"
            ),
            models.CheckConstraint(
                condition=Q(payment_behaviour__isnull=True) | Q(payment_behaviour__lte=100),
                name="accounts_payment_to_100",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("accounts:account_detail", args=[self.pk])

    def clean(self) -> None:
        """Cross-field rules; raises ValidationError that names the field."""
        errors = {}
        if self.stage == Stage.INTERRUPTED and not self.interruption_reason:
            errors["interruption_reason"] = _("Say why the relationship is interrupted.")
        for name in ("registered_capital", "annual_purchase"):
            if getattr(self, f"{name}_amount") is not None and not getattr(self, f"{name}_currency"):
                errors[f"{name}_currency"] = _("An amount needs its currency.")
        if errors:
            raise ValidationError(errors)

    # Django's own build the dictionary of all choices for every call: a fifth of the time of a list's rows.
    def get_status_display(self) -> str:  # type: ignore[no-redef]
        return str(Status(self.status).label)

    def get_region_display(self) -> str:  # type: ignore[no-redef]
        return str(Region(self.region).label) if self.region else ""

    @property
    def root_path(self) -> str:
        """The path of the top of this account's group."""
        return self.path.split(".", 1)[0] + "."

    @property
    def depth_class(self) -> int:
        """How deep in the group, at most 6: the indentation in the tree."""
        return min(self.path.count(".") - 1, 6)

    @property
    def local_name(self) -> str:
        """The name in the reader's language: the English one, where there is one, for readers of English."""
        english = (translation.get_language() or "").startswith("en")
        return self.name_en if english and self.name_en else self.name

    @property
    def local_country(self) -> str:
        """The country in the reader's language, as far as it is known."""
        return local_country(self.country)

    @property
    def other_name(self) -> str:
        """The name in the other language, or nothing where it is the same."""
        return self.name if self.local_name == self.name_en else self.name_en


class AccountSummary(models.Model):
    """What lists show and sort by, one row beside the account; each column is written by one service of a higher app.

    Revenue is net (sales minus returns) in the reporting currency over the 12 full calendar months before the current
    one, and over the 12 before those (`orders.services.refresh_summaries`).

    `last_contact_date` is the newest interaction that counts for the contact policy; `contact_due_date` the last day on
    which the next one is within the cadence (the day the account was made where nobody ever had contact; empty without
    a cadence: no rule, paused or terminated); `next_visit_date` the earliest planned visit
    (`interactions.services.refresh_rhythms`). Whether an account is overdue follows from the dates, and is not kept.

    `next_renewal_date` is the earliest end of a term among the running contracts that no signed one follows
    (`contracts.services.refresh_next_renewals`).

    `health_band_before` is the band four weeks before the newest night; `health_band` the one of that night
    (`health.services.storing`).

    `nps` (-100 to 100) is the net promoter score of the newest NPS answer of each of the account's contacts within the
    last 12 months; empty without an answer (`surveys.services.refresh_satisfaction`).
    """

    account = models.OneToOneField(Account, on_delete=models.CASCADE, primary_key=True, related_name="summary")
    revenue_12m_amount = models.DecimalField(
        _("revenue, 12 months"), max_digits=18, decimal_places=2, default=Decimal(0)
    )
    revenue_prior_12m_amount = models.DecimalField(
        _("revenue, 12 months before"), max_digits=18, decimal_places=2, default=Decimal(0)
    )
    revenue_complete = models.BooleanField(
        _("revenue complete"), default=True, help_text=_("No if an exchange rate was missing for some of it.")
    )
    last_order_date = models.DateField(_("last order"), null=True, blank=True)
    last_contact_date = models.DateField(_("last contact"), null=True, blank=True)
    contact_due_date = models.DateField(_("next contact due"), null=True, blank=True)
    next_visit_date = models.DateField(_("next visit"), null=True, blank=True)
    next_renewal_date = models.DateField(_("next renewal"), null=True, blank=True)
    nps = models.SmallIntegerField(_("NPS"), null=True, blank=True)
    health_score = models.PositiveSmallIntegerField(_("health score"), null=True, blank=True)
    # The database's own defaults too: bulk loads name the columns that they fill.
    health_band = models.CharField(_("health band"), max_length=8, blank=True, default="", db_default="")
    health_trend = models.JSONField(
        _("health, eight weeks"), default=list, db_default=Value([], models.JSONField()), blank=True
    )
    health_band_before = models.CharField(
        _("health band, four weeks before"), max_length=8, blank=True, default="", db_default=""
    )
    open_alerts = models.PositiveSmallIntegerField(_("open alerts"), default=0, db_default=0)
    alert_severity = models.PositiveSmallIntegerField(_("severity of the worst alert"), default=0, db_default=0)
    alert_reason = models.CharField(
        _("reason of the worst alert"), max_length=20, blank=True, default="", db_default=""
    )

    class Meta:
        verbose_name = _("account summary")
        verbose_name_plural = _("account summaries")
        indexes = [
            models.Index(F("revenue_12m_amount").desc(), F("account").desc(), name="summary_by_revenue"),
            models.Index(F("last_order_date").desc(), F("account").desc(), name="summary_by_last_order"),
            models.Index(F("last_contact_date").desc(), F("account").desc(), name="summary_by_last_contact"),
            models.Index(F("contact_due_date").asc(), F("account").asc(), name="summary_by_contact_due"),
            models.Index(F("next_visit_date").asc(), F("account").asc(), name="summary_by_next_visit"),
            models.Index(F("next_renewal_date").asc(), F("account").asc(), name="summary_by_next_renewal"),
            models.Index(F("health_score").asc(), F("account").asc(), name="summary_by_health"),
        ]

    def __str__(self) -> str:
        return str(self.account_id)

    def is_overdue(self, today: dt.date) -> bool:
        """Nobody had contact within the cadence."""
        return self.contact_due_date is not None and self.contact_due_date < today

    @property
    def revenue_trend(self) -> Decimal | None:
        """Change against the 12 months before as a share (0.1 is +10%); None where there was nothing before."""
        if self.revenue_prior_12m_amount <= 0:
            return None
        return self.revenue_12m_amount / self.revenue_prior_12m_amount - 1
