"""The published data of an online retailer, as it is: dirty. The expected numbers were computed elsewhere."""

import csv
import datetime as dt
import gzip
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings

from accounts.models import Account, AccountSummary
from audit.models import AuditEntry
from orders.models import MonthlyRevenue, Order, OrderKind, OrderLine
from orders.services import rebuild_all_facts
from orders.services.imports import ImportOptions, import_file
from orders.services.profiles import load_profile

DATA = Path(settings.BASE_DIR).parent / "shared" / "data"
LINES = DATA / "online_retail_II_dev_half_2009-12_2011-05.csv.gz"
TIERS = DATA / "tiers_dev_half.csv.gz"
TODAY = dt.date(2011, 6, 1)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not LINES.exists(), reason=f"the published order lines are not here: {LINES}"),
]


def run(path, **kwargs):
    options = ImportOptions(path, load_profile("online-retail"), currency="GBP", create_accounts=True, **kwargs)
    return import_file(options, actor=None, today=TODAY)


def expected_revenue():
    """(first day of the half-year, day after it, account code) -> net revenue of goods."""
    with gzip.open(TIERS, "rt", encoding="utf-8") as file:
        return {
            (dt.date.fromisoformat(row["start"]), dt.date.fromisoformat(row["end"]), row["CustomerID"]): Decimal(
                row["net_goods"]
            )
            for row in csv.DictReader(file)
        }


def facts_by_half(halves):
    found = defaultdict(Decimal)
    facts = MonthlyRevenue.objects.values_list("account__code", "month", "net_amount")
    for code, month, net in facts.order_by().iterator():
        for start, end in halves:
            if start <= month < end:
                found[start, end, code] += net
    return found


@pytest.mark.django_db
def test_every_line_is_accounted_for_and_revenue_is_right_to_the_cent():
    report = run(LINES)

    assert report.rows == 360_912 == sum(report.reasons.values())
    assert report.reasons == {
        "accepted": 270_337,
        "cancellation": 5_689,
        "no_customer": 78_754,
        "duplicate": 4_183,
        "not_goods": 1_080,
        "void_pair": 850,
        "zero_price": 17,
        "adjustment": 2,
    }
    assert OrderLine.objects.count() == 270_337 + 5_689
    assert report.accounts_created == Account.objects.count() == 2_548
    assert report.orders == {"created": Order.objects.count()}
    assert AuditEntry.objects.filter(action="order.imported").count() == Order.objects.count()
    assert not Order.objects.filter(kind=OrderKind.RETURN, total_amount__gt=0).exists()

    expected = expected_revenue()
    halves = {(start, end) for start, end, _code in expected}
    found = facts_by_half(halves)
    wrong = {key: (found.get(key), net) for key, net in expected.items() if found.get(key, Decimal(0)) != net}
    assert not wrong
    assert not {key for key, net in found.items() if net > 0}.difference(expected)

    facts = facts_of_all()
    rebuild_all_facts()
    assert facts_of_all() == facts
    assert not AccountSummary.objects.filter(revenue_complete=True, revenue_12m_amount__gt=0).exists()


def facts_of_all():
    columns = ("account_id", "product_line_id", "month", "currency", "sales_amount", "returns_amount", "net_amount")
    return sorted(MonthlyRevenue.objects.values_list(*columns, "last_order_date"))


@pytest.mark.django_db
def test_the_same_file_again_changes_nothing(tmp_path):
    part = tmp_path / "part.csv"
    with gzip.open(LINES, "rt", encoding="utf-8") as source:
        part.write_text("".join(next(source) for _n in range(8_000)), encoding="utf-8")
    first = run(part)
    entries, facts = AuditEntry.objects.count(), facts_of_all()
    stamps = list(Order.objects.order_by("pk").values_list("pk", "updated_at"))

    second = run(part)

    assert second.reasons == first.reasons
    assert second.orders == {"unchanged": first.orders["created"]}
    assert (AuditEntry.objects.count(), facts_of_all()) == (entries, facts)
    assert list(Order.objects.order_by("pk").values_list("pk", "updated_at")) == stamps
