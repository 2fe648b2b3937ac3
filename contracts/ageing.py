"""How long open instalments are overdue: six buckets, counted by currency, and in the reporting currency.

The rule of a bucket is said twice, as arithmetic (`bucket_on`) and for the database (`conditions`); a test compares.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, F, Q, QuerySet, Sum, Value, When
from django.db.models.enums import TextChoices
from django.utils.translation import pgettext_lazy

from contracts.rates import DatedRates
from core.money import round_amount


class Bucket(TextChoices):
    """What is due today is not yet due: it can still be paid in time."""

    NOT_DUE = "not_due", pgettext_lazy("ageing", "Not yet due")
    TO_30 = "0-30", pgettext_lazy("ageing", "0–30 days")
    TO_60 = "31-60", pgettext_lazy("ageing", "31–60 days")
    TO_90 = "61-90", pgettext_lazy("ageing", "61–90 days")
    OVER_90 = "90+", pgettext_lazy("ageing", "Over 90 days")
    NO_DATE = "no_date", pgettext_lazy("ageing", "Without a date")


OVERDUE = (Bucket.TO_30, Bucket.TO_60, Bucket.TO_90, Bucket.OVER_90)
LAST_DAYS = {Bucket.TO_30: 30, Bucket.TO_60: 60, Bucket.TO_90: 90}
"""The most days overdue of a bucket that has an end."""


@dataclass(frozen=True, order=True)
class Cell:
    """The open instalments of one bucket and currency."""

    bucket: str
    currency: str
    count: int
    amount: Decimal


@dataclass
class Row:
    """One currency's buckets; `currencies` are those that are in it, `unpriced` those left out for want of a rate."""

    currency: str
    cells: dict[str, Cell]
    currencies: list[str] = field(default_factory=list)
    unpriced: list[str] = field(default_factory=list)

    @property
    def total(self) -> Cell:
        return self._sum("total", self.cells)

    @property
    def overdue(self) -> Cell:
        return self._sum("overdue", OVERDUE)

    @property
    def columns(self) -> list[Cell]:
        """A cell for every bucket, in the order of the buckets."""
        return [self.cells.get(bucket) or Cell(bucket, self.currency, 0, Decimal(0)) for bucket in Bucket.values]

    def _sum(self, name: str, buckets: Iterable[str]) -> Cell:
        found = [self.cells[bucket] for bucket in buckets if bucket in self.cells]
        amount = sum((cell.amount for cell in found), Decimal(0))
        return Cell(name, self.currency, sum(cell.count for cell in found), amount)


@dataclass
class Ageing:
    """All buckets: a row for each currency, and all together in the reporting currency."""

    rows: list[Row]
    reporting: Row

    @property
    def count(self) -> int:
        return sum(row.total.count for row in self.rows)

    def count_of(self, buckets: Collection[str], currencies: Collection[str]) -> int:
        """How many instalments are in these buckets and currencies; none named: in all."""
        return sum(
            cell.count
            for row in self.rows
            for cell in row.cells.values()
            if (not buckets or cell.bucket in buckets) and (not currencies or cell.currency in currencies)
        )


def days_overdue(due_date: dt.date | None, today: dt.date) -> int | None:
    """Days since an instalment was due; None where it is not overdue."""
    if due_date is None or due_date >= today:
        return None
    return (today - due_date).days


def bucket_on(due_date: dt.date | None, today: dt.date) -> Bucket:
    """The bucket of an open instalment on `today`."""
    if due_date is None:
        return Bucket.NO_DATE
    days = days_overdue(due_date, today)
    if days is None:
        return Bucket.NOT_DUE
    return next((bucket for bucket, last in LAST_DAYS.items() if days <= last), Bucket.OVER_90)


def conditions(today: dt.date) -> dict[str, Q]:
    """Which open instalments are in which bucket; every one is in exactly one."""
    found = {Bucket.NO_DATE: Q(due_date__isnull=True), Bucket.NOT_DUE: Q(due_date__gte=today)}
    until = today
    for bucket, last in LAST_DAYS.items():
        since = today - dt.timedelta(days=last)
        found[bucket] = Q(due_date__gte=since, due_date__lt=until)
        until = since
    found[Bucket.OVER_90] = Q(due_date__lt=until)
    return {str(bucket): condition for bucket, condition in found.items()}


def in_buckets(rows: QuerySet[Any], buckets: Iterable[str], today: dt.date) -> QuerySet[Any]:
    """The open instalments in one of these buckets."""
    of, wanted = conditions(today), Q(pk__in=[])
    for bucket in buckets:
        wanted |= of[bucket]
    return rows.filter(wanted)


def counted(rows: QuerySet[Any], today: dt.date) -> list[Cell]:
    """The open instalments by bucket and currency; one statement."""
    cases = [When(condition, then=Value(bucket)) for bucket, condition in conditions(today).items()]
    grouped = (
        rows.order_by()
        .annotate(bucket=Case(*cases, default=Value("")))
        .values("bucket", "contract__currency")
        .annotate(number=Count("pk"), amount=Sum(F("amount") - F("settled_amount"), default=Decimal(0)))
    )
    names = ("bucket", "contract__currency", "number", "amount")
    cells = [Cell(*row) for row in grouped.values_list(*names)]
    # SQLite adds in floating point: back to the minor unit, in which every amount is.
    return sorted(replace(cell, amount=round_amount(cell.amount, cell.currency)) for cell in cells)


def ageing(cells: Iterable[Cell], rates: DatedRates, today: dt.date) -> Ageing:
    """The rows of the currencies and, by the rates of `today`, of the reporting currency.

    What has no rate is not in the reporting row; its currency is named there. Each sum of a bucket and currency is
    converted and rounded once.
    """
    by_currency: dict[str, dict[str, Cell]] = {}
    for cell in sorted(cells):
        by_currency.setdefault(cell.currency, {})[cell.bucket] = cell
    rows = [Row(currency, found, [currency]) for currency, found in sorted(by_currency.items())]
    together = Row(rates.reporting, {})
    for row in rows:
        if rates.rate(row.currency, today) is None:
            together.unpriced.append(row.currency)
            continue
        together.currencies.append(row.currency)
        for bucket, cell in row.cells.items():
            _add(together, bucket, cell, rates.convert(cell.amount, row.currency, today) or Decimal(0))
    return Ageing(rows, together)


def _add(row: Row, bucket: str, cell: Cell, amount: Decimal) -> None:
    before = row.cells.get(bucket) or Cell(bucket, row.currency, 0, Decimal(0))
    row.cells[bucket] = replace(before, count=before.count + cell.count, amount=before.amount + amount)
