"""Products, orders and their lines as the ERP has them, and the monthly revenue facts that everything else reads."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.access import AccountScopedQuerySet
from accounts.models import Account
from core import numbers
from core.models import Timestamped
from core.money import CURRENCY_CHOICES
from orders.querysets import CatalogueQuerySet, ImportProfileQuerySet, OrderLineQuerySet, OrderQuerySet


def local_name(row: ProductLine | Product) -> str:
    """The English name for readers of English, where there is one."""
    english = (translation.get_language() or "").startswith("en")
    return row.name_en if english and row.name_en else row.name


class ProductLine(models.Model):
    """A group of products that is bought, dropped and planned as one."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        verbose_name = _("product line")
        verbose_name_plural = _("product lines")
        ordering = ["code"]

    def __str__(self) -> str:
        return local_name(self)


class Product(Timestamped):
    """What an order line sells."""

    code = models.CharField(_("product code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=200)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)
    line = models.ForeignKey(
        ProductLine, on_delete=models.PROTECT, related_name="products", verbose_name=_("product line")
    )

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.local_name}"

    @property
    def local_name(self) -> str:
        """The name in the reader's language."""
        return local_name(self)


class OrderKind(models.TextChoices):
    SALE = "sale", _("Sale")
    RETURN = "return", _("Return")


class Order(Timestamped):
    """One purchase or return. `source` and `external_id` name it in the system it came from.

    `total_amount` is the sum of the lines in `currency`; returns are negative. `delivered_on` is the day on which the
    goods arrived, where the source says so.
    """

    # Foreign keys of the large tables have no index of their own where another one begins with the same column.
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="orders", verbose_name=_("account"), db_index=False
    )
    source = models.CharField(_("source system"), max_length=40)
    external_id = models.CharField(_("order number"), max_length=80)
    order_date = models.DateField(_("order date"))
    delivered_on = models.DateField(_("delivered on"), null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=6, choices=OrderKind, default=OrderKind.SALE)
    currency = models.CharField(_("currency"), max_length=3, choices=CURRENCY_CHOICES)
    total_amount = models.DecimalField(_("total"), max_digits=18, decimal_places=3, default=Decimal(0))

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-order_date", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="orders_once_per_source"),
        ]
        indexes = [
            models.Index(fields=["account", "-order_date", "-id"], name="orders_by_account"),
            models.Index(fields=["-order_date", "-id"], name="orders_by_date"),
            models.Index(fields=["external_id"], name="orders_by_number"),
            models.Index(
                fields=["account", "delivered_on"], condition=Q(delivered_on__isnull=False), name="orders_by_delivery"
            ),
        ]

    def __str__(self) -> str:
        return self.external_id

    def get_absolute_url(self) -> str:
        return reverse("orders:order_detail", args=[self.pk])


class OrderLine(models.Model):
    """One line: `amount` = quantity × unit price, rounded to the currency's minor unit; negative on returns.

    `cost_amount` is what the goods cost us, where the source says so; it gives the margin.
    """

    order = models.ForeignKey(
        Order, on_delete=models.CASCADE, related_name="lines", verbose_name=_("order"), db_index=False
    )
    position = models.PositiveIntegerField(pgettext_lazy("of an order line", "position"))
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="+", verbose_name=_("product"), db_index=False
    )
    quantity = models.DecimalField(_("quantity"), max_digits=16, decimal_places=3)
    unit_price = models.DecimalField(
        _("unit price"), max_digits=18, decimal_places=4, validators=[MinValueValidator(0)]
    )
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=3)
    cost_amount = models.DecimalField(_("cost"), max_digits=18, decimal_places=3, null=True, blank=True)

    objects = OrderLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering = ["order", "position"]
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="orders_line_position_once"),
            models.CheckConstraint(condition=Q(unit_price__gte=0), name="orders_price_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.product} × {self.quantity_text}"

    @property
    def quantity_text(self) -> str:
        """The quantity without trailing zeros, grouped by thousands."""
        return numbers.plain(self.quantity, max(0, -int(self.quantity.normalize().as_tuple().exponent)))

    @property
    def unit_price_text(self) -> str:
        """The price with two decimals, or with those that it has."""
        decimals = max(2, -int(self.unit_price.normalize().as_tuple().exponent))
        return f"{self.unit_price:,.{decimals}f}"


class MonthlyRevenue(models.Model):
    """Revenue facts per account, product line, month and currency; rebuilt in sets by `orders.services.rebuild_facts`.

    `net_amount` = `sales_amount` − `returns_amount` (both ≥ 0), in `currency`. `reporting_amount` is the net in the
    reporting currency at the rate valid on the last day of the month, null where no rate is known. `cost_amount` is the
    cost of the lines that have one, `costed_net_amount` the net of just those lines, so that the margin compares like
    with like.
    """

    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="+", verbose_name=_("account"), db_index=False
    )
    product_line = models.ForeignKey(
        ProductLine, on_delete=models.PROTECT, related_name="+", verbose_name=_("product line"), db_index=False
    )
    month = models.DateField(_("month"), help_text=_("The first day of the month."))
    currency = models.CharField(_("currency"), max_length=3, choices=CURRENCY_CHOICES)
    sales_amount = models.DecimalField(_("sales"), max_digits=18, decimal_places=3)
    returns_amount = models.DecimalField(_("returns"), max_digits=18, decimal_places=3)
    net_amount = models.DecimalField(_("net revenue"), max_digits=18, decimal_places=3)
    reporting_amount = models.DecimalField(
        _("net revenue in the reporting currency"), max_digits=18, decimal_places=3, null=True
    )
    cost_amount = models.DecimalField(_("cost"), max_digits=18, decimal_places=3, null=True)
    costed_net_amount = models.DecimalField(
        _("net revenue with known cost"), max_digits=18, decimal_places=3, null=True
    )
    last_order_date = models.DateField(_("last sale"), null=True)

    objects = AccountScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("monthly revenue")
        verbose_name_plural = _("monthly revenue")
        ordering = ["account", "month", "product_line"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "month", "product_line", "currency"],
                name="orders_fact_once",
            ),
            models.CheckConstraint(
                condition=Q(net_amount=F("sales_amount") - F("returns_amount")), name="orders_fact_adds_up"
            ),
        ]
        indexes = [
            models.Index(
                fields=["month", "account"],
                include=["currency", "net_amount", "reporting_amount"],
                name="orders_facts_by_month",
            )
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.month:%Y-%m}"


class ImportProfile(Timestamped):
    """A saved way to read files of orders: which heading is which field, and which rows count.

    `columns` maps field to heading, `rules` are those of `orders.intake.profile.Rules`, as JSON; both are checked by
    `orders.services.save_profile`. Shipped profiles are files in orders/profiles, not rows.
    """

    name = models.CharField(_("name"), max_length=60, unique=True)
    columns = models.JSONField(_("columns"), default=dict, blank=True)
    rules = models.JSONField(_("rules"), default=dict, blank=True)

    objects = ImportProfileQuerySet.as_manager()

    class Meta:
        verbose_name = _("import profile")
        verbose_name_plural = _("import profiles")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
