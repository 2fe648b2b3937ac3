"""Expected against received by month."""

import datetime as dt
from decimal import Decimal

import pytest

from contracts import receivables
from contracts.models import Instalment, Receipt
from contracts.rates import DatedRates
from contracts.receivables import Amount, add_months, curve_in, curve_reporting, last_day
from tests.factories import TODAY
from tests.factories.contracts import make_contract, make_instalment, make_parts, make_receipt, make_version

D = Decimal
MAR, FEB, APR = dt.date(2026, 3, 1), dt.date(2026, 2, 1), dt.date(2026, 4, 1)


def months(curve):
    return {row.first: row for row in curve.months}


class TestMonths:
    def test_days(self):
        assert last_day(FEB) == dt.date(2026, 2, 28)
        assert add_months(dt.date(2026, 12, 1), 1) == dt.date(2027, 1, 1)
        assert add_months(dt.date(2026, 1, 1), -13) == dt.date(2024, 12, 1)


class TestCurve:
    def test_adds_up_what_lies_before_the_months_that_are_shown(self):
        planned = [Amount(dt.date(2020, 5, 1), "CNY", D(100)), Amount(MAR, "CNY", D(50)), Amount(None, "CNY", D(9))]
        came = [Amount(dt.date(2021, 5, 1), "CNY", D(70)), Amount(FEB, "CNY", D(-20)), Amount(FEB, "USD", D(1))]
        curve = curve_in("CNY", planned, came, TODAY)
        assert len(curve.months) == 24
        assert (curve.months[0].first, curve.months[-1].first) == (dt.date(2025, 4, 1), dt.date(2027, 3, 1))
        first, march = curve.months[0], months(curve)[MAR]
        assert (first.total_expected, first.total_received) == (100, 70)
        assert (march.expected, march.total_expected, march.received, march.total_received) == (50, 150, 0, 50)
        assert (march.gap, curve.undated) == (100, 9)

    def test_is_converted_by_the_rate_at_the_end_of_each_month(self):
        rates = DatedRates([("USD", dt.date(2026, 2, 10), D(7)), ("USD", dt.date(2026, 3, 20), D(8))], "CNY")
        planned = [Amount(FEB, "USD", D(10)), Amount(MAR, "USD", D(10)), Amount(MAR, "CNY", D(1))]
        came = [Amount(APR, "USD", D(5))]
        curve = curve_reporting(planned, came, rates, TODAY)
        found = months(curve)
        assert (found[FEB].expected, found[MAR].expected, found[APR].received) == (70, 81, 40)
        assert curve.unpriced == []

    def test_never_guesses_a_rate(self):
        rates = DatedRates([("USD", MAR, D(7))], "CNY")
        planned = [Amount(FEB, "USD", D(10)), Amount(MAR, "USD", D(10)), Amount(MAR, "JPY", D(10))]
        curve = curve_reporting(planned, [], rates, TODAY)
        assert (months(curve)[FEB].expected, months(curve)[MAR].total_expected) == (0, 70)
        assert curve.unpriced == ["JPY", "USD"]

    def test_the_line_of_what_came_in_ends_with_this_month(self):
        curve = curve_in("CNY", [Amount(MAR, "CNY", D(50))], [], TODAY)
        data = receivables.option(curve, TODAY)["series"][1]["data"]
        assert data[11] == 0
        assert data[12:] == [None] * 12

    def test_empty(self):
        assert curve_in("CNY", [], [], TODAY).is_empty
        assert not curve_in("CNY", [Amount(None, "CNY", D(1))], [], TODAY).is_empty


@pytest.mark.django_db
class TestQueries:
    def test_current_plans_and_receipts_that_count(self, account):
        rows = [make_instalment(amount="0.10", days=0), make_instalment(amount="0.20", days=1)]
        rows += [make_instalment(amount="5.00", days=20), make_instalment(amount="3.00", event="验收")]
        contract = make_contract(account, instalments=rows)
        make_contract(account, "draft")
        yen = make_contract(account, currency="JPY", instalments=[make_instalment(amount="7", days=0)])
        make_receipt(contract, "4.00", date=dt.date(2026, 2, 3))
        make_receipt(contract, "1.50", kind="refund")
        make_receipt(contract, "2.00", voided_at=dt.datetime(2026, 3, 1, tzinfo=dt.UTC))
        make_receipt(yen, "7")
        assert {(a.month, a.currency): a.amount for a in receivables.expected(Instalment.objects.all())} == {
            (MAR, "CNY"): D("0.30"), (APR, "CNY"): D(5), (None, "CNY"): D(3), (MAR, "JPY"): D(7),
        }  # fmt: skip
        assert {(a.month, a.currency): a.amount for a in receivables.received(Receipt.objects.all())} == {
            (FEB, "CNY"): D(4), (MAR, "CNY"): D("-1.5"), (MAR, "JPY"): D(7),
        }  # fmt: skip

    def test_an_amended_plan_takes_the_place_of_the_old_one(self, account):
        contract = make_contract(account, instalments=[make_instalment(amount="100")])
        contract.instalments.update(is_current=False)
        make_version(contract, "signed", parts=make_parts(instalments=[make_instalment(amount="40")]))
        assert [row.amount for row in receivables.expected(Instalment.objects.all())] == [40]
