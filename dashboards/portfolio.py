"""A portfolio in numbers: accounts by tier, coverage, overdue contacts, revenue of 12 months by month, open alerts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from accounts.choices import Tier
from accounts.models import Account
from core.http import UserRequest
from health.filters import AlertInboxFilter
from health.models import Alert
from orders.models import MonthlyRevenue
from orders.revenue import months_until
from users.models import User

COVERED = "covered"
OVERDUE = "overdue"


def rhythm_conditions(today: dt.date) -> dict[str, Q]:
    """Accounts by their cadence: within it, over it, and all that have one."""
    due = "summary__contact_due_date"
    return {
        COVERED: Q(summary__last_contact_date__isnull=False, **{f"{due}__gte": today}),
        OVERDUE: Q(**{f"{due}__lt": today}),
        "with_cadence": Q(**{f"{due}__isnull": False}),
    }


@dataclass(frozen=True)
class Portfolio:
    """Revenue is net, in the reporting currency; `months` the 12 full months that it is the sum of, with their sums."""

    accounts: int
    tiers: list[tuple[str, int]]
    covered: int
    overdue: int
    with_cadence: int
    revenue: Decimal
    revenue_prior: Decimal
    months: list[tuple[dt.date, Decimal]]

    @property
    def coverage(self) -> Decimal | None:
        return Decimal(self.covered) / self.with_cadence if self.with_cadence else None

    @property
    def trend(self) -> Decimal | None:
        return self.revenue / self.revenue_prior - 1 if self.revenue_prior > 0 else None

    @property
    def amounts(self) -> list[Decimal]:
        return [amount for _month, amount in self.months]


def accounts_of(viewer: User, managers: Any) -> QuerySet[Account]:
    """The accounts of these managers (ids, or a set of users) that the viewer sees; None: all that they see."""
    accounts = Account.objects.visible_to(viewer).order_by()
    return accounts if managers is None else accounts.filter(manager__in=managers)


def portfolio(viewer: User, managers: Any, today: dt.date) -> Portfolio:
    """The four numbers, in two statements."""
    accounts = accounts_of(viewer, managers)
    counts: dict[str, Any] = {f"tier_{tier or 'none'}": Count("pk", filter=Q(tier=tier)) for tier in (*Tier.values, "")}
    counts |= {name: Count("pk", filter=condition) for name, condition in rhythm_conditions(today).items()}
    sums = accounts.aggregate(
        accounts=Count("pk"),
        revenue=Sum("summary__revenue_12m_amount"),
        prior=Sum("summary__revenue_prior_12m_amount"),
        **counts,
    )
    return Portfolio(
        accounts=sums["accounts"],
        tiers=[(tier, sums[f"tier_{tier or 'none'}"]) for tier in (*Tier.values, "")],
        covered=sums[COVERED],
        overdue=sums[OVERDUE],
        with_cadence=sums["with_cadence"],
        revenue=sums["revenue"] or Decimal(0),
        revenue_prior=sums["prior"] or Decimal(0),
        months=revenue_by_month(accounts, today),
    )


def revenue_by_month(accounts: QuerySet[Account], today: dt.date) -> list[tuple[dt.date, Decimal]]:
    """The net revenue of the 12 full months before the current one."""
    months = months_until(today, 13)[:-1]
    facts = MonthlyRevenue.objects.filter(account__in=accounts, month__gte=months[0], month__lte=months[-1])
    sums = dict(facts.order_by().values("month").annotate(net=Sum("reporting_amount")).values_list("month", "net"))
    return [(month, sums.get(month) or Decimal(0)) for month in months]


def open_alerts(request: UserRequest, query: dict[str, str], now: dt.datetime) -> tuple[int, int]:
    """How many alerts the inbox shows at the address with this `query`, and how many of them are overdue."""
    found = AlertInboxFilter(query, queryset=Alert.objects.visible_to(request.user).order_by(), request=request)
    found.form.is_valid()
    sums = found.in_tab.aggregate(all=Count("pk"), late=Count("pk", filter=Q(due_at__lt=now)))
    return sums["all"], sums["late"]
