"""What sales can be reported on: orders, their lines, and the revenue facts by month and product line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db.models import Case, F, OuterRef, Q, Subquery, When
from django.utils.translation import gettext_lazy as _

from accounts.report_columns import account_columns
from core.money import CURRENCY_CHOICES
from core.reporting import MONEY, Asked, Column, Kind, ReportObject, extend, in_reporting_currency, register, yes_if
from orders.models import MonthlyRevenue, Order, OrderKind, OrderLine

_orders = ReportObject(
    key="orders",
    label=_("Orders"),
    model=lambda: Order,
    rows=lambda asked: Order.objects.visible_to(asked.viewer).order_by(),
    shown=("date", "number", "account", "kind", "amount"),
    url="orders:order_detail",
    columns=(
        Column("date", _("Order date"), Kind.DATE, "order_date"),
        Column("number", _("Order number"), Kind.TEXT, "external_id", groups=False),
        Column("kind", _("Kind"), Kind.CHOICE, "kind", choices=OrderKind.choices),
        Column(
            "amount",
            _("Amount"),
            Kind.MONEY,
            value=in_reporting_currency("total_amount", "currency", "order_date"),
            raw="total_amount",
        ),
        Column("currency", _("Currency"), Kind.CHOICE, "currency", choices=CURRENCY_CHOICES),
        Column("delivered", _("Delivered on"), Kind.DATE, "delivered_on"),
        Column("system", _("Source system"), Kind.TEXT, "source"),
        *account_columns(),
    ),
)


def _product_columns(prefix: str) -> tuple[Column, ...]:
    return (
        Column("product", _("Product"), Kind.RELATION, prefix, english="name_en"),
        Column("product_line", _("Product line"), Kind.RELATION, f"{prefix}__line", english="name_en"),
    )


_lines = ReportObject(
    key="order_lines",
    label=_("Order lines"),
    model=lambda: OrderLine,
    rows=lambda asked: OrderLine.objects.visible_to(asked.viewer).order_by(),
    shown=("date", "number", "account", "product", "quantity", "amount"),
    url="orders:order_detail",
    url_path="order_id",
    columns=(
        Column("date", _("Order date"), Kind.DATE, "order__order_date"),
        Column("number", _("Order number"), Kind.TEXT, "order__external_id", groups=False),
        Column("kind", _("Kind"), Kind.CHOICE, "order__kind", choices=OrderKind.choices),
        *_product_columns("product"),
        Column("quantity", _("Quantity"), Kind.NUMBER, "quantity"),
        Column(
            "amount",
            _("Amount"),
            Kind.MONEY,
            value=in_reporting_currency("amount", "order__currency", "order__order_date"),
            raw="amount",
        ),
        Column(
            "cost",
            _("Cost"),
            Kind.MONEY,
            value=in_reporting_currency("cost_amount", "order__currency", "order__order_date"),
            raw="cost_amount",
        ),
        Column("currency", _("Currency"), Kind.CHOICE, "order__currency", choices=CURRENCY_CHOICES),
        *account_columns("order__account"),
    ),
)


def _year_ago(day: dt.date) -> dt.date:
    return day.replace(year=day.year - 1, day=1)


def net_between(span: Callable[[dt.date], tuple[dt.date, dt.date]]) -> Callable[[Asked], Any]:
    """The net revenue of the months from the first up to, not including, the last of a span; else null."""

    def value(asked: Asked) -> Any:
        first, end = span(asked.today)
        return Case(When(month__gte=first, month__lt=end, then=F("reporting_amount")), output_field=MONEY)

    return value


def this_year(today: dt.date) -> tuple[dt.date, dt.date]:
    """The last 12 full months."""
    end = today.replace(day=1)
    return _year_ago(end), end


def year_before(today: dt.date) -> tuple[dt.date, dt.date]:
    """The 12 months before those."""
    end = _year_ago(today.replace(day=1))
    return _year_ago(end), end


_revenue = ReportObject(
    key="revenue",
    label=_("Revenue by month and product line"),
    model=lambda: MonthlyRevenue,
    rows=lambda asked: MonthlyRevenue.objects.visible_to(asked.viewer).order_by(),
    shown=("month", "account", "product_line", "net", "sales", "returns"),
    url="accounts:account_detail",
    url_path="account_id",
    columns=(
        Column("month", _("Month"), Kind.DATE, "month"),
        Column("product_line", _("Product line"), Kind.RELATION, "product_line", english="name_en"),
        Column("net", _("Net revenue"), Kind.MONEY, "reporting_amount", raw="net_amount"),
        Column("net_now", _("Net revenue, 12 months"), Kind.MONEY, value=net_between(this_year)),
        Column("net_before", _("Net revenue, 12 months before"), Kind.MONEY, value=net_between(year_before)),
        Column("net_change", _("Net revenue, change"), Kind.NUMBER, ratio=("net_now", "net_before"), change=True),
        Column(
            "sales",
            _("Sales"),
            Kind.MONEY,
            value=in_reporting_currency("sales_amount", "currency", month="month"),
            raw="sales_amount",
        ),
        Column(
            "returns",
            _("Returns"),
            Kind.MONEY,
            value=in_reporting_currency("returns_amount", "currency", month="month"),
            raw="returns_amount",
        ),
        Column("return_rate", _("Rate of returns"), Kind.NUMBER, ratio=("returns", "sales")),
        Column("has_returns", _("With returns"), Kind.YESNO, value=yes_if(lambda asked: Q(returns_amount__gt=0))),
        Column("currency", _("Currency"), Kind.CHOICE, "currency", choices=CURRENCY_CHOICES),
        *account_columns(),
    ),
)


def _first_order(asked: Asked) -> Any:
    sales = Order.objects.filter(account=OuterRef("pk"), kind=OrderKind.SALE).order_by("order_date")
    return Subquery(sales.values("order_date")[:1])


register(_orders, _lines, _revenue)
extend("accounts", [Column("first_order", _("First order"), Kind.DATE, value=_first_order)])
