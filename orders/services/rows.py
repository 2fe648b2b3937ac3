"""The bare inserts of orders and lines: COPY on PostgreSQL, as fast as it goes elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from django.utils import timezone

from core.bulk import copy_rows
from orders.models import Order, OrderLine

_LINE_COLUMNS = ["order_id", "position", "product_id", "quantity", "unit_price", "amount", "cost_amount"]
_ORDER_COLUMNS = [
    "id", "account_id", "source", "external_id", "order_date", "kind", "currency", "total_amount", "delivered_on",
    "created_at", "updated_at",
]  # fmt: skip


def insert_orders(orders: Sequence[Order]) -> None:
    """Insert new orders and set their primary keys. The caller holds the order lock and has checked them."""
    if connection.vendor != "postgresql":
        Order.objects.bulk_create(orders, batch_size=2000)
        return
    now = timezone.now()
    for order, pk in zip(orders, _reserve_pks(len(orders)), strict=True):
        order.pk, order.created_at, order.updated_at = pk, now, now
        order._state.adding = False
    copy_rows(Order, _ORDER_COLUMNS, ([getattr(order, name) for name in _ORDER_COLUMNS] for order in orders))


def insert_lines(rows: Iterable[Sequence[Any]]) -> None:
    """Insert lines: (order id, position, product id, quantity, unit price, amount, cost)."""
    if connection.vendor == "postgresql":
        copy_rows(OrderLine, _LINE_COLUMNS, rows)
        return
    columns = ", ".join(_LINE_COLUMNS)
    marks = ", ".join(["%s"] * len(_LINE_COLUMNS))
    with connection.cursor() as cursor:
        # The columns have SQLite's numeric affinity: decimals as text are stored as numbers, as Django stores them.
        cursor.executemany(
            f"INSERT INTO orders_orderline ({columns}) VALUES ({marks})",  # noqa: S608  constants only
            [(*row[:3], *(None if value is None else str(value) for value in row[3:])) for row in rows],
        )


def _reserve_pks(count: int) -> list[int]:
    with connection.cursor() as cursor:
        sequence = "pg_get_serial_sequence('orders_order', 'id')"
        cursor.execute(f"SELECT nextval({sequence}) FROM generate_series(1, %s)", [count])  # noqa: S608  a constant
        return [pk for (pk,) in cursor.fetchall()]
