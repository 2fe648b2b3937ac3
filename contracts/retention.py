"""Renewal rate and net revenue retention: the formulas, pure; and the rows that they count, in sets.

**Renewal rate** of a period, by count and by value. Of the terms that ended in the period: renewed ÷ due. By value each
term weighs its net total when its renewal opened, so that a contract renewed at half its price counts as renewed, and
the loss shows in the net revenue retention. Terms that ended and are not decided count as due and not as renewed;
terms that end today or later are not due yet. Source: KPI Depot, "Rate of Contract Renewal" (contracts renewed ÷
contracts due for renewal), https://kpidepot.com/kpi/rate-contract-renewal.

**Net revenue retention** of a period (NRR). Of the accounts that had contract value on the day before the period:
their annual contract value on its last day ÷ that on the day before it. New accounts are left out; what was added,
taken away and lost at the others is in. NRR = (start + expansion − contraction − lost) ÷ start. Source: SaaS Metrics
Standards Board, "Net Revenue Retention", https://www.saasmetricsboard.com/net-revenue-retention.

A contract's annual value is the net total of the version in force × 365 ÷ the days of that version's term, rounded to
the minor unit. Both days are converted by the rate of the period's last day, so that exchange rates do not look like
retention.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, Q, QuerySet, Sum

from contracts.choices import Phase, RenewalOutcome, VersionStatus
from contracts.models import ContractVersion
from contracts.terms import ONE_DAY, add_months
from core.money import round_amount

RENEWED = (RenewalOutcome.RENEWED, RenewalOutcome.AUTO_RENEWED)
Convert = Callable[[Decimal, str, dt.date], Decimal | None]


@dataclass(frozen=True)
class Period:
    """A quarter or a year, first and last day included."""

    first: dt.date
    last: dt.date
    name: str


def quarter_of(day: dt.date) -> Period:
    """The calendar quarter of a day: 2026-Q1."""
    first = dt.date(day.year, day.month - (day.month - 1) % 3, 1)
    return Period(first, add_months(first, 3) - ONE_DAY, f"{first.year}-Q{(first.month + 2) // 3}")


def year_of(day: dt.date) -> Period:
    """The calendar year of a day."""
    return Period(dt.date(day.year, 1, 1), dt.date(day.year, 12, 31), f"{day.year}")


def periods_until(today: dt.date, count: int, *, by_year: bool = False) -> list[Period]:
    """The last `count` periods up to the one of `today`, the newest first."""
    kind, day, found = year_of if by_year else quarter_of, today, []
    for _number in range(count):
        period = kind(day)
        found.append(period)
        day = period.first - ONE_DAY
    return found


def share(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    """`part` ÷ `whole`; None where there is nothing to divide by."""
    return Decimal(part) / Decimal(whole) if whole else None


class Terms(NamedTuple):
    """Terms that ended on a day, of one currency and outcome: how many, and their net total."""

    term_end: dt.date
    currency: str
    outcome: str
    number: int
    value: Decimal


@dataclass
class RenewalRate:
    """The terms of a period. Values are in the reporting currency; `unpriced` terms had no rate and are not in them."""

    period: Period
    due: int = 0
    renewed: int = 0
    lost: int = 0
    undecided: int = 0
    unpriced: int = 0
    due_value: Decimal = Decimal(0)
    renewed_value: Decimal = Decimal(0)

    @property
    def by_count(self) -> Decimal | None:
        """Renewed ÷ due."""
        return share(self.renewed, self.due)

    @property
    def by_value(self) -> Decimal | None:
        """Value renewed ÷ value due."""
        return share(self.renewed_value, self.due_value)

    def add(self, terms: Terms) -> None:
        """Count some terms of this period; what they are worth is added by `price`."""
        self.due += terms.number
        if terms.outcome in RENEWED:
            self.renewed += terms.number
        elif terms.outcome == RenewalOutcome.LOST:
            self.lost += terms.number
        else:
            self.undecided += terms.number

    def price(self, terms: Iterable[Terms], convert: Convert) -> None:
        """Add up the values of the period's terms: the sum of each currency is converted, and rounded, once."""
        by_currency: dict[str, list[Terms]] = defaultdict(list)
        for row in terms:
            by_currency[row.currency].append(row)
        for currency, rows in by_currency.items():
            due = convert(sum((row.value for row in rows), Decimal(0)), currency, self.period.last)
            renewed = sum((row.value for row in rows if row.outcome in RENEWED), Decimal(0))
            value = convert(renewed, currency, self.period.last)
            if due is None or value is None:
                self.unpriced += sum(row.number for row in rows)
                continue
            self.due_value += due
            self.renewed_value += value


