"""Amounts of lines and their sums, against hand-computed and against exact fractions."""

from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.totals import Totals, fits_minor_unit, line_amount, totals
from core.money import minor_digits


def line(quantity, price, discount="0"):
    return SimpleNamespace(quantity=Decimal(quantity), unit_price=Decimal(price), discount=Decimal(discount))


LINES = st.builds(
    line,
    st.decimals(0, 10**6, places=3),
    st.decimals(0, 10**6, places=4),
    st.decimals(0, 100, places=2),
)


class TestLineAmount:
    @pytest.mark.parametrize(
        ("quantity", "price", "discount", "currency", "amount"),
        [
            ("3", "33.3333", "0", "CNY", "100.00"),
            ("1", "0.005", "0", "CNY", "0.01"),
            ("1", "0.0049", "0", "CNY", "0.00"),
            ("10", "99.99", "12.5", "CNY", "874.91"),
            ("1", "100", "100", "CNY", "0.00"),
            ("3", "0.5", "0", "JPY", "2"),
            ("1", "1.2345", "0", "KWD", "1.235"),
        ],
    )
    def test_is_rounded_half_up_to_the_minor_unit(self, quantity, price, discount, currency, amount):
        found = line_amount(line(quantity, price, discount), currency)
        assert str(found) == amount

    @given(LINES, st.sampled_from(["CNY", "JPY", "KWD"]))
    def test_is_within_half_a_unit_of_the_exact_value(self, row, currency):
        exact = Fraction(row.quantity) * Fraction(row.unit_price) * (100 - Fraction(row.discount)) / 100
        unit = Fraction(1, 10 ** minor_digits(currency))
        assert abs(Fraction(line_amount(row, currency)) - exact) <= unit / 2


class TestTotals:
    def test_add_up_rounded_lines_and_round_the_tax_once(self):
        rows = [line("1", "10.005"), line("1", "10.005"), line("2", "50", "10")]
        # 10.01 + 10.01 + 90.00 = 110.02; 13% of it is 14.3026
        assert totals(rows, Decimal(13), "CNY") == Totals(
            Decimal("120.02"), Decimal("110.02"), Decimal("14.30"), Decimal("124.32")
        )

    def test_a_tenth_and_two_tenths_are_three_tenths(self):
        found = totals([line("1", "0.1"), line("1", "0.2")], Decimal(0), "CNY")
        assert found.net_amount == Decimal("0.30")

    def test_without_lines_everything_is_zero(self):
        assert totals([], Decimal(13), "JPY") == Totals(Decimal(0), Decimal(0), Decimal(0), Decimal(0))

    @given(st.lists(LINES, max_size=20), st.decimals(0, 100, places=2), st.sampled_from(["CNY", "JPY", "KWD"]))
    def test_hold_together(self, rows, rate, currency):
        found = totals(rows, rate, currency)
        assert found.net_amount + found.tax_amount == found.gross_amount
        assert found.net_amount == sum((line_amount(row, currency) for row in rows), Decimal(0))
        assert all(fits_minor_unit(amount, currency) for amount in vars(found).values())
        assert found.net_amount <= found.list_amount


class TestMinorUnit:
    @pytest.mark.parametrize(
        ("amount", "currency", "fits"),
        [
            ("100", "JPY", True),
            ("100.0", "JPY", True),
            ("1E+3", "JPY", True),
            ("100.5", "JPY", False),
            ("0.30", "CNY", True),
            ("0.301", "CNY", False),
            ("0.301", "KWD", True),
            ("0.3010", "KWD", True),
            ("0.3015", "KWD", False),
            ("0", "JPY", True),
        ],
    )
    def test_zeros_at_the_end_do_not_count(self, amount, currency, fits):
        assert fits_minor_unit(Decimal(amount), currency) is fits
