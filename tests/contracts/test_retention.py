"""Renewal rate and net revenue retention: the formulas, and the same numbers by SQL written by hand."""

import datetime as dt
import random
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from contracts import retention
from contracts.models import Contract, Renewal
from contracts.rates import DatedRates, dated_rates
from contracts.retention import (
    Period,
    Span,
    Terms,
    annual_value,
    net_retention,
    periods_until,
    quarter_of,
    renewal_rates,
    year_of,
)
from contracts.retention_sets import retentions
from core.models import ExchangeRate
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.contracts import make_contract, make_line, make_parts, make_renewal, make_version
from tests.services import require

DAY = dt.timedelta(days=1)
Q1 = Period(dt.date(2026, 1, 1), dt.date(2026, 3, 31), "2026-Q1")


def same(amount, _currency, _day):
    return amount


class TestPeriods:
    def test_quarters_and_years(self):
        assert quarter_of(TODAY) == Q1
        assert quarter_of(dt.date(2025, 12, 31)) == Period(dt.date(2025, 10, 1), dt.date(2025, 12, 31), "2025-Q4")
        assert year_of(TODAY) == Period(dt.date(2026, 1, 1), dt.date(2026, 12, 31), "2026")
        names = [period.name for period in periods_until(TODAY, 3)]
        assert names == ["2026-Q1", "2025-Q4", "2025-Q3"]
        assert [period.name for period in periods_until(TODAY, 2, by_year=True)] == ["2026", "2025"]


class TestRenewalRate:
    def test_by_count_and_by_value(self):
        day = dt.date(2026, 2, 1)
        terms = [
            Terms(day, "CNY", "renewed", 2, Decimal(100)),
            Terms(day, "CNY", "auto_renewed", 1, Decimal(200)),
            Terms(day, "CNY", "lost", 3, Decimal(500)),
            Terms(day, "CNY", "open", 2, Decimal(200)),
            Terms(TODAY, "CNY", "renewed", 9, Decimal(999)),  # ends today: not due yet
            Terms(dt.date(2025, 12, 31), "CNY", "renewed", 9, Decimal(999)),  # another period
        ]
        [rate] = renewal_rates(terms, [Q1], TODAY, same)
        assert (rate.due, rate.renewed, rate.lost, rate.undecided) == (8, 3, 3, 2)
        assert rate.by_count == Decimal(3) / 8
        assert rate.by_value == Decimal(300) / 1000

    def test_nothing_due_is_no_rate(self):
        [rate] = renewal_rates([], [Q1], TODAY, same)
        assert (rate.by_count, rate.by_value) == (None, None)

    def test_without_an_exchange_rate_it_counts_but_has_no_value(self):
        rates = DatedRates([], "CNY")
        terms = [Terms(dt.date(2026, 1, 5), "USD", "renewed", 2, Decimal(100))]
        [rate] = renewal_rates(terms, [Q1], TODAY, rates.convert)
        assert (rate.renewed, rate.unpriced, rate.due_value, rate.by_value) == (2, 2, 0, None)


def span(account, value, first, last, currency="CNY"):
    return Span(account, currency, Decimal(value), first, last)


