"""The ECharts option of calibration curves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _


def calibration(curves: Sequence[tuple[str, Sequence[dict[str, float]]]]) -> dict[str, Any]:
    """Predicted against actual shares by tenths; on the dashed line they are the same."""
    lines: list[dict[str, Any]] = [
        {"name": name, "type": "line", "data": [[row["predicted"], row["actual"]] for row in curve]}
        for name, curve in curves
    ]
    ideal = {
        "name": _("Predicted = actual"),
        "type": "line",
        "data": [[0, 0], [1, 1]],
        "symbol": "none",
        "lineStyle": {"type": "dashed", "color": "muted"},
        "itemStyle": {"color": "muted"},
    }
    axis = {"type": "value", "min": 0, "max": 1}
    return {
        "kam": {"number": "percent"},
        "tooltip": {"trigger": "item", "renderMode": "richText"},
        "legend": {"top": 0, "type": "scroll"},
        "grid": {"left": 8, "right": 16, "top": 36, "bottom": 8, "containLabel": True},
        "xAxis": axis,
        "yAxis": axis,
        "series": [*lines, ideal],
    }