def renewal_rates(
    terms: Iterable[Terms], periods: Iterable[Period], today: dt.date, convert: Convert
) -> list[RenewalRate]:
    """The renewal rate of each period, of the terms that ended before `today`."""
    ended = [row for row in terms if row.term_end < today]
    rates = []
    for period in periods:
        rate, rows = RenewalRate(period), [row for row in ended if period.first <= row.term_end <= period.last]
        for row in rows:
            rate.add(row)
        rate.price(rows, convert)
        rates.append(rate)
    return rates


def ended_terms(renewals: QuerySet[Any], first: dt.date, last: dt.date) -> list[Terms]:
    """The terms among `renewals` that end from `first` to `last`, by day, currency and outcome; one statement."""
    rows = renewals.filter(term_end__range=(first, last)).order_by().values("term_end", "value_currency", "outcome")
    counted = rows.annotate(number=Count("pk"), value=Sum("value_amount"))
    names = ("term_end", "value_currency", "outcome", "number", "value")
    return [Terms(*row) for row in counted.values_list(*names)]


class Span(NamedTuple):
    """What a contract is worth a year, in its currency, from `first` to `last` (None: without an end)."""

    account: int
    currency: str
    value: Decimal
    first: dt.date
    last: dt.date | None


def annual_value(net_amount: Decimal, days: int, currency: str) -> Decimal:
    """The net total of a term of so many days × 365 ÷ days, rounded to the minor unit."""
    return round_amount(net_amount * 365 / days, currency)


@dataclass
class AccountChange:
    """One account's annual value before a period and at its end, in the reporting currency."""

    account: int
    start: Decimal = Decimal(0)
    end: Decimal = Decimal(0)

    @property
    def change(self) -> Decimal:
        return self.end - self.start


@dataclass
class NetRetention:
    """The accounts with contract value on the day before the period; `unpriced` of their contracts had no rate."""

    period: Period
    until: dt.date
    start: Decimal = Decimal(0)
    expansion: Decimal = Decimal(0)
    contraction: Decimal = Decimal(0)
    lost: Decimal = Decimal(0)
    unpriced: int = 0
    accounts: list[AccountChange] = field(default_factory=list)

    @property
    def end(self) -> Decimal:
        return self.start + self.expansion - self.contraction - self.lost

    @property
    def rate(self) -> Decimal | None:
        """(start + expansion − contraction − lost) ÷ start."""
        return share(self.end, self.start)


def net_retentions(
    spans: Iterable[Span], periods: Sequence[Period], today: dt.date, convert: Convert
) -> list[NetRetention]:
    """The net revenue retention of each period; of one that is not over, up to `today`.

    What an account is worth on a day is summed by currency; each sum is converted, and rounded, once. All periods are
    counted in one pass: a company has a hundred thousand contracts.
    """
    found = [NetRetention(period, min(period.last, today)) for period in periods]
    days = sorted({day for net in found for day in (net.period.first - ONE_DAY, net.until)})
    worth: dict[tuple[int, str], list[Decimal]] = {}
    counts: dict[tuple[int, str], list[int]] = {}
    for account, currency, value, first, last in spans:
        begin = bisect_left(days, first)
        end = len(days) if last is None else bisect_right(days, last)
        if begin >= end:
            continue
        key = account, currency
        if key not in worth:
            worth[key], counts[key] = [Decimal(0)] * len(days), [0] * len(days)
        sums, numbers = worth[key], counts[key]
        for at in range(begin, end):
            sums[at] += value
            numbers[at] += 1
    for net in found:
        _count_accounts(net, worth, counts, days, convert)
    return found


