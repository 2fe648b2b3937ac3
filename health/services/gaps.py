"""Whether the company's own orders are missing as a whole."""

from __future__ import annotations

import datetime as dt

from health.churn import gaps
from health.churn.season import DailyCounts
from health.services.purchases import daily_order_counts


def company_gap(as_of: dt.date) -> tuple[dt.date, dt.date] | None:
    """The first and last day of a hole in the orders that matters on `as_of`, or None (see `health.churn.gaps`)."""
    return gap_in(daily_order_counts(as_of), as_of)


def gap_in(daily: DailyCounts, as_of: dt.date) -> tuple[dt.date, dt.date] | None:
    """The same of counts that are read already."""
    found = gaps.company_gap(daily, as_of.toordinal())
    return (dt.date.fromordinal(found[0]), dt.date.fromordinal(found[1])) if found else None
