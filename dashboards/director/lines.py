"""Revenue by product line and tier: the 12 full months before the current one, and the 12 before those."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, Q, QuerySet, Sum

from accounts.choices import Tier
from accounts.models import Account
from dashboards.director.months import summed
from orders.models import MonthlyRevenue
from orders.revenue import months_until

TIERS = (*Tier.values, "")


class Span(NamedTuple):
    """First months: of the year before, of the year, and of what is not over yet."""

    prior: dt.date
    first: dt.date
    end: dt.date


def span_of(today: dt.date) -> Span:
    months = months_until(today, 25)
    return Span(months[0], months[12], months[24])


@dataclass
class Amounts:
    """Net revenue in the reporting currency, the one of the year before, and how many accounts bought."""

    revenue: Decimal = Decimal(0)
    prior: Decimal = Decimal(0)
    buyers: int = 0
    url: str = ""

    @property
    def change(self) -> Decimal | None:
        return self.revenue / self.prior - 1 if self.prior > 0 else None

    def add(self, other: Amounts) -> None:
        self.revenue += other.revenue
        self.prior += other.prior
        self.buyers += other.buyers


@dataclass
class Line:
    """A product line; its tiers in the order of TIERS."""

    pk: int
    name: str = ""
    tiers: dict[str, Amounts] = field(default_factory=lambda: {tier: Amounts() for tier in TIERS})

    @property
    def total(self) -> Amounts:
        total = Amounts()
        for amounts in self.tiers.values():
            total.add(amounts)
        return total


def counted(accounts: QuerySet[Account] | None, today: dt.date, *, by_part: bool) -> QuerySet[Any]:
    """Tuples of line, tier (with `by_part` also manager and region), revenue, prior, buyers."""
    span = span_of(today)
    recent = Q(month__gte=span.first)
    facts = MonthlyRevenue.objects.filter(month__gte=span.prior, month__lt=span.end).order_by()
    if accounts is not None:
        facts = facts.filter(account__in=accounts)
    parts = ["account__manager_id", "account__region"] if by_part else []
    return summed(
        facts.values_list("product_line_id", "account__tier", *parts),
        Sum("reporting_amount", filter=recent),
        Sum("reporting_amount", filter=~recent),
        Count("account", filter=recent & Q(sales_amount__gt=0), distinct=True),
    )


def of_cells(cells: QuerySet[Any]) -> QuerySet[Any]:
    """The same tuples from the sums that were kept."""
    sums = (Sum("revenue_amount"), Sum("prior_amount"), Sum("buyers"))
    return summed(cells.order_by().values_list("line_id", "tier"), *sums)


def table(rows: QuerySet[Any]) -> list[Line]:
    """The lines with the most revenue first."""
    found: dict[int, Line] = {}
    for pk, tier, revenue, prior, buyers in rows:
        amounts = Amounts(Decimal(revenue or 0), Decimal(prior or 0), buyers)
        found.setdefault(pk, Line(pk)).tiers[tier].add(amounts)
    return sorted(found.values(), key=lambda line: (-line.total.revenue, line.pk))
