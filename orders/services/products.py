"""Products and product lines, one by one; whole sets come with orders (catalogue.py)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models.functions import TruncMonth

from audit.services import diff, record, snapshot
from orders.errors import CatalogueForbidden
from orders.models import OrderLine, Product, ProductLine
from orders.services.facts import rebuild_facts
from orders.services.lock import lock_orders
from users.models import User


@transaction.atomic
def save_product_line(line: ProductLine, *, actor: User | None) -> ProductLine:
    """Create or change a product line. Raises CatalogueForbidden, ValidationError."""
    _check_owner(actor)
    before = snapshot(ProductLine.objects.select_for_update().get(pk=line.pk)) if line.pk else None
    line.full_clean()
    line.save()
    if before is None:
        record("product_line.created", line, actor=actor)
    elif changes := diff(before, line):
        record("product_line.updated", line, actor=actor, changes=changes)
    return line


@transaction.atomic
def save_product(product: Product, *, actor: User | None) -> Product:
    """Create or change a product; where it moves to another product line, the monthly facts follow.

    Raises CatalogueForbidden, ValidationError.
    """
    _check_owner(actor)
    lock_orders()
    stored = Product.objects.select_for_update(of=("self",)).get(pk=product.pk) if product.pk else None
    product.full_clean()
    product.save()
    if stored is None:
        record("product.created", product, actor=actor)
        return product
    if changes := diff(snapshot(stored), product):
        record("product.updated", product, actor=actor, changes=changes)
    if stored.line_id != product.line_id:
        rebuild_facts(*_touched(product))
    return product


def _touched(product: Product) -> tuple[set[int], set[dt.date]]:
    """The accounts that bought the product, and the months in which they did."""
    lines = OrderLine.objects.filter(product=product).order_by()
    pairs = set(lines.values_list("order__account_id", TruncMonth("order__order_date")))
    return {account_id for account_id, _month in pairs}, {month for _account_id, month in pairs}


def _check_owner(actor: User | None) -> None:
    if actor is not None and not actor.owns_policies:
        raise CatalogueForbidden
