"""The actual numbers of one or several people over a period, from the rows that everything else reads.

- *revenue*: net revenue in the reporting currency of each month × the share of its days on which the account was
  theirs;
- *revenue retention*: of the accounts that bought a year before: that revenue in the months that are over, ÷ the
  revenue of the same months a year before × the same shares;
- *coverage*: accounts that were within their cadence at the end of each month ÷ those with a cadence, of whom they were
  the manager on that day (of the current month: last night);
- *NPS*: of the answers of the period that came while they were the manager: % promoters − % detractors;
- *collections*: receipts less refunds, dated while the account was theirs, at the rate of their day.

The numbers of the past follow the person, not the team: whoever changes the team or leaves keeps what was theirs.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Count, Q, Sum

from accounts.models import ManagerAssignment
from contracts.choices import ReceiptKind
from contracts.models import Receipt
from contracts.rates import dated_rates
from contracts.terms import ONE_DAY, add_months
from dashboards.choices import Measure
from dashboards.director.months import DETRACTOR, PROMOTER, nps_answers
from dashboards.scorecards.rules import Period, Span, is_on, share_of_days
from interactions.models import CoverageMonth
from orders.models import MonthlyRevenue

CENT = Decimal("0.01")


@dataclass
class Actual:
    """A number (None: nothing to count) and what it was made of."""

    value: Decimal | None
    facts: dict[str, Any] = field(default_factory=dict)


def actuals(people: Collection[int], period: Period, today: dt.date) -> dict[str, Actual]:
    """All measures of these people (ids) together."""
    months = [month for month in period.months if month <= today]
    if not people or not months:
        return {measure: Actual(None) for measure in Measure.values}
    spans = responsibility(people, period)
    revenue, retention = _revenue(spans, months, today)
    return {
        Measure.COVERAGE.value: _coverage(people, months),
        Measure.RETENTION.value: retention,
        Measure.REVENUE.value: revenue,
        Measure.NPS.value: _nps(people, months),
        Measure.COLLECTIONS.value: _collections(spans, period, today),
    }


def responsibility(people: Collection[int], period: Period) -> dict[int, list[Span]]:
    """Account -> the days on which it was theirs. On the day of a change it is the new manager's."""
    rows = ManagerAssignment.objects.filter(manager__in=people, from_date__lte=period.last).order_by()
    rows = rows.filter(Q(until_date__isnull=True) | Q(until_date__gt=period.first))
    spans: dict[int, list[Span]] = defaultdict(list)
    for account, since, until in rows.values_list("account", "from_date", "until_date"):
        spans[account].append((since, until))
    return dict(spans)


def _revenue(spans: dict[int, list[Span]], months: list[dt.date], today: dt.date) -> tuple[Actual, Actual]:
    before = {add_months(month, -12): month for month in months}
    facts = MonthlyRevenue.objects.filter(account__in=list(spans), month__in=[*months, *before]).order_by()
    rows = facts.values_list("account", "month").annotate(net=Sum("reporting_amount"))
    now: dict[int, Fraction] = defaultdict(Fraction)
    over: dict[int, Fraction] = defaultdict(Fraction)
    prior: dict[int, Fraction] = defaultdict(Fraction)
    for account, month, net in rows:
        of = before.get(month, month)
        amount = Fraction(net or 0) * share_of_days(spans[account], of, min(_last(of), today))
        if month in before:
            prior[account] += amount if _last(of) < today else 0
            continue
        now[account] += amount
        over[account] += amount if _last(of) < today else 0
    bought = [account for account, amount in prior.items() if amount > 0]
    base, kept = sum((prior[one] for one in bought), Fraction(0)), sum((over[one] for one in bought), Fraction(0))
    revenue = Actual(_amount(sum(now.values(), Fraction(0))) if spans else None, {"accounts": len(spans)})
    words = {"kept": str(_amount(kept)), "before": str(_amount(base)), "accounts": len(bought)}
    return revenue, Actual(_ratio(kept / base) if base > 0 else None, words)


def _coverage(people: Collection[int], months: list[dt.date]) -> Actual:
    rows = CoverageMonth.objects.filter(month__in=months, manager__in=people)
    found = rows.aggregate(all=Count("pk"), covered=Count("pk", filter=Q(covered=True)))
    value = _ratio(Fraction(found["covered"], found["all"])) if found["all"] else None
    return Actual(value, {"covered": found["covered"], "all": found["all"]})


def _nps(people: Collection[int], months: list[dt.date]) -> Actual:
    rows = nps_answers(months).filter(response__manager__in=people)
    found = rows.aggregate(
        all=Count("pk"), up=Count("pk", filter=Q(value__gte=PROMOTER)), down=Count("pk", filter=Q(value__lte=DETRACTOR))
    )
    value = _ratio(Fraction(100 * (found["up"] - found["down"]), found["all"])) if found["all"] else None
    return Actual(value, {"answers": found["all"], "promoters": found["up"], "detractors": found["down"]})


def _collections(spans: dict[int, list[Span]], period: Period, today: dt.date) -> Actual:
    rows = Receipt.objects.filter(
        contract__account__in=list(spans), voided_at__isnull=True, date__gte=period.first,
        date__lte=min(period.last, today),
    ).order_by()  # fmt: skip
    receipts = list(rows.values_list("contract__account", "date", "kind", "amount", "currency"))
    rates = dated_rates({row[4] for row in receipts})
    total, number, unpriced = Decimal(0), 0, 0
    for account, day, kind, amount, currency in receipts:
        if not is_on(spans[account], day):
            continue
        converted = rates.convert(amount, currency, day)
        number, unpriced = number + 1, unpriced + (converted is None)
        total += (converted or Decimal(0)) * (-1 if kind == ReceiptKind.REFUND else 1)
    return Actual(total.quantize(CENT) if spans else None, {"receipts": number, "unpriced": unpriced})


def _last(month: dt.date) -> dt.date:
    return add_months(month, 1) - ONE_DAY


def _amount(value: Fraction) -> Decimal:
    return (Decimal(value.numerator) / value.denominator).quantize(CENT)


def _ratio(value: Fraction) -> Decimal:
    return (Decimal(value.numerator) / value.denominator).quantize(Decimal("0.0001"))