class TestNetRetention:
    BEFORE, DURING = dt.date(2025, 1, 1), dt.date(2026, 2, 1)

    def test_expansion_contraction_lost_and_new(self):
        spans = [
            span(1, 100, self.BEFORE, None), span(1, 50, self.DURING, None),
            span(2, 100, self.BEFORE, dt.date(2026, 1, 31)), span(2, 70, self.DURING, None),
            span(3, 100, self.BEFORE, dt.date(2026, 1, 31)),
            span(4, 999, self.DURING, None),
            span(5, 100, self.BEFORE, dt.date(2026, 12, 31)),
        ]  # fmt: skip
        found = net_retention(spans, Q1, dt.date(2027, 1, 1), same)
        assert (found.start, found.expansion, found.contraction, found.lost) == (400, 50, 30, 100)
        assert (found.end, found.rate) == (320, Decimal("0.8"))
        assert {row.account for row in found.accounts} == {1, 2, 3, 5}

    def test_of_a_period_that_is_not_over_up_to_today(self):
        found = net_retention([span(1, 100, self.BEFORE, TODAY)], Q1, TODAY, same)
        assert (found.until, found.rate) == (TODAY, 1)
        assert net_retention([span(1, 100, self.BEFORE, TODAY - DAY)], Q1, TODAY, same).rate == 0

    def test_both_days_by_the_rate_of_the_end(self):
        rates = DatedRates([("USD", dt.date(2020, 1, 1), Decimal(7)), ("USD", dt.date(2026, 2, 1), Decimal(8))], "CNY")
        found = net_retention([span(1, 100, self.BEFORE, None, "USD")], Q1, dt.date(2027, 1, 1), rates.convert)
        assert (found.start, found.rate) == (800, 1)

    @given(st.lists(st.tuples(st.integers(1, 5), st.integers(0, 10**6), st.integers(-400, 200), st.integers(0, 500))))
    def test_the_parts_add_up_for_any_contracts(self, rows):
        spans = [
            span(account, value, TODAY + first * DAY, TODAY + (first + days) * DAY)
            for account, value, first, days in rows
        ]
        found = net_retention(spans, Q1, dt.date(2027, 1, 1), same)
        assert found.start == sum(row.start for row in found.accounts)
        assert found.end == sum(row.end for row in found.accounts)
        assert min(found.expansion, found.contraction, found.lost) >= 0

    def test_annual_value(self):
        assert annual_value(Decimal(1000), 365, "CNY") == 1000
        assert annual_value(Decimal(1000), 730, "CNY") == 500
        assert annual_value(Decimal(1000), 90, "JPY") == 4056


@pytest.mark.django_db
class TestSpans:
    def test_versions_follow_each_other(self, account):
        contract = make_contract(account, start_date=dt.date(2026, 1, 1), end_date=dt.date(2026, 12, 31))
        make_version(
            contract, "signed", effective_date=dt.date(2026, 2, 1), parts=make_parts([make_line(None, "2000")])
        )
        first, second = retention.contract_spans(Contract.objects.all(), dt.date(2025, 12, 31), TODAY)
        assert (first.value, first.first, first.last) == (1000, dt.date(2026, 1, 1), dt.date(2026, 1, 31))
        assert (second.value, second.first, second.last) == (2000, dt.date(2026, 2, 1), dt.date(2026, 12, 31))

    def test_one_that_renews_itself_has_no_end_and_a_termination_is_one(self, account):
        auto = make_contract(account, "expiring", auto_renewal_months=12)
        done = make_contract(account, "terminated", terminated_on=TODAY - 5 * DAY)
        asked = make_contract(account, terminated_on=TODAY)
        make_contract(account, "draft")
        found = retention.contract_spans(Contract.objects.all(), TODAY - 400 * DAY, TODAY)
        assert [row.last for row in found] == [None, TODAY - 5 * DAY, asked.end_date]
        assert auto.pk < done.pk < asked.pk


