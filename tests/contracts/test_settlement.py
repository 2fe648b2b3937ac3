"""What receipts cover of a plan: the rules, and that no sequence breaks the balance."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.settlement import Due, Money, settle

D = Decimal
JAN, FEB, MAR = (dt.date(2026, month, 1) for month in (1, 2, 3))
PLAN = [Due(1, D(100), FEB), Due(2, D(100), JAN), Due(3, D(100)), Due(4, D(100), MAR)]


def covered(*money, plan=PLAN):
    found = settle(plan, money)
    return [found.settled[row.position] for row in plan], found.credit


class TestSettle:
    def test_nothing_came(self):
        assert covered() == ([0, 0, 0, 0], 0)

    def test_goes_to_what_is_due_first_and_to_that_without_a_date_last(self):
        assert covered(Money(D(150))) == ([50, 100, 0, 0], 0)
        assert covered(Money(D(310))) == ([100, 100, 10, 100], 0)

    def test_the_same_day_goes_by_position(self):
        plan = [Due(2, D(100), JAN), Due(1, D(100), JAN)]
        assert covered(Money(D(120)), plan=plan) == ([20, 100], 0)

    def test_shares_go_first_and_no_further_than_what_is_open(self):
        assert covered(Money(D(200), shares={4: D(150)})) == ([0, 100, 0, 100], 0)

    def test_a_share_of_an_instalment_that_an_amendment_dropped_goes_to_the_rest(self):
        assert covered(Money(D(50), shares={9: D(50)})) == ([0, 50, 0, 0], 0)

    def test_too_much_is_credit(self):
        assert covered(Money(D(450))) == ([100] * 4, 50)

    def test_refunds_take_credit_first_then_what_is_due_last(self):
        assert covered(Money(D(450)), Money(D(40), is_refund=True)) == ([100] * 4, 10)
        assert covered(Money(D(450)), Money(D(100), is_refund=True)) == ([100, 100, 50, 100], 0)
        assert covered(Money(D(450)), Money(D(200), is_refund=True)) == ([100, 100, 0, 50], 0)

    def test_without_a_plan_all_is_credit(self):
        assert covered(Money(D(7)), plan=[]) == ([], 7)

    def test_tenths_add_up(self):
        found = settle([Due(1, D("0.30"), JAN)], [Money(D("0.10")), Money(D("0.20"))])
        assert found.settled == {1: D("0.30")}
        assert found.credit == 0

    def test_more_went_back_than_came_in_is_a_credit_below_zero(self):
        assert covered(Money(D(10)), Money(D(15), is_refund=True)) == ([0, 0, 0, 0], -5)


cents = st.decimals(min_value=D("0.001"), max_value=D(10**9), places=3)
days = st.none() | st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31))


@st.composite
def plans(draw):
    amounts = draw(st.lists(st.tuples(cents, days), max_size=8))
    return [Due(number, amount, day) for number, (amount, day) in enumerate(amounts, 1)]


@st.composite
def movements(draw):
    amount, is_refund = draw(cents), draw(st.booleans())
    shares = {} if is_refund else draw(st.dictionaries(st.integers(1, 10), cents, max_size=3))
    while sum(shares.values()) > amount:
        shares.popitem()
    return Money(amount, is_refund, shares)


class TestBalance:
    @given(plans(), st.lists(movements(), max_size=12), st.randoms(use_true_random=False))
    def test_holds_for_any_plan_and_any_money_in_any_order(self, plan, money, random):
        found = settle(plan, money)
        for row in plan:
            assert 0 <= found.settled[row.position] <= row.amount
        came = sum((one.amount for one in money if not one.is_refund), D(0))
        back = sum((one.amount for one in money if one.is_refund), D(0))
        settled = sum(found.settled.values(), D(0))
        planned = sum((row.amount for row in plan), D(0))
        assert found.received == came - back
        assert settled + found.credit == came - back
        # The balance of the plan: what is open less the credit.
        assert planned - settled - found.credit == planned - (came - back)
        # Nothing is open while there is credit.
        if found.credit > 0:
            assert settled == planned
        random.shuffle(money)
        random.shuffle(plan)
        assert settle(plan, money) == found

    @pytest.mark.parametrize("digits", [0, 2, 3])
    def test_equal_parts_are_settled_by_equal_receipts(self, digits):
        part = D(1).scaleb(-digits)
        plan = [Due(number, part, JAN + dt.timedelta(days=number)) for number in range(1, 11)]
        assert settle(plan, [Money(part)] * 10).settled == dict.fromkeys(range(1, 11), part)
