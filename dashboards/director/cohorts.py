"""Cohorts: accounts by the month or quarter of their first order, and which of them bought again how long after.

An account *came back* in a step where it had sales in at least one of its months; a step is one month for cohorts of a
month and three for those of a quarter, counted from the account's own first month. A share is shown once the step is
over for every account of the cohort.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from contracts.terms import add_months

KEPT_MONTHS = 60
STEPS = {"month": 1, "quarter": 3}
SHOWN = {"month": 24, "quarter": 12}


@dataclass(frozen=True)
class Cohort:
    """The accounts whose first order lies in the `length` months from `first` on."""

    first: dt.date
    length: int

    @property
    def name(self) -> str:
        if self.length == 1:
            return f"{self.first:%Y-%m}"
        return f"{self.first.year}-Q{(self.first.month + 2) // 3}"

    @property
    def end(self) -> dt.date:
        """The first month that is no longer in it."""
        return add_months(self.first, self.length)

    def steps_over(self, today: dt.date) -> int:
        """How many steps are over for all its accounts: the first one is the one of the first order."""
        last = add_months(self.end, -1)
        over = (today.year - last.year) * 12 + today.month - last.month
        return max(min(over // self.length, KEPT_MONTHS // self.length), 0)


@dataclass
class Cell:
    """How many accounts of the cohort came back in a step; `level` (0..10) is for the colour."""

    count: int
    size: int
    url: str = ""

    @property
    def share(self) -> Decimal:
        return Decimal(self.count) / self.size if self.size else Decimal(0)

    @property
    def level(self) -> int:
        return round(self.share * 10)


@dataclass
class Row:
    """A cohort with its size and a cell for each step after the first."""

    cohort: Cohort
    size: int
    cells: list[Cell] = field(default_factory=list)
    url: str = ""


def read(name: str) -> Cohort | None:
    """The cohort that `2026-03` or `2026-Q1` names; None for anything else."""
    if found := re.fullmatch(r"(\d{4})-Q([1-4])", name, re.ASCII):
        return Cohort(dt.date(int(found[1]), int(found[2]) * 3 - 2, 1), 3) if int(found[1]) else None
    if found := re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", name, re.ASCII):
        return Cohort(dt.date(int(found[1]), int(found[2]), 1), 1) if int(found[1]) else None
    return None


def last_cohorts(today: dt.date, by: str) -> list[Cohort]:
    """The newest cohorts, the oldest of them first."""
    length, count = STEPS[by], SHOWN[by]
    first = today.replace(day=1, month=today.month - (today.month - 1) % length)
    return [Cohort(add_months(first, -length * step), length) for step in range(count - 1, -1, -1)]


def mask(step: int, length: int) -> int:
    """The bits of `AccountPurchases.months` that belong to a step."""
    return ((1 << length) - 1) << (step * length)


def came_back(rows: QuerySet[Any], step: int, length: int) -> QuerySet[Any]:
    """Of these AccountPurchases those with sales in the step."""
    return rows.annotate(in_step=F("months").bitand(mask(step, length))).filter(in_step__gt=0)


def table(rows: QuerySet[Any], today: dt.date, by: str) -> list[Row]:
    """One row for each cohort that has accounts, in one statement; `rows` are AccountPurchases."""
    cohorts, length = last_cohorts(today, by), STEPS[by]
    steps = range(1, SHOWN[by])
    found = rows.filter(first_month__gte=cohorts[0].first).order_by()
    bits = {f"bits_{step}": F("months").bitand(mask(step, length)) for step in steps}
    counts = {f"back_{step}": Count("pk", filter=Q(**{f"bits_{step}__gt": 0})) for step in steps}
    by_month: dict[dt.date, dict[str, int]] = {
        row["first_month"]: row
        for row in found.annotate(**bits).values("first_month").annotate(size=Count("pk"), **counts)
    }
    result = []
    for cohort in cohorts:
        of = [row for month, row in by_month.items() if cohort.first <= month < cohort.end]
        size = sum(row["size"] for row in of)
        over = [step for step in steps if step < cohort.steps_over(today)]
        cells = [Cell(sum(row[f"back_{step}"] for row in of), size) for step in over]
        if size:
            result.append(Row(cohort, size, cells))
    return result