ORACLE_RATE = """
SELECT COUNT(*),
    COUNT(*) FILTER (WHERE r.outcome IN ('renewed', 'auto_renewed')),
    COUNT(*) FILTER (WHERE r.outcome = 'lost'),
    COUNT(*) FILTER (WHERE r.outcome = 'open')
FROM contracts_renewal r WHERE r.term_end BETWEEN %s AND %s AND r.term_end < %s
"""
ORACLE_VALUE = """
WITH sums AS (
    SELECT c.currency, SUM(r.value_amount) AS due,
        SUM(r.value_amount) FILTER (WHERE r.outcome IN ('renewed', 'auto_renewed')) AS renewed
    FROM contracts_renewal r JOIN contracts_contract c ON c.id = r.contract_id
    WHERE r.term_end BETWEEN %(first)s AND %(last)s AND r.term_end < %(today)s GROUP BY 1
), priced AS (
    SELECT s.*, CASE WHEN s.currency = 'CNY' THEN 1 ELSE (
        SELECT x.rate FROM core_exchangerate x WHERE x.currency = s.currency AND x.valid_from <= %(last)s
        ORDER BY x.valid_from DESC LIMIT 1) END AS rate FROM sums s
)
SELECT COALESCE(SUM(ROUND(due * rate, 2)), 0), COALESCE(SUM(ROUND(COALESCE(renewed, 0) * rate, 2)), 0) FROM priced
"""
ORACLE_NET = """
WITH spans AS (
    SELECT c.account_id, c.currency, ROUND(v.net_amount * 365 / (v.end_date - v.start_date + 1), m.digits) AS value,
        COALESCE(v.effective_date, v.start_date) AS first,
        COALESCE(
            (SELECT COALESCE(n.effective_date, n.start_date) - 1 FROM contracts_contractversion n
             WHERE n.contract_id = c.id AND n.status = 'signed' AND n.number > v.number ORDER BY n.number LIMIT 1),
            CASE WHEN c.phase = 'terminated' AND NOT (c.renews_itself AND c.notice_given_on IS NULL)
                    THEN LEAST(c.terminated_on, c.end_date)
                 WHEN c.phase = 'terminated' THEN c.terminated_on
                 WHEN c.renews_itself AND c.notice_given_on IS NULL THEN 'infinity'::date
                 ELSE c.end_date END
        ) AS last
    FROM contracts_contractversion v JOIN contracts_contract c ON c.id = v.contract_id
    JOIN (VALUES ('CNY', 2), ('USD', 2), ('JPY', 0), ('KWD', 3)) m (currency, digits) ON m.currency = c.currency
    WHERE v.status = 'signed' AND c.phase IN ('signed', 'terminated')
), worth AS (
    SELECT account_id, currency,
        COALESCE(SUM(value) FILTER (WHERE first <= %(before)s AND last >= %(before)s), 0) AS at_start,
        COALESCE(SUM(value) FILTER (WHERE first <= %(until)s AND last >= %(until)s), 0) AS at_end
    FROM spans GROUP BY 1, 2
), rates AS (
    SELECT DISTINCT currency, CASE WHEN currency = 'CNY' THEN 1 ELSE (
        SELECT x.rate FROM core_exchangerate x WHERE x.currency = w.currency AND x.valid_from <= %(until)s
        ORDER BY x.valid_from DESC LIMIT 1) END AS rate FROM worth w
), accounts AS (
    SELECT account_id, SUM(ROUND(at_start * rate, 2)) AS at_start, SUM(ROUND(at_end * rate, 2)) AS at_end
    FROM worth JOIN rates USING (currency) WHERE rate IS NOT NULL GROUP BY 1
)
SELECT COALESCE(SUM(at_start), 0), COALESCE(SUM(GREATEST(at_end - at_start, 0)) FILTER (WHERE at_end > 0), 0),
    COALESCE(SUM(GREATEST(at_start - at_end, 0)) FILTER (WHERE at_end > 0), 0),
    COALESCE(SUM(at_start) FILTER (WHERE at_end = 0), 0)
FROM accounts WHERE at_start > 0
"""


def parts(net):
    return net.start, net.expansion, net.contraction, net.lost, net.unpriced


@pytest.mark.django_db
def test_what_one_sees_is_in_the_sets_alone(account, alice, mallory):
    make_contract(account, start_date=TODAY - 500 * DAY, end_date=TODAY + 500 * DAY)
    periods, rates = periods_until(TODAY, 2), dated_rates()
    [now, _before] = retentions(Contract.objects.visible_to(alice), periods, TODAY, rates)
    assert now.start == now.end > 0
    assert [parts(net) for net in retentions(Contract.objects.visible_to(mallory), periods, TODAY, rates)] == [
        (0, 0, 0, 0, 0), (0, 0, 0, 0, 0),
    ]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("amount", ["999999999999.99", "1000000000000.01", "90000000000000.00"])
