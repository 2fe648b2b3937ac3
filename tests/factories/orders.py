"""Products and orders. Orders are made through the service, so that facts, summaries and audit are as in production."""

import datetime as dt
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from orders import services
from orders.models import Order, Product, ProductLine
from tests.factories import TODAY


class ProductLineFactory(DjangoModelFactory):
    class Meta:
        model = ProductLine

    code = factory.Sequence(lambda n: f"LINE{n}")
    name = factory.Sequence(lambda n: f"产品线{n}")
    name_en = factory.Sequence(lambda n: f"Line {n}")


class ProductFactory(DjangoModelFactory):
    class Meta:
        model = Product

    code = factory.Sequence(lambda n: f"P{n:04d}")
    name = factory.Sequence(lambda n: f"产品{n}")
    name_en = factory.Sequence(lambda n: f"Product {n}")
    line = factory.SubFactory(ProductLineFactory)


_numbers = iter(range(1, 10**9))


def order_row(
    account_code, amount=100, *, date=TODAY, external_id=None, product="P1", currency="CNY", lines=None, **kwargs
):
    """An OrderRow with one line of quantity 1 (or -1), or with `lines` as (product, quantity, price)."""
    if lines is None:
        amount = Decimal(amount)
        lines = [(product, -1 if amount < 0 else 1, abs(amount))]
    return services.OrderRow(
        external_id=external_id or f"O{next(_numbers):06d}",
        account_code=account_code,
        order_date=date,
        currency=currency,
        lines=[
            services.line_row(code, Decimal(quantity), Decimal(str(price)), currency) for code, quantity, price in lines
        ],
        **kwargs,
    )


def make_order(
    account, amount=100, *, date=TODAY - dt.timedelta(days=30), today=TODAY, source="erp", actor=None, **kwargs
):
    """One stored order of `account` with its facts."""
    row = order_row(account.code, amount, date=date, **kwargs)
    [outcome] = services.upsert_orders([row], source=source, actor=actor, today=today)
    assert outcome.status in ("created", "updated", "unchanged"), outcome
    return Order.objects.get(pk=outcome.order_id)
