"""Signs in what an account buys: against its own rhythm, its own season and its own size."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from statistics import median

from django.utils.translation import pgettext_lazy

from health.choices import Direction, SignalGroup
from health.churn.prediction import Prediction
from health.facts.lines import LineFacts
from health.facts.orders import OrderFacts
from health.signals.base import Reading, Signal, Unit

YEAR = 365
WINDOW = 90
RETURNS_DAYS = 180
LAST_ORDERS = 3
LEAST_ORDER_DAYS = 3
# Who buys every other day is not in danger after a long weekend.
LEAST_INTERVAL = 7.0
# A trend needs a past of more than a few weeks, and orders that are to be expected: of one order in a quarter it is
# chance on which side of a day it falls.
LEAST_BASE_DAYS = 120
LEAST_EXPECTED_ORDERS = 2.0


def assess_probability(prediction: Prediction, as_of: dt.date) -> Reading | None:
    """P(no order in the next 90 days), as the model in use says."""
    return Reading(prediction.probability, as_of)


def assess_order_gap(facts: OrderFacts, as_of: dt.date) -> Reading | None:
    """Days since the last order over the account's own median interval."""
    days = facts.order_days
    if len(days) < LEAST_ORDER_DAYS:
        return None
    interval = max(median([after - before for before, after in pairwise(days)]), LEAST_INTERVAL)
    silent = as_of.toordinal() - days[-1]
    last = dt.date.fromordinal(days[-1])
    return Reading(silent / interval, last, {"days": silent, "interval": round(interval)})


def assess_revenue_trend(facts: OrderFacts, as_of: dt.date) -> Reading | None:
    """Net revenue of the last 90 days over what the account's own past makes expect for these days.

    The expectation is its pace of the year before the window, in days as busy as those of the window are for the
    company; where its own same days a year ago are known, the mean of that and of what it bought then: of one account
    alone the season is half chance.
    """
    day = as_of.toordinal()
    start = day - WINDOW
    base = [each for each in facts.order_days if start - YEAR <= each < start]
    if not facts.is_priced or len(base) < LEAST_ORDER_DAYS:
        return None
    known = min(start - facts.order_days[0], YEAR)
    busy = facts.busy(start - known, start)
    if known < LEAST_BASE_DAYS or busy <= 0:
        return None
    pace = facts.busy(start, day) / busy
    if len(base) * pace < LEAST_EXPECTED_ORDERS:
        return None
    expected = facts.net(start - YEAR, start) * pace
    if known == YEAR:
        expected = (expected + facts.net(start - YEAR, day - YEAR)) / 2
    if expected <= 0:
        return None
    net = facts.net(start, day)
    return Reading(net / expected, as_of, {"net": round(net, 2), "expected": round(expected, 2)})


def assess_lines_dropped(facts: LineFacts, as_of: dt.date) -> Reading | None:
    """The share of revenue of product lines that were bought regularly and are not any more."""
    if facts.share is None:
        return None
    last = max((line.last for line in facts.dropped), default=None)
    lines = [
        {"code": line.code, "name": line.name, "name_en": line.name_en, "last": line.last.isoformat(),
         "share": line.share}
        for line in facts.dropped
    ]  # fmt: skip
    return Reading(facts.share, last, {"lines": lines})


def assess_order_size(facts: OrderFacts, as_of: dt.date) -> Reading | None:
    """The median of the last three orders over that of the 12 months before them."""
    return _against_before(facts, facts.sales) if facts.is_priced else None


def assess_order_breadth(facts: OrderFacts, as_of: dt.date) -> Reading | None:
    """The same of how many lines an order has."""
    return _against_before(facts, facts.lines)


def assess_returns(facts: OrderFacts, as_of: dt.date) -> Reading | None:
    """What was returned over what was sold in the last 180 days. Where nothing was sold there is no share: what comes
    back then was sold before."""
    day = as_of.toordinal()
    sold, back = facts.sold(day - RETURNS_DAYS, day), facts.returned(day - RETURNS_DAYS, day)
    if not facts.is_priced or sold <= 0:
        return None
    days = [each for each, amount in zip(facts.days, facts.returns, strict=True) if amount]
    last = dt.date.fromordinal(days[-1]) if back else None
    return Reading(min(back / sold, 1.0), last, {"sold": round(sold, 2), "returned": round(back, 2)})


def _against_before(facts: OrderFacts, values: list[float]) -> Reading | None:
    """Medians of an order day's value: the last three against those of the 12 months before."""
    rows = [(day, value) for day, value, lines in zip(facts.days, values, facts.lines, strict=True) if lines]
    if len(rows) < 2 * LAST_ORDERS:
        return None
    recent, first = rows[-LAST_ORDERS:], rows[-LAST_ORDERS][0]
    before = [value for day, value in rows[:-LAST_ORDERS] if first - YEAR <= day]
    usual = median(before) if len(before) >= LAST_ORDERS else 0
    if usual <= 0:
        return None
    now = median([value for _day, value in recent])
    last = dt.date.fromordinal(recent[-1][0])
    return Reading(now / usual, last, {"now": round(now, 2), "usual": round(usual, 2)})


_HIGH, _LOW, _GROUP = Direction.HIGH_IS_BAD, Direction.LOW_IS_BAD, SignalGroup.BUYING
SIGNALS = (
    Signal(
        "churn_probability", _GROUP, pgettext_lazy("signal", "Churn probability"), Unit.SHARE, _HIGH,
        bound=0.5, fine=0.15, worst=0.85, weight=60, needs="churn", assess=assess_probability,
    ),
    Signal(
        "order_gap", _GROUP, pgettext_lazy("signal", "Silence against its own rhythm"), Unit.TIMES, _HIGH,
        bound=2, fine=1.2, worst=4, weight=5, needs="orders", assess=assess_order_gap,
    ),
    Signal(
        "revenue_trend", _GROUP, pgettext_lazy("signal", "Revenue against its own season"), Unit.SHARE, _LOW,
        bound=0.4, fine=0.8, worst=0.0, weight=15, needs="orders", assess=assess_revenue_trend,
    ),
    Signal(
        "lines_dropped", _GROUP, pgettext_lazy("signal", "Product lines dropped"), Unit.SHARE, _HIGH,
        bound=0.15, fine=0.0, worst=0.5, weight=10, needs="lines", assess=assess_lines_dropped,
    ),
    Signal(
        "order_size", _GROUP, pgettext_lazy("signal", "Size of orders"), Unit.SHARE, _LOW,
        bound=0.6, fine=0.9, worst=0.2, weight=3, needs="orders", assess=assess_order_size,
    ),
    Signal(
        "order_breadth", _GROUP, pgettext_lazy("signal", "Breadth of orders"), Unit.SHARE, _LOW,
        bound=0.5, fine=0.9, worst=0.1, weight=3, needs="orders", assess=assess_order_breadth,
    ),
    Signal(
        "returns", _GROUP, pgettext_lazy("signal", "Returns"), Unit.SHARE, _HIGH,
        bound=0.15, fine=0.03, worst=0.5, weight=4, needs="orders", assess=assess_returns,
    ),
)  # fmt: skip
