"""The day of delivery in files of orders: optional, by order, and kept where a later file does not name it."""

import datetime as dt

import pytest

from audit.models import AuditEntry
from orders.intake.columns import guess_columns
from orders.models import Order
from orders.services.imports import ImportOptions, import_file
from orders.services.profiles import load_profile
from tests.factories import TODAY

PLAIN = "order,account,date,product,quantity,unit price"
HEAD = f"{PLAIN},delivered on\n"

pytestmark = pytest.mark.django_db


def run(path, **kwargs):
    options = ImportOptions(path, load_profile("generic"), currency="CNY", **kwargs)
    return import_file(options, actor=None, today=TODAY)


def days():
    return dict(Order.objects.values_list("external_id", "delivered_on"))


@pytest.mark.parametrize("heading", ["Delivered on", "delivered_on", "签收日期", "實際到貨日期", "Date delivered"])
def test_its_column_is_recognised(heading):
    assert guess_columns(["order", heading])["delivered_on"] == heading


@pytest.mark.parametrize("heading", ["Delivery date", "Delivered", "交货日期", "交期"])
def test_a_day_that_was_promised_is_not_taken_for_it(heading):
    assert "delivered_on" not in guess_columns(["order", heading])


def test_an_order_is_delivered_when_all_its_lines_are(write, account):
    row = "{0},ALICE-1,2026-02-03,P{1},1,5,{2}\n"
    rows = [("1", 1, "2026-02-10"), ("1", 2, "2026-02-12"), ("2", 1, "2026-02-10"), ("2", 2, " "), ("3", 1, "")]
    run(write(HEAD + "".join(row.format(*cells) for cells in rows)))
    assert days() == {"1": dt.date(2026, 2, 12), "2": None, "3": None}


def test_a_later_file_tells_it_and_one_without_leaves_it(write, account):
    run(write(f"{PLAIN}\n1,ALICE-1,2026-02-03,P,1,5\n"))
    told = run(write(HEAD + "1,ALICE-1,2026-02-03,P,1,5,2026/2/10 16:30\n"))
    assert told.orders == {"updated": 1}
    assert AuditEntry.objects.of(Order.objects.get()).first().changes == {"delivered_on": [None, "2026-02-10"]}
    for text in (HEAD + "1,ALICE-1,2026-02-03,P,1,5,\n", f"{PLAIN}\n1,ALICE-1,2026-02-03,P,1,5\n"):
        assert run(write(text)).orders == {"unchanged": 1}
    assert days() == {"1": dt.date(2026, 2, 10)}


def test_the_order_of_day_and_month_is_read_off_both_columns(write, account):
    run(write(HEAD + "1,ALICE-1,03/02/2026,P,1,5,13/02/2026\n"))
    order = Order.objects.get()
    assert (order.order_date, order.delivered_on) == (dt.date(2026, 2, 3), dt.date(2026, 2, 13))


def test_what_is_no_day_is_refused_with_its_row(write, account):
    report = run(write(HEAD + "1,ALICE-1,2026-02-03,P,1,5,soon\n"), dry_run=True)
    assert {code: count for code, count in report.reasons.items() if count} == {"bad_date": 1}
