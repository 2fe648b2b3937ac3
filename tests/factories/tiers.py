"""Policies, runs and proposals, made through the services; facts straight into the table, since many are needed."""

import datetime as dt
from decimal import Decimal

from orders.models import MonthlyRevenue, ProductLine
from tests.factories import TODAY
from tiers import services
from tiers.models import TierPolicy, TierPolicyVersion

NO_HYSTERESIS = {"down_runs": 1, "margin": "0"}


def make_policy(code="plain", *, method="pareto", months=6, currency="", actor=None, enabled=False, **parameters):
    """A policy with one version; Pareto 70/90 without hysteresis unless parameters say otherwise."""
    if method == "pareto":
        parameters = {"cut_a": "70", "cut_b": "90", **parameters}
    policy = TierPolicy(code=code, name=code, enabled=enabled)
    version = TierPolicyVersion(
        method=method, months=months, currency=currency, parameters={**NO_HYSTERESIS, **parameters}
    )
    return services.create_policy(policy, version, actor=actor)


def make_fact(account, amount, *, month=dt.date(2026, 1, 1), currency="CNY", reporting=None, **kwargs):
    """One monthly fact of `account`: net revenue, negative for returns. CNY is the reporting currency of the tests."""
    line, _ = ProductLine.objects.get_or_create(code="LINE", defaults={"name": "Line"})
    amount = Decimal(str(amount))
    if reporting is None and currency == "CNY":
        reporting = amount
    return MonthlyRevenue.objects.create(
        account=account,
        product_line=line,
        month=month,
        currency=currency,
        sales_amount=max(amount, Decimal(0)),
        returns_amount=max(-amount, Decimal(0)),
        net_amount=amount,
        reporting_amount=reporting,
        **kwargs,
    )


def make_run(policy=None, as_of=TODAY, actor=None):
    """A run of `policy` (a plain one unless given) as of TODAY."""
    return services.run_policy(policy or make_policy(), as_of, actor=actor)
