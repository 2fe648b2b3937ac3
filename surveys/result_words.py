"""Scores in words and digits, the same on pages, in files and in the summary."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from core import numbers
from surveys.choices import QuestionKind
from surveys.metrics import Score


def score_words(value: float, kind: str, *, sign: bool = False) -> str:
    """A score in the unit of its kind: NPS +25, CSAT 72%, CES and means 5.3. `sign`: a difference, with its sign."""
    if kind == QuestionKind.NPS:
        return _signed(value, 0)
    if kind == QuestionKind.CSAT:
        return _("%(points)s pts") % {"points": _signed(value, 0)} if sign else f"{numbers.plain(value)}%"
    return _signed(value, 1) if sign else numbers.plain(value, 1)


def _signed(value: float, digits: int) -> str:
    text = numbers.plain(value, digits)
    if not text.strip("−0."):
        return text.removeprefix(numbers.MINUS)
    return text if text.startswith(numbers.MINUS) else f"+{text}"


def interval_words(score: Score, kind: str) -> str:
    """The interval of a score."""
    if score.low is None or score.high is None:
        return ""
    ends = {"low": score_words(score.low, kind), "high": score_words(score.high, kind)}
    return _("%(low)s to %(high)s") % ends


def trend_option(points: list[Any], kind: str, names: list[str]) -> dict[str, Any]:
    """The ECharts option of a trend: the score, and the ends of its interval."""

    def data(end: str) -> list[float | None]:
        found = [getattr(point.score, end) for point in points]
        return [None if value is None else round(value, 2) for value in found]

    dashed = {"lineStyle": {"type": "dashed", "width": 1, "color": "muted"}, "itemStyle": {"color": "muted"}}
    low, high = points[0].score.scale if points else (0, 100)
    return {
        "kam": {"number": "plain"},
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "data": names},
        "yAxis": {"type": "value", "min": low, "max": high},
        "series": [
            {"name": _("Score"), "type": "line", "data": data("value"), "showSymbol": True,
             "lineStyle": {"width": 2, "color": "accent"}, "itemStyle": {"color": "accent"}},
            {"name": _("Confidence interval, from"), "type": "line", "data": data("low"), **dashed},
            {"name": _("Confidence interval, to"), "type": "line", "data": data("high"), **dashed},
        ],
    }  # fmt: skip
