"""Notice, renewal and the terms that follow each other."""

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from contracts import terms

D = dt.date
DATES = st.dates(D(1990, 1, 1), D(2100, 12, 31))


class TestMonths:
    @given(DATES, st.integers(-120, 240))
    def test_are_added_as_dateutil_adds_them(self, day, months):
        assert terms.add_months(day, months) == day + relativedelta(months=months)

    def test_a_year_that_no_date_has_is_refused(self):
        with pytest.raises(ValueError, match="10000"):
            terms.add_months(D(9999, 12, 1), 1)

    @pytest.mark.parametrize(
        ("start", "end", "months"),
        [
            (D(2026, 1, 1), D(2026, 12, 31), 12),
            (D(2026, 1, 1), D(2026, 1, 31), 1),
            (D(2026, 2, 15), D(2026, 3, 14), 1),
            (D(2024, 2, 29), D(2025, 2, 27), 12),
            (D(2026, 1, 1), D(2026, 1, 30), None),
            (D(2026, 1, 1), D(2026, 1, 1), None),
        ],
    )
    def test_of_a_term(self, start, end, months):
        assert terms.months_between(start, end) == months


class TestNotice:
    def test_is_so_many_days_before_the_end(self):
        assert terms.notice_date(D(2026, 12, 31), 30) == D(2026, 12, 1)
        assert terms.renewal_date(D(2026, 12, 1), 60) == D(2026, 10, 2)

    def test_ends_the_first_term_whose_notice_date_is_not_over(self):
        end = D(2026, 12, 31)
        assert terms.end_after_notice(end, 12, 30, D(2026, 12, 1)) == end
        assert terms.end_after_notice(end, 12, 30, D(2026, 12, 2)) == D(2027, 12, 31)
        assert terms.end_after_notice(end, 12, 30, D(2028, 12, 1)) == D(2028, 12, 31)
        assert terms.end_after_notice(end, 0, 30, D(2028, 12, 1)) == end


class TestTermsThatFollow:
    def test_the_end_of_a_month_stays_the_end_of_a_month(self):
        end = D(2026, 1, 31)
        assert [terms.term_end(end, 1, number) for number in range(4)] == [
            D(2026, 1, 31), D(2026, 2, 28), D(2026, 3, 31), D(2026, 4, 30),
        ]  # fmt: skip

    @given(DATES, st.integers(1, 60), DATES)
    def test_the_running_one_is_the_first_that_is_not_over(self, end, months, day):
        found, number = end, 0
        while found < day:
            number += 1
            found = terms.term_end(end, months, number)
        assert terms.running_term_end(end, months, day) == found

    @given(DATES, st.integers(1, 60), st.integers(0, 90), DATES)
    def test_notice_finds_the_same_as_counting_from_the_first(self, end, months, notice, day):
        number = 0
        while terms.notice_date(terms.term_end(end, months, number), notice) < day:
            number += 1
        assert terms.end_after_notice(end, months, notice, day) == terms.term_end(end, months, number)

    @pytest.mark.parametrize(
        ("start", "end", "following"),
        [
            (D(2026, 1, 1), D(2026, 12, 31), (D(2027, 1, 1), D(2027, 12, 31))),
            (D(2023, 3, 1), D(2024, 2, 29), (D(2024, 3, 1), D(2025, 2, 28))),
            (D(2026, 1, 10), D(2026, 1, 19), (D(2026, 1, 20), D(2026, 1, 29))),
        ],
    )
    def test_is_as_long(self, start, end, following):
        assert terms.following_term(start, end) == following

    def test_begins_after_the_last_term(self):
        found = terms.following_term(D(2026, 1, 1), D(2026, 12, 31), D(2028, 12, 31))
        assert found == (D(2029, 1, 1), D(2029, 12, 31))

    def test_days_are_shifted_by_months_where_both_begin_on_the_same_day(self):
        assert terms.shifted(D(2026, 5, 31), D(2026, 1, 1), D(2027, 2, 1)) == D(2027, 6, 30)
        assert terms.shifted(D(2026, 5, 31), D(2026, 1, 1), D(2026, 1, 11)) == D(2026, 6, 10)


class TestOpenDays:
    RULES = [
        SimpleNamespace(tier="A", min_amount=Decimal(0), open_days=90),
        SimpleNamespace(tier="A", min_amount=Decimal(1000), open_days=180),
        SimpleNamespace(tier="", min_amount=Decimal(500), open_days=45),
    ]

    @pytest.mark.parametrize(
        ("tier", "amount", "days"),
        [
            ("A", "999.99", 90),
            ("A", "1000", 180),
            ("A", None, 180),
            ("B", "500", 45),
            ("B", "499", terms.DEFAULT_OPEN_DAYS),
            ("", "500", 45),
        ],
    )
    def test_by_tier_and_amount(self, tier, amount, days):
        assert terms.open_days(self.RULES, tier, None if amount is None else Decimal(amount)) == days
