"""What the methods need to know about accounts, read in two statements: one over the revenue facts, one over accounts.

Revenue is in one currency: the version's; where it names none, that of the facts if all are in one, else the reporting
currency. Facts in another currency are converted with the rate of the last day of their month; where no rate is known
they do not count, and the account is marked incomplete.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Case, Count, DecimalField, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Cast, NullIf

from accounts.choices import Status
from accounts.models import Account
from core.models import ExchangeRate
from core.money import minor_digits, round_amount
from orders.models import MonthlyRevenue
from tiers import periods
from tiers.choices import Measure, Method
from tiers.models import TierPolicyVersion

ZERO = Decimal(0)
WIDE = DecimalField(max_digits=30, decimal_places=10)


@dataclass(slots=True)
class Figures:
    """Sums of one account's facts in the currency of the evaluation."""

    revenue: Decimal = ZERO
    incomplete: bool = False
    by_month: dict[dt.date, Decimal] | None = None
    previous: Decimal = ZERO
    costed: Decimal = ZERO
    cost: Decimal = ZERO


class Subject(NamedTuple):
    """An account to be evaluated: its tier now, its figures, and for scorecards the fields that these read."""

    account_id: int
    code: str
    tier: str
    figures: Figures
    fields: dict[str, Any]


PROFILE = (
    "potential",
    "strategic_fit",
    "payment_behaviour",
    "customer_since",
    "annual_purchase_amount",
    "annual_purchase_currency",
)


NO_FIELDS: dict[str, Any] = {}


def load(version: TierPolicyVersion, as_of: dt.date) -> tuple[str, list[Subject]]:
    """The currency, and every account that bought or returned in the period or has a tier already.

    Terminated accounts are left out: they are read-only.
    """
    period = periods.trailing(as_of, version.months)
    groups = list(_groups(version, period))
    currency = version.currency or _common_currency(groups)
    figures: dict[int, Figures] = {}
    for group in groups:
        account_id = group["account_id"]
        if (found := figures.get(account_id)) is None:
            found = figures[account_id] = Figures()
        _add(found, group, currency)
    digits = Decimal(1).scaleb(-minor_digits(currency))
    for one in figures.values():
        one.revenue = one.revenue.quantize(digits, ROUND_HALF_UP)
    return currency, list(_subjects(figures, scorecard=version.method == Method.SCORECARD))


def rate_on(currency: str, day: dt.date) -> Decimal | None:
    """Units of the reporting currency for one of `currency` on `day`; None where no rate is known."""
    if currency == settings.REPORTING_CURRENCY:
        return Decimal(1)
    rates = ExchangeRate.objects.filter(currency=currency, valid_from__lte=day).order_by("-valid_from")
    return rates.values_list("rate", flat=True).first()


def _groups(version: TierPolicyVersion, period: periods.Period) -> Iterator[dict[str, Any]]:
    """Sums per account and currency (and month, where every single month counts)."""
    scorecard = version.method == Method.SCORECARD
    start = periods.month_start(period.start, -version.months) if scorecard else period.start
    facts = MonthlyRevenue.objects.order_by().filter(month__gte=start, month__lte=period.end)
    by_month = version.method == Method.THRESHOLD and version.parameters["measure"] == Measure.EVERY_MONTH
    now = Q(month__gte=period.start) if scorecard else None
    sums: dict[str, Any] = {
        "net": Sum("net_amount", filter=now),
        "reporting": Sum("reporting_amount", filter=now),
        "unrated": Count("month", filter=now) - Count("reporting_amount", filter=now),
    }
    if version.currency not in ("", settings.REPORTING_CURRENCY):
        in_currency = _converted(version.currency, start, period.end)
        sums["converted"] = Sum(in_currency, filter=now)
        sums["unrated"] = Count("month", filter=now) - Count(in_currency, filter=now)
    if scorecard:
        sums |= _scorecard_sums(version.currency, period, start)
    names = ("account_id", "currency", *(("month",) if by_month else ()))
    keys = (*names, *sums)
    rows: QuerySet[Any] = facts.values(*names).annotate(**sums).values_list(*keys)
    return (dict(zip(keys, row, strict=True)) for row in rows.iterator(chunk_size=20_000))


