"""The real order history, imported as a user would: its tiers come out as published, for every half-year."""

import csv
import gzip
from collections import defaultdict
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction

from tests.services import missing
from tiers.models import TierProposal

DATA = Path(settings.BASE_DIR).parent / "shared" / "data"
ORDERS = DATA / "online_retail_II_dev_half_2009-12_2011-05.csv.gz"
TIERS = DATA / "tiers_dev_half.csv.gz"
CUTS = {"tier_70_90": ("70", "90"), "tier_80_95": ("80", "95")}
HALVES = ["2010-06-01", "2010-12-01", "2011-06-01"]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def imported(django_db_setup, django_db_blocker):
    """The database with the real orders in it and two policies; everything is rolled back after the module."""
    if not ORDERS.is_file() or not TIERS.is_file():
        missing(f"the real order history in {DATA}")
    with django_db_blocker.unblock(), transaction.atomic():
        call_command(
            "import_orders",
            str(ORDERS),
            profile="online-retail",
            create_accounts=True,
            currency="GBP",
            stdout=StringIO(),
            stderr=StringIO(),
        )
        for column, cuts in CUTS.items():
            options = {"cuts": cuts, "months": 6, "no_hysteresis": True}
            call_command("create_tier_policy", column, stdout=StringIO(), **options)
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def published():
    """End of the half-year -> account code -> row."""
    halves = defaultdict(dict)
    with gzip.open(TIERS, "rt", encoding="utf-8") as source:
        for row in csv.DictReader(source):
            halves[row["end"]][row["CustomerID"]] = row
    return halves


def run(as_of, policy, path, **options):
    call_command("run_tiers", as_of=as_of, policy=policy, csv=path, stdout=StringIO(), **options)
    with path.open(encoding="utf-8", newline="") as source:
        return {row["account_code"]: row for row in csv.DictReader(source)}


@pytest.mark.parametrize("column", CUTS)
@pytest.mark.parametrize("as_of", HALVES)
def test_every_half_year_comes_out_exactly(imported, db, published, as_of, column, tmp_path):
    found = run(as_of, column, tmp_path / "tiers.csv")
    wanted = published[as_of]
    assert {code: found[code]["tier"] for code in wanted} == {code: row[column] for code, row in wanted.items()}
    revenue = {code: Decimal(found[code]["revenue"]) for code in wanted}
    assert revenue == {code: Decimal(row["net_goods"]) for code, row in wanted.items()}
    others = [row for code, row in found.items() if code not in wanted]
    assert all(row["tier"] == "C" and Decimal(row["revenue"]) <= 0 for row in others)


def test_the_shares_are_the_published_ones(imported, db, published, tmp_path):
    """Where revenues are equal the order is ours (by code), so shares are compared without their accounts."""
    found = run(HALVES[0], "tier_70_90", tmp_path / "tiers.csv")
    wanted = published[HALVES[0]]
    ours = sorted(Decimal(found[code]["cum_before"]) for code in wanted)
    theirs = sorted(Decimal(row["cum_before"]) for row in wanted.values())
    assert max(abs(a - b) for a, b in zip(ours, theirs, strict=True)) < Decimal("0.000001")


def test_applied_runs_follow_each_other(imported, db, published, tmp_path):
    first = run(HALVES[0], "tier_70_90", tmp_path / "1.csv", apply=True)
    second = run(HALVES[1], "tier_70_90", tmp_path / "2.csv", apply=True)
    assert not TierProposal.objects.pending().exists()
    for code in published[HALVES[1]].keys() & first.keys():
        assert second[code]["previous_tier"] == first[code]["tier"]
    gone = first.keys() - published[HALVES[1]].keys()
    assert {second[code]["tier"] for code in gone} == {"C"}