def test_large_amounts_in_the_sets(account, amount):
    """Beyond what whole numbers of 64 bits hold, as before it."""
    dates = {"start_date": TODAY - 500 * DAY, "end_date": TODAY + 501 * DAY}
    make_contract(account, parts=make_parts([make_line(None, amount)], instalments=[]), tax_rate=0, **dates)
    periods, rates = periods_until(TODAY, 2), dated_rates()
    spans = retention.contract_spans(Contract.objects.all(), periods[-1].first - DAY, TODAY)
    expected = [parts(net_retention(spans, period, TODAY, rates.convert)) for period in periods]
    assert [parts(net) for net in retentions(Contract.objects.all(), periods, TODAY, rates)] == expected
    assert expected[0][0]


def company(number):
    """Contracts of all kinds over two years, in several currencies, one of them without a rate at first."""
    chance = random.Random(4)
    for currency, rate in (("USD", "7.1234"), ("JPY", "0.0478"), ("KWD", "23.4567")):
        ExchangeRate.objects.create(currency=currency, valid_from=dt.date(2024, 1, 1), rate=Decimal(rate))
        ExchangeRate.objects.create(currency=currency, valid_from=dt.date(2025, 8, 15), rate=Decimal(rate) * 2)
    accounts = [AccountFactory() for _n in range(number // 3)]
    from users.models import User  # noqa: PLC0415

    owner = User.objects.first()
    for n in range(number):
        start = TODAY - chance.randrange(30, 900) * DAY
        days = chance.choice([89, 180, 364, 365, 729])
        currency = ["CNY", "CNY", "USD", "JPY", "KWD"][n % 5]
        price = str(chance.randrange(1, 10**6)) if currency == "JPY" else f"{chance.randrange(1, 10**7) / 100:.2f}"
        contract = make_contract(
            accounts[n % len(accounts)], ["in_force", "in_force", "terminated"][chance.randrange(3)], owner=owner,
            parts=make_parts([make_line(None, price)], instalments=[]), currency=currency, start_date=start,
            end_date=start + days * DAY, auto_renewal_months=chance.choice([0, 0, 3, 12]),
        )  # fmt: skip
        if contract.phase == "signed" and n % 4 == 0:
            contract.version = make_version(
                contract, "signed", effective_date=start + chance.randrange(1, days) * DAY,
                parts=make_parts([make_line(None, str(chance.randrange(1, 10**6)))], instalments=[]),
            )  # fmt: skip
            contract.save()
        make_renewal(contract, outcome=["open", "renewed", "auto_renewed", "lost"][chance.randrange(4)])


@pytest.mark.django_db
def test_equals_the_oracle(admin_user):
    require("postgresql")  # SQLite computes with floating point
    company(150)
    rates = dated_rates()
    for by_year in (False, True):
        periods = periods_until(TODAY, 6, by_year=by_year)
        terms = retention.ended_terms(Renewal.objects.all(), periods[-1].first, TODAY)
        spans = retention.contract_spans(Contract.objects.all(), periods[-1].first - DAY, TODAY)
        counted = 0
        for rate in renewal_rates(terms, periods, TODAY, rates.convert):
            first, last = rate.period.first, rate.period.last
            with connection.cursor() as cursor:
                cursor.execute(ORACLE_RATE, [first, last, TODAY])
                assert cursor.fetchone() == (rate.due, rate.renewed, rate.lost, rate.undecided)
                cursor.execute(ORACLE_VALUE, {"first": first, "last": last, "today": TODAY})
                assert cursor.fetchone() == (rate.due_value, rate.renewed_value)
            counted += rate.due
        assert counted
        counted, sets = 0, retentions(Contract.objects.all(), periods, TODAY, rates)
        for period, one in zip(periods, sets, strict=True):
            found = net_retention(spans, period, TODAY, rates.convert)
            assert parts(one) == parts(found)
            with connection.cursor() as cursor:
                cursor.execute(ORACLE_NET, {"before": period.first - DAY, "until": found.until})
                assert cursor.fetchone() == (found.start, found.expansion, found.contraction, found.lost)
            counted += bool(found.start)
        assert counted >= 3
