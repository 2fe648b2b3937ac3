"""Numbers and dates as people write them."""

import contextlib
import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.errors import MixedNumbers
from orders.intake.parser import priced
from orders.intake.problems import Bad
from orders.intake.values import date_order, number_style, parse_moment, parse_number, readings, scaled, text_of

numbers = st.decimals(min_value=-(10**9), max_value=10**9, places=2, allow_nan=False)


def reason(call, *args):
    with pytest.raises(Bad) as caught:
        call(*args)
    return caught.value.code


class TestNumbers:
    @pytest.mark.parametrize(
        ("text", "style", "value"),
        [
            ("1,234.56", None, "1234.56"),
            ("1.234,56", None, "1234.56"),
            ("1234,56", None, "1234.56"),
            ("1234.56", None, "1234.56"),
            ("1,234,567", None, "1234567"),
            ("1.234.567", None, "1234567"),
            ("1,234", "point", "1234"),
            ("1,234", "comma", "1.234"),
            ("1.234", "comma", "1234"),
            ("0,125", None, "0.125"),
            ("1 234,50", None, "1234.50"),
            ("1'234.50", None, "1234.50"),
            ("12-", None, "-12"),
            ("(12.50)", None, "-12.50"),
            ("−3", None, "-3"),
            ("¥1,234.50", None, "1234.50"),
            ("£ 2.95", None, "2.95"),
            ("１２．５０", None, "12.50"),
            (".5", "point", "0.5"),
            ("7.", "point", "7"),
            (12.5, None, "12.5"),
            (3, None, "3"),
        ],
    )
    def test_are_read(self, text, style, value):
        assert parse_number(text, style, "quantity") == Decimal(value)

    @pytest.mark.parametrize("text", ["1,234", "1.234", "12.345", "-1,234"])
    def test_ambiguous_ones_are_refused(self, text):
        assert reason(parse_number, text, None, "quantity") == "ambiguous_number"

    @pytest.mark.parametrize(
        ("text", "style"),
        [
            ("abc", None), ("", None), ("-", None), (".", None), ("1,2,3", None), ("1.2.3", None), ("12,34.56", None),
            ("1.234,56", "point"), ("1,234.56", "comma"), ("1e5", None), ("NaN", None), ("0x10", None), ("--1", None),
            (float("nan"), None), (float("inf"), None), (True, None), ("1,23,456", "point"), ("٣,", "point"),
            ("=1+1", None), ("1" + ",000" * 30 + ".x", None),
        ],
    )  # fmt: skip
    def test_others_are_not_numbers(self, text, style):
        assert reason(parse_number, text, style, "quantity") in ("bad_number", "ambiguous_number")

    @given(numbers, st.sampled_from(["point", "comma"]), st.booleans())
    def test_what_is_written_is_read(self, number, style, grouped):
        written = f"{number:,.2f}" if grouped else f"{number:.2f}"
        if style == "comma":
            written = written.translate(str.maketrans(",.", ".,"))
        assert parse_number(written, style, "amount") == number
        assert parse_number(written, None, "amount") == number  # two decimals leave no doubt

    @given(st.text(max_size=30), st.sampled_from([None, "point", "comma"]))
    def test_any_text_is_a_number_or_bad(self, text, style):
        with contextlib.suppress(Bad):
            assert parse_number(text, style, "amount").is_finite()

    def test_the_style_of_a_file(self):
        assert number_style([(2, "1,234"), (3, "2.95")]) == "point"
        assert number_style([(2, "1.234"), (3, "2,95")]) == "comma"
        assert number_style([(2, "12"), (3, "1,234"), (4, 1.5)]) is None

    def test_a_file_in_both_styles_is_refused(self):
        with pytest.raises(MixedNumbers, match=r"1,234.56.*row 2.*1.234,56.*row 9"):
            number_style([(2, "1,234.56"), (9, "1.234,56")])

    def test_scaling_keeps_every_digit_or_refuses(self):
        assert scaled(Decimal("2.95"), "2.95", 4, 14, "unit_price") == 29500
        assert scaled(Decimal("1.2299999999999998"), 1.2299999999999998, 4, 14, "unit_price") == 12300
        assert reason(scaled, Decimal("0.12345"), "0.12345", 4, 14, "unit_price") == "too_precise"
        assert reason(scaled, Decimal(10) ** 14, "1e14", 4, 14, "unit_price") == "number_too_large"

    @given(st.integers(-(10**9), 10**9), st.integers(0, 10**9), st.sampled_from([0, 2, 3]))
    def test_amounts_round_half_away_from_zero(self, quantity, price, digits):
        _quantity, _price, amount = priced(quantity, price, None, digits)
        exact = Decimal(quantity).scaleb(-3) * Decimal(price).scaleb(-4)
        expected = exact.quantize(Decimal(1).scaleb(-digits), rounding="ROUND_HALF_UP")
        assert Decimal(amount).scaleb(-3) == expected

    def test_amount_and_price_must_agree(self):
        assert priced(2000, 10_5000, 21_000, 2) == (2000, 10_5000, 21_000)
        assert reason(priced, 2000, 10_5000, 20_000, 2) == "amount_mismatch"
        assert priced(3000, None, 10_000, 2)[1] == 3_3333
        assert reason(priced, 1000, None, -5_000, 2) == "negative_price"
        assert reason(priced, 1, None, 10**18, 2) == "number_too_large"


