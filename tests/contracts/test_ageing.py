"""Ageing: each open instalment in exactly one bucket; the sums equal a query that was written by hand."""

import datetime as dt
import random
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from contracts import ageing, services
from contracts.ageing import Bucket, Cell, bucket_on, conditions, counted, days_overdue, in_buckets
from contracts.models import Instalment
from contracts.rates import DatedRates, dated_rates
from core.models import ExchangeRate
from tests.factories import TODAY
from tests.factories.accounts import AccountFactory
from tests.factories.contracts import make_contract, make_instalment, make_parts, make_receipt, make_version
from tests.factories.users import UserFactory

D = Decimal
DAY = dt.timedelta(days=1)
EDGES = {
    1: "not_due", 0: "not_due", -1: "0-30", -30: "0-30", -31: "31-60", -60: "31-60", -61: "61-90", -90: "61-90",
    -91: "90+", -4000: "90+",
}  # fmt: skip
DIGITS = {"CNY": 2, "USD": 2, "JPY": 0, "KWD": 3}


class TestBucket:
    @pytest.mark.parametrize(("days", "bucket"), EDGES.items())
    def test_edges(self, days, bucket):
        assert bucket_on(TODAY + days * DAY, TODAY) == bucket
        assert days_overdue(TODAY + days * DAY, TODAY) == (-days if days < 0 else None)

    def test_without_a_date(self):
        assert bucket_on(None, TODAY) == Bucket.NO_DATE
        assert days_overdue(None, TODAY) is None

    @given(st.dates(dt.date(2000, 1, 1), dt.date(2050, 1, 1)), st.dates(dt.date(2000, 1, 1), dt.date(2050, 1, 1)))
    def test_only_what_is_overdue_is_in_a_bucket_of_days(self, due, today):
        assert (bucket_on(due, today) in ageing.OVERDUE) == (due < today)


@pytest.mark.django_db
class TestConditions:
    def test_say_the_same_as_the_arithmetic(self, account):
        days = [*EDGES, 5, -45, -75, -500]
        rows = [make_instalment(days=number) for number in days] + [make_instalment(event="验收")]
        make_contract(account, instalments=rows)
        stored = Instalment.objects.all()
        for bucket, condition in conditions(TODAY).items():
            expected = {row.pk for row in stored if bucket_on(row.due_date, TODAY) == bucket}
            assert set(stored.filter(condition).values_list("pk", flat=True)) == expected
        assert in_buckets(stored, Bucket.values, TODAY).count() == len(rows)
        assert in_buckets(stored, [], TODAY).count() == 0


def fill(seed):
    """Contracts of many kinds: paid in part, amended, terminated, drafts; in four currencies, JPY without a rate."""
    chance = random.Random(seed)
    ExchangeRate.objects.create(currency="USD", valid_from=TODAY - 400 * DAY, rate=D("6.9"))
    ExchangeRate.objects.create(currency="USD", valid_from=TODAY - 3 * DAY, rate=D("7.123457"))
    ExchangeRate.objects.create(currency="USD", valid_from=TODAY + DAY, rate=D("99"))
    ExchangeRate.objects.create(currency="KWD", valid_from=TODAY, rate=D("23.456789"))
    ExchangeRate.objects.create(currency="JPY", valid_from=TODAY + DAY, rate=D("0.05"))
    manager = UserFactory()
    accounts = [AccountFactory(tier=tier, manager=manager) for tier in ("A", "B", "")]

    def plan(currency):
        def amount():
            return D(chance.randint(1, 10**7)).scaleb(-DIGITS[currency])

        rows = [make_instalment(amount=amount(), days=chance.randint(-200, 60)) for _ in range(chance.randint(1, 5))]
        return [*rows, make_instalment(amount=amount(), event="验收")] if chance.random() < 0.4 else rows

    for number in range(30):
        currency = chance.choice(list(DIGITS))
        state = chance.choice(["in_force", "expiring", "expired", "terminated", "draft", "approved"])
        contract = make_contract(accounts[number % 3], state, instalments=plan(currency), currency=currency)
        if state in ("draft", "approved"):
            continue
        for _ in range(chance.randint(0, 3)):
            make_receipt(contract, D(chance.randint(1, 10**7)).scaleb(-DIGITS[currency]))
        if chance.random() < 0.3:
            contract.instalments.update(is_current=False, settled_amount=0)
            make_version(contract, "signed", parts=make_parts(instalments=plan(currency)))
            services.resettle(contract)


