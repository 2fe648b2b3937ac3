"""Net revenue retention of several periods in one statement of PostgreSQL: what `retention.net_retentions` says, row by
row, for a company of a hundred thousand contracts. A test and the benchmark compare the two.

Amounts are whole numbers of the minor unit here, so that every sum, division and rounding is exact. SQLite adds in
floating point: there the rows are read and added up by `retention`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import connections
from django.db.models import QuerySet

from contracts.models import Contract
from contracts.rates import DatedRates
from contracts.retention import ONE_DAY, NetRetention, Period, contract_spans, net_retentions
from core.money import CURRENCIES, minor_digits

# A version counts from its effective date (the first from its start) to the contract's end, one that was replaced to
# the day before the next signed one's. Net × 365 ÷ days is rounded half up as a division of whole numbers,
# (2 × net × 365 + days) ÷ (2 × days), in bigint as far as nothing can run over.
_SPAN = """
SELECT c.account_id, c.currency, COALESCE(v.effective_date, v.start_date) AS first, {last} AS last,
    CASE WHEN v.net_amount < 1000000000000
        THEN ((v.net_amount * {unit})::bigint * 730 + (v.end_date - v.start_date + 1))
            / (2 * (v.end_date - v.start_date + 1))
        ELSE DIV(v.net_amount * {unit} * 730 + (v.end_date - v.start_date + 1),
            2 * (v.end_date - v.start_date + 1))::bigint END AS value
FROM contracts_contract c JOIN contracts_contractversion v ON {join}
WHERE c.phase IN ('signed', 'terminated') AND COALESCE(v.effective_date, v.start_date) <= %s
    AND (c.end_date >= %s OR c.renews_itself) {scope}
"""
_NEWEST = {
    "join": "v.id = c.version_id",
    "last": """CASE WHEN c.phase = 'terminated' AND c.renews_itself AND c.notice_given_on IS NULL THEN c.terminated_on
        WHEN c.phase = 'terminated' THEN LEAST(c.terminated_on, c.end_date)
        WHEN c.renews_itself AND c.notice_given_on IS NULL THEN 'infinity'::date
        ELSE c.end_date END""",
}
_REPLACED = {
    "join": "v.contract_id = c.id AND v.status = 'signed' AND v.id <> c.version_id",
    "last": """(SELECT COALESCE(n.effective_date, n.start_date) - 1 FROM contracts_contractversion n
        WHERE n.contract_id = c.id AND n.status = 'signed' AND n.number > v.number ORDER BY n.number LIMIT 1)""",
}
_UNIT = "CASE c.currency {} ELSE 100 END".format(
    " ".join(f"WHEN '{code}' THEN {10**digits}" for code, (_name, digits) in CURRENCIES.items() if digits != 2)
)
_FACTS = (
    "COALESCE(SUM(s{n}), 0)",
    "COALESCE(SUM(e{n} - s{n}) FILTER (WHERE s{n} <> 0 AND e{n} > s{n}), 0)",
    "COALESCE(SUM(s{n} - e{n}) FILTER (WHERE s{n} <> 0 AND e{n} <> 0 AND e{n} <= s{n}), 0)",
    "COALESCE(SUM(s{n}) FILTER (WHERE e{n} = 0), 0)",
    "COALESCE(SUM(u{n}), 0)",
)
"""Of a period: start, expansion, contraction, lost; and how many sums had no rate."""


def retentions(
    contracts: QuerySet[Contract], periods: Sequence[Period], today: dt.date, rates: DatedRates
) -> list[NetRetention]:
    """The net revenue retention of each period, newest first, without the accounts behind it."""
    if connections[contracts.db].vendor != "postgresql":
        spans = contract_spans(contracts, periods[-1].first - ONE_DAY, today)
        return net_retentions(spans, periods, today, rates.convert)
    found = [NetRetention(period, min(period.last, today)) for period in periods]
    statement, params = _statement(contracts, found, rates)
    with connections[contracts.db].cursor() as cursor:
        cursor.execute(statement, params)
        facts = cursor.fetchone()
    unit, lacking = Decimal(1).scaleb(-minor_digits(rates.reporting)), False
    for net, at in zip(found, range(0, len(facts), len(_FACTS)), strict=True):
        amounts = [Decimal(value) * unit for value in facts[at : at + 4]]
        net.start, net.expansion, net.contraction, net.lost = amounts
        lacking = lacking or bool(facts[at + 4])
    if lacking:
        _count_unpriced(contracts, found, today, rates)
    return found


def _statement(contracts: QuerySet[Contract], nets: Sequence[NetRetention], rates: DatedRates) -> tuple[str, list[Any]]:
    """The statement and its parameters, in the order of their places."""
    days = sorted({day for net in nets for day in (net.period.first - ONE_DAY, net.until)})
    known, params = _known(nets, rates)
    spans, wanted = _spans(contracts, days)
    worth = ", ".join(
        f"(SUM(value) FILTER (WHERE %s BETWEEN first AND last))::bigint AS w{n}" for n, _day in enumerate(days)
    )
    priced, sums, facts = [], [], []
    for n, net in enumerate(nets):
        for name, day in (("s", net.period.first - ONE_DAY), ("e", net.until)):
            priced.append(f"{_converted(n, days.index(day))} AS {name}{n}")
            sums.append(f"COALESCE(SUM({name}{n})::bigint, 0) AS {name}{n}")
        before, until = (days.index(day) for day in (net.period.first - ONE_DAY, net.until))
        priced.append(f"(k.f{n} IS NULL AND (w{before} <> 0 OR w{until} <> 0))::int AS u{n}")
        sums.append(f"SUM(u{n}) AS u{n}")
        facts += [fact.format(n=n) for fact in _FACTS]
    statement = f"""
        WITH known AS MATERIALIZED ({known}),
        worth AS (SELECT account_id, currency, {worth} FROM ({spans}) span GROUP BY account_id, currency),
        priced AS (SELECT w.account_id, {", ".join(priced)} FROM worth w LEFT JOIN known k ON k.currency = w.currency),
        account AS (SELECT {", ".join(sums)} FROM priced GROUP BY account_id)
        SELECT {", ".join(facts)} FROM account"""  # noqa: S608  made of our own words; what varies are parameters
    return statement, [*params, *days, *wanted]


def _converted(period: int, day: int) -> str:
    """The worth on a day in the reporting currency by a period's rate; null where there is none."""
    return f"CASE WHEN k.is_reporting THEN w{day} ELSE ROUND(w{day} * k.f{period})::bigint END"


