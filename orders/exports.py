"""Orders, their lines and the catalogue as files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.exports import ACCOUNT
from core.exports import Asked, Cell, Found, ListExport, cells_of, filtered, register
from core.paging import Sort
from orders.filters import (
    ORDER_DEFAULT_SORT,
    ORDER_SORTS,
    PRODUCT_DEFAULT_SORT,
    PRODUCT_SORTS,
    OrderFilter,
    ProductFilter,
)
from orders.models import Order, OrderLine, Product

_PAGES = {"orders:order_list": {}, "orders:account_panel": {"account": "account_pk"}}


def _orders(asked: Asked) -> Found:
    found = OrderFilter(asked.query, queryset=Order.objects.visible_to(asked.user))
    return filtered(found, asked, ORDER_SORTS, ORDER_DEFAULT_SORT)


def _order_cells(asked: Asked) -> Sequence[Cell]:
    return cells_of(
        Order, *ACCOUNT, "external_id", "order_date", "kind", "currency", "total_amount", "source", "delivered_on"
    )


def _load_orders(rows: models.QuerySet[Any], asked: Asked) -> models.QuerySet[Any]:
    return rows.select_related("account")


def _lines(asked: Asked) -> Found:
    """The lines of these orders, the orders in their order of making: one index, however many there are."""
    orders = _orders(asked)
    rows = OrderLine.objects.order_by().filter(order__in=orders.rows.values("pk"))
    return Found(rows, Sort("pk"), orders.filterset)


def _line_cells(asked: Asked) -> Sequence[Cell]:
    return cells_of(
        OrderLine,
        Cell(_("Account code"), "order.account.code", width=14),
        Cell(_("Account"), "order.account.local_name", width=32),
        "order.external_id", "order.order_date", "order.kind", "position", "product.code",
        Cell(_("Product"), "product.local_name", width=30), "product.line", "quantity", "unit_price", "amount",
        "order.currency", "order.source",
    )  # fmt: skip


def _load_lines(rows: models.QuerySet[Any], asked: Asked) -> models.QuerySet[Any]:
    return rows.select_related("order__account", "product__line")


def _products(asked: Asked) -> Found:
    found = ProductFilter(asked.query, queryset=Product.objects.visible_to(asked.user))
    return filtered(found, asked, PRODUCT_SORTS, PRODUCT_DEFAULT_SORT)


def _product_cells(asked: Asked) -> Sequence[Cell]:
    return cells_of(Product, "code", Cell(_("name"), "local_name", width=32), "line")


def _load_products(rows: models.QuerySet[Any], asked: Asked) -> models.QuerySet[Any]:
    return rows.select_related("line")


register(
    ListExport(
        "orders", _("Orders"), Order, _PAGES, find=_orders, cells=_order_cells, load=_load_orders,
        also=("order_lines",),
    ),
    ListExport("order_lines", _("Order lines"), OrderLine, {}, find=_lines, cells=_line_cells, load=_load_lines),
    ListExport(
        "products", _("Products"), Product, {"orders:product_list": {}}, find=_products, cells=_product_cells,
        load=_load_products,
    ),
)  # fmt: skip
