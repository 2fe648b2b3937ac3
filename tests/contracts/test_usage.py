"""Ordered against commitment, and how unit prices moved."""

import datetime as dt
from decimal import Decimal

import pytest

from contracts import usage as using
from contracts.rates import DatedRates, dated_rates
from core.models import ExchangeRate
from orders.models import Product
from tests.factories import TODAY
from tests.factories.contracts import make_contract, make_line, make_parts, make_product_line
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def products():
    """PA in line A, PB in line B."""
    for name in "AB":
        Product.objects.create(code=f"P{name}", name=name, line=make_product_line(name))


@pytest.fixture
def contract(account, products):
    """A year from 100 days ago: 1,000 of A in two lines, 500 of B."""
    lines = [
        make_line(None, "600", product_line=make_product_line("A"), quantity=1),
        make_line(None, "400", product_line=make_product_line("A"), quantity=1),
        make_line(None, "500", product_line=make_product_line("B"), quantity=1),
    ]
    return make_contract(account, parts=make_parts(lines))


def order(account, lines, days=-10, **kwargs):
    return make_order(account, date=TODAY + days * DAY, lines=lines, **kwargs)


def usage_of(contract, today=TODAY, term_end=None):
    term = using.term_of(contract, contract.version, term_end or contract.end_date, today)
    return using.usage(contract, contract.version, term, dated_rates())


class TestUsage:
    def test_by_product_line_net_of_returns_within_the_term(self, contract, account):
        order(account, [("PA", 2, 100), ("PB", 1, 50)])
        order(account, [("PA", -1, 100)])
        order(account, [("PA", 9, 100)], days=-101)  # before the term
        order(account, [("PA", 9, 100)], days=1)  # to come
        found = usage_of(contract)
        rows = {row.line.code: (row.committed, row.ordered, row.ordered_quantity) for row in found.lines}
        assert rows == {"A": (1000, 100, 1), "B": (500, 50, 1)}
        assert found.share == Decimal(150) / 1500
        assert found.lines[0].share == Decimal("0.1")

    def test_pace_against_the_time_that_is_over(self, contract, account):
        order(account, [("PA", 10, 100)])
        found = usage_of(contract)
        assert (found.term.days, found.term.elapsed) == (365, Decimal(101) / 365)
        assert found.pace == found.share / found.term.elapsed
        assert usage_of(contract, today=contract.end_date + 50 * DAY).term.elapsed == 1
        assert usage_of(contract, today=contract.start_date - 9 * DAY).term.elapsed == 0

    def test_other_currencies_by_the_rate_of_the_month_or_named(self, contract, account):
        order(account, [("PA", 1, 100)], currency="USD", days=-40)
        found = usage_of(contract)
        assert (found.ordered, found.unpriced) == (0, {"USD": Decimal(100)})
        ExchangeRate.objects.create(currency="USD", valid_from=TODAY - 45 * DAY, rate=7)
        found = usage_of(contract)
        assert (found.ordered, found.unpriced) == (700, {})

    def test_a_term_that_renewed_itself(self, account, products):
        lines = [make_line(None, "1200", product_line=make_product_line("A"))]
        contract = make_contract(
            account, parts=make_parts(lines), start_date=dt.date(2025, 1, 1), end_date=dt.date(2025, 12, 31),
            auto_renewal_months=6,
        )  # fmt: skip
        order(account, [("PA", 1, 100)])
        found = usage_of(contract, term_end=dt.date(2026, 6, 30))
        assert (found.term.start, found.term.end) == (dt.date(2026, 1, 1), dt.date(2026, 6, 30))
        assert [(row.committed, row.ordered) for row in found.lines] == [(600, 100)]

    def test_without_lines(self, account):
        contract = make_contract(account, parts=make_parts([], instalments=[]))
        found = usage_of(contract)
        assert (found.lines, found.share, found.pace) == ([], None, None)


class TestPrices:
    def test_average_unit_price_against_the_year_before(self, contract, account):
        order(account, [("PA", 10, "10")], days=-400)
        order(account, [("PA", 10, "11"), ("PB", 1, 5)], days=-30)
        order(account, [("PA", 10, "13")], days=-20)
        [row] = using.price_changes(contract, TODAY)
        assert (row.line.code, row.currency, row.now, row.before) == ("A", "CNY", 12, 10)
        assert row.change == Decimal("0.2")

    def test_returns_only_have_no_price(self, contract, account):
        order(account, [("PA", -2, 10)], days=-30)
        order(account, [("PA", 2, 10)], days=-400)
        assert using.price_changes(contract, TODAY) == []
        assert using.unit_price(Decimal(5), Decimal(0)) is None


class TestRates:
    def test_the_newest_that_is_valid(self):
        rates = DatedRates(
            [("USD", dt.date(2026, 1, 1), Decimal(7)), ("USD", dt.date(2026, 2, 1), Decimal(8)),
             ("JPY", dt.date(2026, 1, 1), Decimal("0.05"))], "CNY",
        )  # fmt: skip
        assert rates.rate("USD", dt.date(2025, 12, 31)) is None
        assert rates.convert(Decimal("1.005"), "USD", dt.date(2026, 1, 31)) == Decimal("7.04")
        assert rates.convert(Decimal(1), "USD", dt.date(2026, 2, 1)) == 8
        assert rates.convert(Decimal("1.23"), "CNY", TODAY) == Decimal("1.23")
        assert rates.cross(Decimal(10), "USD", "JPY", dt.date(2026, 1, 5)) == 1400
        assert rates.cross(Decimal(10), "EUR", "JPY", TODAY) is None
        assert rates.cross(Decimal("0.123"), "KWD", "KWD", TODAY) == Decimal("0.123")
