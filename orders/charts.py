"""The ECharts option of an account's revenue: stacked bars by product line, last year as a line."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from orders.revenue import RevenueHistory


def revenue(history: RevenueHistory) -> dict[str, Any]:
    """Bars for each product line by month; numbers are formatted by the page as money in the history's currency."""
    bars: list[dict[str, Any]] = [
        {"name": name, "type": "bar", "stack": "revenue", "data": [float(amount) for amount in amounts]}
        for name, amounts in history.lines
    ]
    before = {
        "name": _("A year before"),
        "type": "line",
        "data": [float(amount) for amount in history.last_year],
        "lineStyle": {"type": "dashed", "color": "muted"},
        "itemStyle": {"color": "muted"},
    }
    return {
        "kam": {"number": "money", "currency": history.currency},
        "tooltip": {"trigger": "axis", "renderMode": "richText"},
        "legend": {"top": 0, "type": "scroll"},
        "grid": {"left": 8, "right": 8, "top": 36, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "category", "data": [f"{month:%Y-%m}" for month in history.months]},
        "yAxis": {"type": "value"},
        "series": [*bars, before],
    }