def net_retention(spans: Iterable[Span], period: Period, today: dt.date, convert: Convert) -> NetRetention:
    """That of one period."""
    return net_retentions(spans, [period], today, convert)[0]


def _count_accounts(
    net: NetRetention,
    worth: dict[tuple[int, str], list[Decimal]],
    counts: dict[tuple[int, str], list[int]],
    days: Sequence[dt.date],
    convert: Convert,
) -> None:
    """Sort the accounts of a period by what became of them."""
    before, until = days.index(net.period.first - ONE_DAY), days.index(net.until)
    rows: dict[int, AccountChange] = {}
    for (account, currency), sums in worth.items():
        if not (sums[before] or sums[until]):
            continue
        start, end = (convert(sums[at], currency, net.until) for at in (before, until))
        if start is None or end is None:
            net.unpriced += max(counts[account, currency][before], counts[account, currency][until])
            continue
        row = rows.setdefault(account, AccountChange(account))
        row.start += start
        row.end += end
    net.accounts = [row for row in rows.values() if row.start]
    for row in net.accounts:
        net.start += row.start
        if not row.end:
            net.lost += row.start
        elif row.end > row.start:
            net.expansion += row.end - row.start
        else:
            net.contraction += row.start - row.end


def contract_spans(contracts: QuerySet[Any], first: dt.date, last: dt.date) -> list[Span]:
    """What the signed versions of `contracts` are worth and when, as far as they touch `first` to `last`.

    A version counts from its effective date (the first from its start) to the day before the next signed one's, the
    last to the contract's end: the day as of which it was terminated, no day while it renews itself. One statement.
    """
    ends = Q(contract__end_date__gte=first) | Q(contract__renews_itself=True)
    begun = Q(effective_date__lte=last) | Q(effective_date__isnull=True, start_date__lte=last)
    rows = ContractVersion.objects.filter(
        ends, begun, contract__in=contracts.order_by(), status=VersionStatus.SIGNED,
        contract__phase__in=[Phase.SIGNED, Phase.TERMINATED],
    ).order_by("contract", "number")  # fmt: skip
    names = (
        "contract", "contract__account", "contract__currency", "net_amount", "start_date", "end_date", "effective_date",
        "contract__end_date", "contract__renews_itself", "contract__notice_given_on",
        "contract__terminated_on", "contract__phase",
    )  # fmt: skip
    spans: list[Span] = []
    previous = None
    for contract, account, currency, net, start, end, effective, *ending in rows.values_list(*names):
        end_date, renews_itself, notice_given_on, terminated_on, phase = ending
        if phase != Phase.TERMINATED:  # it may be asked for, and not decided
            terminated_on = None
        begin = start if effective is None else effective
        if contract == previous:  # the version before ends where this one begins
            spans[-1] = spans[-1]._replace(last=begin - ONE_DAY)
        value = annual_value(net, (end - start).days + 1, currency)
        last_day = _last_day(end_date, terminated_on, goes_on=renews_itself and notice_given_on is None)
        spans.append(Span(account, currency, value, begin, last_day))
        previous = contract
    return spans


def _last_day(end_date: dt.date, terminated_on: dt.date | None, *, goes_on: bool) -> dt.date | None:
    """The last day of a contract; None while it renews itself."""
    if terminated_on is not None:
        return terminated_on if goes_on else min(terminated_on, end_date)
    return None if goes_on else end_date