def _known(nets: Sequence[NetRetention], rates: DatedRates) -> tuple[str, list[Any]]:
    """Each currency that has a rate, and what its minor unit is in that of the reporting currency, by period."""
    digits, rows, params = minor_digits(rates.reporting), [], []
    for currency in CURRENCIES:
        factors = [rates.rate(currency, net.until) for net in nets]
        if not any(factors):
            continue
        scale = digits - minor_digits(currency)
        params += [currency, currency == rates.reporting]
        params += [None if factor is None else factor.scaleb(scale) for factor in factors]
        rows.append(f"(%s, %s::boolean{', %s::numeric' * len(nets)})")
    names = ", ".join(f"f{n}" for n, _net in enumerate(nets))
    return f"SELECT * FROM (VALUES {', '.join(rows)}) t(currency, is_reporting, {names})", params  # noqa: S608


def _spans(contracts: QuerySet[Contract], days: Sequence[dt.date]) -> tuple[str, list[Any]]:
    """The spans of these contracts that touch the days: those of the newest versions, and of the ones before."""
    scope, params = "", [days[-1], days[0]]
    if contracts.query.where:
        inner, values = contracts.order_by().values("pk").query.sql_with_params()
        scope, params = f"AND c.id IN ({inner})", [*params, *values]
    parts = [_SPAN.format(**part, unit=_UNIT, scope=scope) for part in (_NEWEST, _REPLACED)]
    return " UNION ALL ".join(parts), params * 2


def _count_unpriced(
    contracts: QuerySet[Contract], nets: Sequence[NetRetention], today: dt.date, rates: DatedRates
) -> None:
    """How many contracts of a period had no rate: of the currencies that lack one, row by row."""
    lacking = [code for code in CURRENCIES if any(rates.rate(code, net.until) is None for net in nets)]
    rows = contracts.filter(currency__in=lacking)
    spans = contract_spans(rows, nets[-1].period.first - ONE_DAY, today)
    counted = net_retentions(spans, [net.period for net in nets], today, rates.convert)
    for net, one in zip(nets, counted, strict=True):
        net.unpriced = one.unpriced