class TestDates:
    @pytest.mark.parametrize(
        ("text", "order", "day"),
        [
            ("2011-05-31", None, (2011, 5, 31)),
            ("2011/5/3", None, (2011, 5, 3)),
            ("2011年5月3日", None, (2011, 5, 3)),
            ("20110503", None, (2011, 5, 3)),
            ("2011.05.03 09:06", None, (2011, 5, 3)),
            ("2011-05-03T09:06:00Z", None, (2011, 5, 3)),
            ("2011-05-03 09:06:00.123+08:00", None, (2011, 5, 3)),
            ("31/05/2011", None, (2011, 5, 31)),
            ("05/31/2011", None, (2011, 5, 31)),
            ("3.4.2011", "dmy", (2011, 4, 3)),
            ("3/4/2011 1:05 PM", "mdy", (2011, 3, 4)),
            ("4/4/2011", None, (2011, 4, 4)),
            (dt.datetime(2011, 5, 3, 9, 6), None, (2011, 5, 3)),  # noqa: DTZ001  as a workbook has it
            (dt.date(2011, 5, 3), None, (2011, 5, 3)),
        ],
    )
    def test_are_read(self, text, order, day):
        assert dt.date.fromordinal(parse_moment(text, order) // 86400) == dt.date(*day)

    def test_with_their_time(self):
        at = parse_moment("2011-05-03 13:06:07", None) % 86400
        assert at == 13 * 3600 + 6 * 60 + 7 == parse_moment("3/5/2011 1:06:07 PM", "dmy") % 86400

    @pytest.mark.parametrize(
        ("text", "order", "code"),
        [
            ("2011-02-31", None, "no_such_day"),
            ("31 February", None, "bad_date"),
            ("31/02/2011", "dmy", "no_such_day"),
            ("31.02.2011", None, "no_such_day"),
            ("03/04/2011", None, "ambiguous_date"),
            ("13/13/2011", None, "no_such_day"),
            ("1.1.11", None, "bad_date"),
            ("0001-01-01", None, "no_such_day"),
            ("2011-05-03 25:00", None, "bad_date"),
            ("yesterday", None, "bad_date"),
            (40148.0, None, "bad_date"),
        ],
    )
    def test_others_are_refused(self, text, order, code):
        assert reason(parse_moment, text, order) == code

    @given(
        st.dates(dt.date(1970, 1, 1), dt.date(2100, 12, 31)), st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%Y年%m月%d日"])
    )
    def test_what_is_written_is_read(self, day, form):
        assert dt.date.fromordinal(parse_moment(day.strftime(form), "dmy") // 86400) == day

    def test_the_order_of_a_file(self):
        assert date_order(["3/4/2011", "31/4/2011"]) == "dmy"
        assert date_order(["3/4/2011", "4/31/2011"]) == "mdy"
        assert date_order(["3/4/2011"]) is None
        assert date_order(["31/4/2011", "4/31/2011"]) is None


class TestText:
    @pytest.mark.parametrize(
        ("cell", "text"),
        [(13078.0, "13078"), (1e21, "1" + "0" * 21), (0.1, "0.1"), (None, ""), (True, "TRUE"), (" x ", "x")],
    )
    def test_is_what_a_spreadsheet_shows(self, cell, text):
        assert text_of(cell) == text

    @given(st.text(max_size=20))
    def test_readings_never_fail(self, text):
        assert set(readings(text)) <= {"point", "comma"}
