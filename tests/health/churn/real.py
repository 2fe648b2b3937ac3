"""The published order lines as purchase histories, cleaned as the data's README defines, without a database."""

import csv
import datetime as dt
import gzip
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings

from health.churn.purchases import Purchases, purchases_from

DATA = Path(settings.BASE_DIR).parent / "shared" / "data"
LINES = DATA / "online_retail_II_dev_half_2009-12_2011-05.csv.gz"
LABELS = DATA / "labels_churn_dev_half_snapshots_to_2011-03.csv.gz"
CDNOW = DATA / "cdnow_sample.csv.gz"

needs_lines = pytest.mark.skipif(not LINES.exists(), reason=f"the published order lines are not here: {LINES}")
needs_cdnow = pytest.mark.skipif(not CDNOW.exists(), reason=f"the published CD purchases are not here: {CDNOW}")


def _goods():
    """Distinct lines of goods: customer, moment, invoice, product, quantity, price."""
    seen = set()
    with gzip.open(LINES, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            key = tuple(row.values())
            price = float(row["Price"])
            if row["CustomerID"] and price > 0 and re.match(r"\d{5}", row["StockCode"]) and key not in seen:
                seen.add(key)
                moment = dt.datetime.fromisoformat(row["InvoiceDate"])
                yield row["CustomerID"], moment, row["Invoice"], row["StockCode"], int(row["Quantity"]), price


@cache
def real_purchases() -> Purchases:
    """One row per customer and day. A line that a credit mirrors within 36 hours is void, and so is the credit."""
    credits, sales = defaultdict(list), []
    for line in _goods():
        customer, moment, invoice, product, quantity, price = line
        if invoice[0] == "C":
            credits[customer, product, -quantity, price].append(moment)
        elif invoice[0] != "A" and quantity > 0:
            sales.append(line)
    days = defaultdict(lambda: [0.0, 0.0, 0, 0])
    items, numbers = [], {}
    for customer, moment, _invoice, product, quantity, price in sales:
        mirror = credits.get((customer, product, quantity, price), [])
        void = next((each for each in mirror if dt.timedelta(0) <= each - moment <= dt.timedelta(hours=36)), None)
        if void is not None:
            mirror.remove(void)
            continue
        row = days[int(customer), moment.date().toordinal()]
        row[0] += quantity * price
        row[2] += 1
        row[3] |= 1 << int(product[:2]) % 60
        items.append((int(customer), moment.date().toordinal(), numbers.setdefault(product, len(numbers))))
    for (customer, _product, quantity, price), moments in credits.items():
        for moment in moments:
            days[int(customer), moment.date().toordinal()][1] += quantity * price
    found = purchases_from((customer, day, *values) for (customer, day), values in days.items())
    return found.with_items(*np.array(items).T)


def labels() -> dict[str, dict[int, dict[str, str]]]:
    """Snapshot -> customer -> the published row."""
    found: dict[str, dict[int, dict[str, str]]] = defaultdict(dict)
    with gzip.open(LABELS, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found[row["t"]][int(row["CustomerID"])] = row
    return found
