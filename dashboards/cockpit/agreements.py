"""Tiles about contracts: renewals to come, how many were renewed, what was kept of the value, what is not paid."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from contracts import ageing as ages
from contracts.ageing import Bucket
from contracts.choices import RenewalOutcome
from contracts.forms.renewals import ALL, IDLE, RENEWED
from contracts.models import Renewal
from contracts.rates import DatedRates
from contracts.retention import ONE_DAY, Period
from contracts.retention import RENEWED as RENEWED_OUTCOMES
from contracts.retention_sets import retentions
from dashboards.cockpit.filters import before
from dashboards.cockpit.scope import INSTALMENTS, RENEWALS, RETAINED, WAITING, Scope
from dashboards.cockpit.tile import MONEY, SHARE, Number, Tile, share

AHEAD = dt.timedelta(days=90)


def renewals(scope: Scope, rates: DatedRates) -> Tile:
    """Open renewals of terms that end within 90 days, and what they are worth."""
    query = {"term_end_after": scope.today.isoformat(), "term_end_before": (scope.today + AHEAD).isoformat()}
    idle = {**query, "state": IDLE}
    rows = RENEWALS.of(scope, **query)
    sums = list(
        rows.values_list("value_currency").annotate(
            number=Count("pk"), value=Sum("value_amount"), idle=Count("pk", filter=Q(acted_at__isnull=True))
        )
    )
    amount, unpriced = _priced(((currency, value) for currency, _n, value, _idle in sums), rates, scope.today)
    count, nobody = sum(row[1] for row in sums), sum(row[3] for row in sums)
    is_open = {"outcome": RenewalOutcome.OPEN.value}
    main = Number("renewals", _("Renewals in the next 90 days"), RENEWALS, count, query, api_query={**query, **is_open})
    others = [
        Number("renewals.value", _("Their value"), RENEWALS, count, query, MONEY, amount,
               api_query={**query, **is_open}),
        Number("renewals.idle", _("Nobody acted yet"), RENEWALS, nobody, idle, tone="danger" if nobody else ""),
        Number("renewals.waiting", _("Not opened yet"), WAITING, WAITING.of(scope, **query).count(), query),
    ]  # fmt: skip
    return Tile("renewals", "contracts", _("Renewals, 90 days"), main, others, note=_unpriced(unpriced))


def renewal_rate(scope: Scope) -> Tile:
    """Of the terms that ended in the period, those that were renewed; compared with the period before."""
    earlier = before(scope.period)
    counts, then = (_terms(scope, period) for period in (scope.period, earlier))
    days = _ended(scope.period, scope.today)
    why = "" if counts["due"] else _("No term ended in the period.")
    outcomes = {
        "renewed": (RENEWED, [outcome.value for outcome in RENEWED_OUTCOMES]),
        "due": (ALL, None),
        "lost": (RenewalOutcome.LOST.value, [RenewalOutcome.LOST.value]),
        "undecided": ("", [RenewalOutcome.OPEN.value]),
    }
    labels = {
        "renewed": _("Renewed"), "due": _("Terms that ended"), "lost": _("Lost"), "undecided": _("Not decided"),
    }  # fmt: skip
    numbers = {
        name: Number(f"renewal_rate.{name}", labels[name], RENEWALS, counts[name],
                     {**days, **({"outcome": outcome} if outcome else {})},
                     api_query={**days, **({"outcome": values} if values else {})})
        for name, (outcome, values) in outcomes.items()
    }  # fmt: skip
    main = numbers.pop("renewed")
    main.kind, main.value, main.why = SHARE, share(counts["renewed"], counts["due"]), why
    return Tile(
        "renewal_rate", "contracts", _("Renewal rate"), main, list(numbers.values()),
        before=share(then["renewed"], then["due"]), is_good_up=True,
    )  # fmt: skip


def net_retention(scope: Scope, rates: DatedRates) -> Tile:
    """What is left at the end of the period of the yearly contract value before it."""
    earlier, query = before(scope.period), {"period": scope.period.name}
    contracts = RETAINED.of(scope)
    net, then = retentions(contracts, [scope.period, earlier], scope.today, rates)
    why = "" if net.start else _("None of these accounts had a contract in force before the period.")
    numbers = [
        Number("net_retention.start", _("Value before the period"), RETAINED, None, {**query, "figure": "start"}, MONEY,
               net.start),
        Number("net_retention.lost", _("Lost"), RETAINED, None, {**query, "figure": "lost"}, MONEY, net.lost),
    ]  # fmt: skip
    main = Number(
        "net_retention", _("Net revenue retention"), RETAINED, None, {**query, "figure": "end"}, SHARE, net.rate, why
    )
    return Tile(
        "net_retention", "contracts", _("Net revenue retention"), main, numbers, before=then.rate, is_good_up=True,
        note=_unpriced(net.unpriced),
    )  # fmt: skip


def receivables(scope: Scope, rates: DatedRates) -> Tile:
    """Instalments due before today and not paid, by how long."""
    every = [bucket.value for bucket in ages.OVERDUE]
    cells = ages.counted(INSTALMENTS.of(scope, bucket=every), scope.today)
    found = ages.ageing(cells, rates, scope.today)
    reporting = {bucket: found.reporting.cells.get(bucket) for bucket in every}

    def number(code: str, label: Any, buckets: list[str]) -> Number:
        amount = sum(cell.amount for bucket in buckets if (cell := reporting[bucket]))
        count = found.count_of(buckets, ())
        return Number(code, label, INSTALMENTS, count, {"bucket": buckets}, MONEY, amount)

    main = number("receivables", _("Overdue receivables"), every)
    main.tone = "danger" if main.count else ""
    others = [
        Number("receivables.count", _("Overdue instalments"), INSTALMENTS, main.count, {"bucket": every}),
        *(number(f"receivables.{bucket}", Bucket(bucket).label, [bucket]) for bucket in every),
    ]
    note = _("Without a rate and left out: %(currencies)s") % {"currencies": ", ".join(found.reporting.unpriced)}
    return Tile(
        "receivables", "contracts", _("Overdue receivables"), main, others, is_good_up=False,
        note=note if found.reporting.unpriced else "",
    )  # fmt: skip


def _terms(scope: Scope, period: Period) -> dict[str, int]:
    """The terms of a period that ended, by what became of them."""
    rows: QuerySet[Renewal] = RENEWALS.of(scope, outcome=ALL, **_ended(period, scope.today))
    lost, undecided = RenewalOutcome.LOST, RenewalOutcome.OPEN
    return rows.aggregate(
        due=Count("pk"),
        renewed=Count("pk", filter=Q(outcome__in=RENEWED_OUTCOMES)),
        lost=Count("pk", filter=Q(outcome=lost)),
        undecided=Count("pk", filter=Q(outcome=undecided)),
    )


def _ended(period: Period, today: dt.date) -> dict[str, str]:
    """Terms that end today or later are not due yet."""
    last = min(period.last, today - ONE_DAY)
    return {"term_end_after": period.first.isoformat(), "term_end_before": last.isoformat()}


def _priced(amounts: Any, rates: DatedRates, day: dt.date) -> tuple[Any, int]:
    """The sum in the reporting currency, and how many currencies had no rate."""
    converted = [rates.convert(amount or Decimal(0), currency, day) for currency, amount in amounts]
    return sum((amount for amount in converted if amount is not None), 0), converted.count(None)


def _unpriced(number: int) -> str:
    return _("Something is left out for want of an exchange rate.") if number else ""
