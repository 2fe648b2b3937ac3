"""The risk matrix: accounts counted by churn probability and by what they buy."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, Sum, Value, When

PERCENTS = (0, 20, 40, 60, 80)
"""The lowest probability of each row, in per cent."""
POWERS = tuple(Decimal(10) ** power for power in range(3, 11))
"""Where a column of value can begin, in the reporting currency: a factor of ten wide."""
COLUMNS = 5
LEVELS = 4
PROBABILITY, REVENUE = "probability", "account__summary__revenue_12m_amount"


@dataclass(frozen=True)
class Span:
    """From `low` on and below `high`; None: without that end."""

    low: Any = None
    high: Any = None

    def query(self, name: str) -> dict[str, str]:
        """As the filters of the list say it."""
        ends = ((f"{name}_from", self.low), (f"{name}_below", self.high))
        return {key: f"{end:f}" if isinstance(end, Decimal) else str(end) for key, end in ends if end is not None}


@dataclass
class Cell:
    """How many accounts are in a cell, and what is at risk there; `level` 1..4 is how dangerous the place is."""

    probability: Span
    value: Span
    level: int
    count: int = 0
    at_risk: Decimal = Decimal(0)

    @property
    def query(self) -> dict[str, str]:
        return self.probability.query("probability") | self.value.query("value")


@dataclass
class Matrix:
    """Rows of cells, the most probable first, each with its columns of rising value; `unknown` accounts have no
    probability: they never ordered, or were not looked at yet."""

    columns: list[Span] = field(default_factory=list)
    rows: list[tuple[Span, list[Cell]]] = field(default_factory=list)
    unknown: int = 0

    @property
    def count(self) -> int:
        return sum(cell.count for _span, cells in self.rows for cell in cells)


def risk_matrix(rows: Any) -> Matrix:
    """Of these AccountHealth rows, in one statement; columns are as many as tell the accounts apart, the lowest takes
    all below it."""
    found = rows.order_by().annotate(row=_band(PROBABILITY, [percent / 100 for percent in PERCENTS]))
    found = found.annotate(column=_band(REVENUE, POWERS)).values_list("row", "column")
    counted = list(found.annotate(Count("pk"), Sum("value_at_risk_amount")))
    known = [(row, column, count, at_risk) for row, column, count, at_risk in counted if row is not None]
    matrix = Matrix(unknown=sum(count for row, _column, count, _sum in counted if row is None))
    if not known:
        return matrix
    highest = max(column for _row, column, _count, _sum in known)
    lowest = max(min(column for _row, column, _count, _sum in known), highest - COLUMNS + 1)
    sums: dict[tuple[int, int], list[Any]] = defaultdict(lambda: [0, Decimal(0)])
    for row, column, count, at_risk in known:
        place = sums[row, max(column, lowest)]
        place[0] += count
        place[1] += at_risk or 0
    matrix.columns = [_value_span(column, lowest, highest) for column in range(lowest, highest + 1)]
    for row in reversed(range(len(PERCENTS))):
        span = Span(PERCENTS[row] or None, PERCENTS[row + 1] if row + 1 < len(PERCENTS) else None)
        cells = [
            Cell(span, value, _level(row, place, len(matrix.columns)), *sums[row, lowest + place])
            for place, value in enumerate(matrix.columns)
        ]
        matrix.rows.append((span, cells))
    return matrix


def _band(path: str, bounds: Any) -> Case:
    """The number of the highest bound that the value reaches (0: none but the first); null for null."""
    whens = [When(Q(**{f"{path}__gte": bound}), then=Value(number)) for number, bound in enumerate(bounds)]
    return Case(*reversed(whens), When(**{f"{path}__isnull": False}, then=Value(-1)), output_field=IntegerField())


def _value_span(column: int, lowest: int, highest: int) -> Span:
    """The outer columns are open: below the lowest there is more, and nothing is above the highest."""
    low = POWERS[column] if column > lowest else None
    return Span(low, POWERS[column + 1] if column < highest else None)


def _level(row: int, column: int, columns: int) -> int:
    """From 1 (improbable and small) to 4."""
    return 1 + (row + column) * (LEVELS - 1) // max(len(PERCENTS) + columns - 2, 1)
