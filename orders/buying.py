"""Who buys a product line: what the filters of accounts ask (see accounts/buying.py)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet

from accounts.buying import Buyers, register
from orders.models import MonthlyRevenue, ProductLine
from orders.revenue import months_until


def buyers_of(line: ProductLine, today: dt.date) -> QuerySet[Any]:
    """Accounts with sales or returns of the line in the current month or the twelve before it."""
    facts = MonthlyRevenue.objects.filter(product_line=line, month__gte=months_until(today)[0])
    return facts.order_by().values("account")


register(Buyers(ProductLine.objects.all, buyers_of))