def oracle():
    """By hand: bucket, currency, count, sum of what is open, in units of a thousandth."""
    days = "%s::date - i.due_date" if connection.vendor == "postgresql" else "julianday(%s) - julianday(i.due_date)"
    late = f"({days})"
    statement = f"""
        SELECT bucket, currency, COUNT(*), SUM(opens) FROM (
            SELECT c.currency AS currency, CAST(ROUND((i.amount - i.settled_amount) * 1000) AS BIGINT) AS opens,
                CASE WHEN i.due_date IS NULL THEN 'no_date' WHEN {late} <= 0 THEN 'not_due'
                    WHEN {late} <= 30 THEN '0-30' WHEN {late} <= 60 THEN '31-60' WHEN {late} <= 90 THEN '61-90'
                    ELSE '90+' END AS bucket
            FROM contracts_instalment i
            JOIN contracts_contractversion v ON v.id = i.version_id
            JOIN contracts_contract c ON c.id = i.contract_id
            WHERE v.status = 'signed' AND i.amount > i.settled_amount
                AND v.number = (SELECT MAX(w.number) FROM contracts_contractversion w
                                WHERE w.contract_id = c.id AND w.status = 'signed')
        ) opened GROUP BY 1, 2 ORDER BY 1, 2
    """  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, [TODAY.isoformat()] * 4)
        return [(bucket, currency, count, int(total)) for bucket, currency, count, total in cursor.fetchall()]


@pytest.mark.django_db
class TestOracle:
    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_equals_it_exactly(self, seed):
        fill(seed)
        expected = sorted(oracle())
        assert len(expected) > 10
        cells = counted(Instalment.objects.open(), TODAY)
        assert [(cell.bucket, cell.currency, cell.count, cell.amount * 1000) for cell in cells] == expected

    @pytest.mark.parametrize("seed", [1, 2])
    def test_in_the_reporting_currency_too(self, seed):
        fill(seed)
        rates = {"CNY": D(1), "USD": D("7.123457"), "KWD": D("23.456789")}
        sums, counts = defaultdict(D), defaultdict(int)
        for bucket, currency, count, total in oracle():
            if currency in rates:
                sums[bucket] += (D(total) / 1000 * rates[currency]).quantize(D("0.01"), rounding=ROUND_HALF_UP)
                counts[bucket] += count
        found = ageing.ageing(counted(Instalment.objects.open(), TODAY), dated_rates(), TODAY)
        assert found.reporting.currency == "CNY"
        assert {bucket: cell.amount for bucket, cell in found.reporting.cells.items()} == sums
        assert {bucket: cell.count for bucket, cell in found.reporting.cells.items()} == counts
        assert found.reporting.unpriced == ["JPY"]
        assert "JPY" in {row.currency for row in found.rows}


class TestAgeing:
    def test_never_mixes_currencies_and_never_guesses_a_rate(self):
        cells = [
            Cell("0-30", "CNY", 2, D("10.00")), Cell("90+", "CNY", 1, D("5.00")), Cell("0-30", "USD", 1, D("2.00")),
            Cell("no_date", "JPY", 3, D(700)),
        ]  # fmt: skip
        rates = DatedRates([("USD", TODAY, D(7)), ("JPY", TODAY + DAY, D("0.05"))], "CNY")
        found = ageing.ageing(cells, rates, TODAY)
        assert [(row.currency, row.total.count, row.total.amount) for row in found.rows] == [
            ("CNY", 3, 15), ("JPY", 3, 700), ("USD", 1, 2),
        ]  # fmt: skip
        assert (found.reporting.total.count, found.reporting.total.amount) == (4, 29)
        assert (found.reporting.overdue.count, found.reporting.overdue.amount) == (4, 29)
        assert (found.reporting.currencies, found.reporting.unpriced) == (["CNY", "USD"], ["JPY"])
        assert found.count == 7
        assert [cell.bucket for cell in found.rows[0].columns] == Bucket.values

    def test_nothing_is_open(self):
        found = ageing.ageing([], DatedRates([], "CNY"), TODAY)
        assert (found.rows, found.count, found.reporting.total.amount) == ([], 0, 0)
