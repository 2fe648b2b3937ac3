"""Currencies: ISO 4217 codes and minor units, and rounding to them."""

from decimal import Decimal

import pytest
from django.utils import translation

from core.money import CURRENCIES, CURRENCY_CHOICES, minor_digits, round_amount


class TestCurrencies:
    def test_codes_are_three_capitals_in_the_order_of_the_choices(self):
        assert all(len(code) == 3 and code.isascii() and code.isupper() for code in CURRENCIES)
        assert [code for code, _name in CURRENCY_CHOICES] == list(CURRENCIES)

    @pytest.mark.parametrize(
        ("code", "digits"), [("CNY", 2), ("JPY", 0), ("KRW", 0), ("VND", 0), ("KWD", 3), ("BHD", 3)]
    )
    def test_minor_units_are_those_of_iso_4217(self, code, digits):
        assert minor_digits(code) == digits

    @pytest.mark.parametrize("code", ["XXX", "", "cny", "RMB", "￥"])
    def test_unknown_currency_is_a_key_error(self, code):
        with pytest.raises(KeyError):
            minor_digits(code)

    def test_names_are_translatable(self):
        with translation.override("en"):
            assert str(CURRENCIES["CNY"][0]) == "Chinese yuan"


class TestRoundAmount:
    @pytest.mark.parametrize(
        ("amount", "currency", "rounded"),
        [
            ("0.005", "CNY", "0.01"),
            ("-0.005", "CNY", "-0.01"),
            ("2.675", "EUR", "2.68"),
            ("1.0049", "CNY", "1.00"),
            ("0.5", "JPY", "1"),
            ("1.5", "JPY", "2"),
            ("2.5", "JPY", "3"),
            ("1.2345", "KWD", "1.235"),
            ("999999999999999.995", "CNY", "1000000000000000.00"),
            ("0", "CNY", "0.00"),
        ],
    )
    def test_half_goes_away_from_zero_at_the_minor_unit(self, amount, currency, rounded):
        result = round_amount(Decimal(amount), currency)
        assert (result, str(result)) == (Decimal(rounded), rounded)

    def test_twice_is_once(self):
        once = round_amount(Decimal("1.005"), "CNY")
        assert round_amount(once, "CNY") == once
