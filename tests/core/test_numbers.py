"""Numbers for people."""

from decimal import Decimal

import pytest

from core import numbers


class TestCompact:
    @pytest.mark.parametrize(
        ("value", "english", "simplified", "traditional"),
        [
            ("0", "0", "0", "0"),
            ("9999", "9,999", "9,999", "9,999"),
            ("12345", "12.3K", "1.23万", "1.23萬"),
            ("999999", "1.00M", "100万", "100萬"),
            ("1234567", "1.23M", "123万", "123萬"),
            ("99999999", "100M", "1.00亿", "1.00億"),
            ("123456789012", "123B", "1,235亿", "1,235億"),
            ("-1234567", "−1.23M", "−123万", "−123萬"),
        ],
    )
    def test_writes_the_units_of_the_language(self, value, english, simplified, traditional):
        texts = [numbers.compact(Decimal(value), language) for language in ("en", "zh-hans", "zh-hant")]

        assert texts == [english, simplified, traditional]


class TestMoney:
    def test_keeps_the_minor_unit_of_small_amounts(self):
        assert numbers.short_money(Decimal("8.5"), "CNY", "en") == "¥8.50"

    def test_puts_the_minus_before_the_sign(self):
        assert numbers.short_money(Decimal(-20000), "CNY", "zh-hans") == "−¥2.00万"

    def test_names_other_currencies_by_code(self):
        assert numbers.short_money(Decimal(12345), "GBP", "en") == "GBP\u00a012.3K"

    def test_full_figure_has_the_currencys_decimals(self):
        assert numbers.full_money(Decimal("1234.5"), "CNY") == "CNY\u00a01,234.50"
        assert numbers.full_money(Decimal(1234), "JPY") == "JPY\u00a01,234"


class TestPercent:
    def test_signs_only_what_is_not_zero(self):
        assert numbers.percent(Decimal("0.123"), sign=True) == "+12.3%"
        assert numbers.percent(Decimal("-0.123"), sign=True) == "−12.3%"
        assert numbers.percent(Decimal(0), sign=True) == "0.0%"
