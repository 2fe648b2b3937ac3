"""Sums of the whole company, counted anew every night: they equal a recount of the rows that they come from."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.access import AccountScopedQuerySet
from accounts.choices import Region, Tier
from accounts.models import Account
from dashboards.querysets import CompanyQuerySet
from orders.models import ProductLine


class CompanyCount(models.Model):
    """That the sums were counted: the newest row says as of when."""

    as_of = models.DateField(_("as of"))
    counted_at = models.DateTimeField(_("counted"))

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name = _("count of the company")
        verbose_name_plural = _("counts of the company")
        ordering = ["-counted_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.as_of:%Y-%m-%d}"


class Cell(models.Model):
    """The accounts of one manager, tier and region; managers are ids, 0 for none, so that a key is never null."""

    manager_id = models.BigIntegerField(_("account manager"), default=0)
    tier = models.CharField(_("tier"), max_length=1, choices=Tier, blank=True)
    region = models.CharField(_("region"), max_length=16, choices=Region, blank=True)

    objects = CompanyQuerySet.as_manager()

    class Meta:
        abstract = True


class MonthCell(Cell):
    """One month of a cell. `month` is its first day; what each number counts: `dashboards/director/months.py`."""

    month = models.DateField(_("month"))
    revenue_amount = models.DecimalField(_("revenue"), max_digits=20, decimal_places=2, default=Decimal(0))
    buyers = models.PositiveIntegerField(_("accounts that bought"), default=0)
    rhythm = models.PositiveIntegerField(_("accounts with a cadence"), default=0)
    covered = models.PositiveIntegerField(_("accounts within their cadence"), default=0)
    scored = models.PositiveIntegerField(_("accounts with a score"), default=0)
    score_sum = models.PositiveIntegerField(_("sum of the scores"), default=0)
    answered = models.PositiveIntegerField(_("accounts that answered"), default=0)
    answers = models.PositiveIntegerField(_("answers"), default=0)
    promoters = models.PositiveIntegerField(_("promoters"), default=0)
    detractors = models.PositiveIntegerField(_("detractors"), default=0)

    class Meta:
        verbose_name = _("month of the company")
        verbose_name_plural = _("months of the company")
        ordering = ["month", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["month", "manager_id", "tier", "region"], name="dashboards_month_once")
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.manager_id} {self.tier} {self.region}"


class TrendCell(Cell):
    """What was wrong in a cell at the end of a month that is over, for the course of the cockpit's tiles;
    what each number counts: `dashboards/cockpit/trends.py`."""

    month = models.DateField(_("month"))
    at_risk = models.PositiveIntegerField(_("accounts at risk"), default=0)
    value_at_risk_amount = models.DecimalField(_("value at risk"), max_digits=20, decimal_places=2, default=Decimal(0))
    overdue_visits = models.PositiveIntegerField(_("overdue visits"), default=0)
    open_alerts = models.PositiveIntegerField(_("open alerts"), default=0)
    overdue_amount = models.DecimalField(_("overdue receivables"), max_digits=20, decimal_places=2, default=Decimal(0))

    class Meta:
        verbose_name = _("month of the cockpit")
        verbose_name_plural = _("months of the cockpit")
        ordering = ["month", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["month", "manager_id", "tier", "region"], name="dashboards_trend_once")
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.manager_id} {self.tier} {self.region}"


class LineCell(Cell):
    """One product line of a cell: the 12 full months before the current one, and the 12 before those."""

    line = models.ForeignKey(
        ProductLine, on_delete=models.CASCADE, related_name="+", verbose_name=_("product line"), db_index=False
    )
    revenue_amount = models.DecimalField(_("revenue"), max_digits=20, decimal_places=2, default=Decimal(0))
    prior_amount = models.DecimalField(_("revenue, 12 months before"), max_digits=20, decimal_places=2, default=0)
    buyers = models.PositiveIntegerField(_("accounts that bought"), default=0)

    class Meta:
        verbose_name = _("product line of the company")
        verbose_name_plural = _("product lines of the company")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["line", "manager_id", "tier", "region"], name="dashboards_line_once")
        ]

    def __str__(self) -> str:
        return f"{self.line_id} {self.manager_id} {self.tier} {self.region}"


class AccountPurchases(models.Model):
    """When an account first bought, and in which months since: bit k of `months` is set where it bought in the k-th
    month after the first (bit 0: the first month itself); the first 60 months are kept."""

    account = models.OneToOneField(
        Account, on_delete=models.CASCADE, primary_key=True, related_name="purchases", verbose_name=_("account")
    )
    first_month = models.DateField(_("month of the first order"), db_index=True)
    months = models.BigIntegerField(_("months with orders"))

    objects = AccountScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("months with orders")
        verbose_name_plural = _("months with orders")

    def __str__(self) -> str:
        return f"{self.account_id} {self.first_month:%Y-%m}"
