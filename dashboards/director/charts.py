"""ECharts options of the company's pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from dashboards.director.months import Month

Series = Sequence[tuple[dt.date, Month]]


def revenue(months: Series) -> dict[str, Any]:
    """Bars of revenue, and a line of the accounts that bought on an axis of their own."""
    bars = {"name": _("Net revenue"), "type": "bar", "data": [float(month.revenue_amount) for _day, month in months]}
    buyers = {
        "name": _("Accounts that bought"), "type": "line", "yAxisIndex": 1, "kam": {"number": "count"},
        "data": [month.buyers for _day, month in months],
    }  # fmt: skip
    money = {"number": "money", "currency": settings.REPORTING_CURRENCY}
    counts = {"type": "value", "minInterval": 1, "splitLine": {"show": False}, "kam": {"number": "count"}}
    return _by_month(months, [bars, buyers], money) | {"yAxis": [{"type": "value"}, counts]}


def coverage(months: Series) -> dict[str, Any]:
    data = [_number(month.coverage, 4) for _day, month in months]
    line = {"name": _("Within the cadence"), "type": "line", "showSymbol": True, "data": data}
    return _by_month(months, [line], {"number": "percent"}) | {"yAxis": {"type": "value", "min": 0, "max": 1}}


def scores(months: Series) -> dict[str, Any]:
    """Average health and NPS: both are points, health from 0 to 100 and NPS from −100 to 100."""
    health: dict[str, Any] = {
        "name": _("Health"),
        "type": "line",
        "data": [_number(month.health, 1) for _day, month in months],
    }
    nps: dict[str, Any] = {"name": _("NPS"), "type": "line", "data": [_number(month.nps, 1) for _day, month in months]}
    for one in (health, nps):
        one |= {"showSymbol": True, "connectNulls": True}
    return _by_month(months, [health, nps], {"number": "count"}) | {"yAxis": {"type": "value"}}


def _by_month(months: Series, series: list[dict[str, Any]], kam: dict[str, str]) -> dict[str, Any]:
    names = [f"{day:%Y-%m}" for day, _month in months]
    return {
        "kam": {**kam, "head": _("Month")},
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "data": names},
        "series": series,
    }


def _number(value: Decimal | None, digits: int) -> float | None:
    return None if value is None else round(float(value), digits)


def regions(places: Sequence[Any]) -> dict[str, Any]:
    """Revenue of 12 months and of the 12 before, region by region, the largest on top."""
    shown = list(places)[::-1]
    return {
        "kam": {"number": "money", "currency": settings.REPORTING_CURRENCY, "head": _("Region")},
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "value"},
        "yAxis": {"type": "category", "data": [place.label for place in shown]},
        "series": [
            {"name": _("12 months"), "type": "bar", "data": [float(place.revenue) for place in shown]},
            {"name": _("12 months before"), "type": "bar", "data": [float(place.prior) for place in shown],
             "itemStyle": {"color": "muted"}},
        ],
    }  # fmt: skip