def _converted(currency: str, start: dt.date, end: dt.date) -> Case:
    """The reporting amount in `currency` at the rate of the last day of its month; null where there is none."""
    whens, month = [], start
    while month <= end:
        following = periods.month_start(month, 1)
        if (rate := rate_on(currency, following - dt.timedelta(days=1))) is not None:
            amount = F("reporting_amount") / Value(rate, WIDE)
            whens.append(When(month=month, then=amount))
        month = following
    # The cast tells PostgreSQL the type where there is no rate at all.
    return Case(*whens, default=Cast(Value(None), WIDE), output_field=WIDE)


def _scorecard_sums(currency: str, period: periods.Period, start: dt.date) -> dict[str, Any]:
    """The period before, and the margin's two sides: in the fact's own currency and in the reporting currency."""
    before = Q(month__lt=period.start)
    factor = F("reporting_amount") / NullIf(F("net_amount"), Value(ZERO, WIDE))
    sums: dict[str, Any] = {
        "before_net": Sum("net_amount", filter=before),
        "before_reporting": Sum("reporting_amount", filter=before),
        "costed_net": Sum("costed_net_amount", filter=~before),
        "cost_net": Sum("cost_amount", filter=~before),
        "costed_reporting": Sum(F("costed_net_amount") * factor, filter=~before, output_field=WIDE),
        "cost_reporting": Sum(F("cost_amount") * factor, filter=~before, output_field=WIDE),
    }
    if currency not in ("", settings.REPORTING_CURRENCY):
        sums["before_converted"] = Sum(_converted(currency, start, period.end), filter=before)
    return sums


def _common_currency(groups: Iterable[dict[str, Any]]) -> str:
    currencies = {group["currency"] for group in groups}
    return currencies.pop() if len(currencies) == 1 else settings.REPORTING_CURRENCY


def _add(figures: Figures, group: dict[str, Any], currency: str) -> None:
    own = group["currency"] == currency
    kind = "net" if own else "converted" if "converted" in group else "reporting"
    amount = group[kind] or ZERO
    figures.revenue += amount
    figures.incomplete |= not own and group["unrated"] > 0
    if "month" in group:
        months = figures.by_month = figures.by_month or {}
        months[group["month"]] = months.get(group["month"], ZERO) + round_amount(amount, currency)
    if "before_net" in group:
        figures.previous += group[f"before_{kind}"] or ZERO
        side = "net" if own else "reporting"
        figures.costed += group[f"costed_{side}"] or ZERO
        figures.cost += group[f"cost_{side}"] or ZERO


def _subjects(figures: dict[int, Figures], *, scorecard: bool) -> Iterator[Subject]:
    accounts = Account.objects.order_by().exclude(status=Status.TERMINATED)
    names = ("pk", "code", "tier", *(PROFILE if scorecard else ()))
    for pk, code, tier, *profile in accounts.values_list(*names).iterator(chunk_size=20_000):
        found = figures.get(pk)
        if found is not None or tier:
            fields = dict(zip(PROFILE, profile, strict=True)) if scorecard else NO_FIELDS
            yield Subject(pk, code, tier, found or Figures(), fields)


def scorecard_values(subject: Subject, version: TierPolicyVersion, currency: str, as_of: dt.date) -> dict[str, Any]:
    """The value of each criterion in the unit of its points, None where there is no data.

    Growth, margin and wallet share in percent, tenure in years, revenue in `currency`.
    """
    figures, fields = subject.figures, subject.fields
    yearly = figures.revenue * 12 / version.months
    purchases, bought_in = fields["annual_purchase_amount"], fields["annual_purchase_currency"]
    since = fields["customer_since"]
    return {
        "revenue": figures.revenue,
        "growth": (figures.revenue / figures.previous - 1) * 100 if figures.previous > 0 else None,
        "margin": (figures.costed - figures.cost) / figures.costed * 100 if figures.costed > 0 else None,
        "wallet_share": yearly / purchases * 100 if purchases and bought_in == currency else None,
        "tenure": Decimal((as_of - since).days) / Decimal("365.25") if since and since <= as_of else None,
        **{name: _score(fields[name]) for name in ("potential", "strategic_fit", "payment_behaviour")},
    }


def _score(value: int | None) -> Decimal | None:
    return None if value is None else Decimal(value)
