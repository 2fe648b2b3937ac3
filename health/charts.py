"""ECharts options of scores: the course at an account, the distribution, the flow between bands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from core.charts import time_axis
from health.choices import Band

COLOURS = {Band.HEALTHY.value: "good", Band.WATCH.value: "warn", Band.AT_RISK.value: "bad", "": "muted"}
TOP = 100
GRID = {"left": 8, "right": 16, "top": 36, "bottom": 8, "containLabel": True}


def history(points: Sequence[Any], profile: Any) -> dict[str, Any]:
    """The score over time with the bands of the profile behind it, and the probability (in per cent) beside it."""
    chances = [[_day(point), round(100 * point.probability)] for point in points if point.probability is not None]
    score = {
        "name": _("Health score"),
        "type": "line",
        "showSymbol": True,
        "lineStyle": {"width": 2},
        "data": [[_day(point), point.score] for point in points],
        "markArea": {"silent": True, "data": _areas(profile)},
    }
    chance = {
        "name": _("Churn probability, per cent"),
        "type": "line",
        "lineStyle": {"type": "dashed", "width": 1.5},
        "data": chances,
    }
    return {
        "tooltip": {"trigger": "axis", "renderMode": "richText", "axisPointer": {"type": "line"}},
        "grid": GRID,
        "xAxis": time_axis(),
        "yAxis": {"type": "value", "min": 0, "max": TOP},
        "series": [score, chance] if chances else [score],
    }


def histogram(bins: Sequence[Any]) -> dict[str, Any]:
    """How many accounts have a score of 0 to 9, 10 to 19 and so on."""
    return {
        "grid": {**GRID, "top": 16},
        "xAxis": {"type": "category", "data": [str(one.label) for one in bins]},
        "yAxis": {"type": "value", "minInterval": 1},
        "series": [{"name": _("Accounts"), "type": "bar", "data": [one.count for one in bins]}],
    }


def flow(moves: Sequence[tuple[str, str, int]]) -> dict[str, Any]:
    """A Sankey diagram from the bands then (left) to those now (right); `moves` are band, band, accounts."""
    order = [*Band.values, ""]
    then = [band for band in order if any(move[0] == band for move in moves)]
    now = [band for band in order if any(move[1] == band for move in moves)]
    links = [
        {"source": _key(band, before=True), "target": _key(after, before=False), "value": count}
        for band, after, count in moves
    ]
    nodes = [_node(band, 0) for band in then] + [_node(band, 1) for band in now]
    return {
        "tooltip": {"trigger": "item", "renderMode": "richText"},
        "series": [
            {
                "type": "sankey",
                "left": 8,
                "right": 110,
                "top": 12,
                "bottom": 12,
                "nodeAlign": "justify",
                "layoutIterations": 0,
                "draggable": False,
                "data": nodes,
                "links": links,
                "lineStyle": {"color": "source", "opacity": 0.35},
            }
        ],
    }


def band_label(band: str) -> str:
    """A band in words; without one there was no score."""
    return str(Band(band).label) if band else _("No score")


def _areas(profile: Any) -> list[list[dict[str, Any]]]:
    bounds = [
        (Band.AT_RISK.value, 0, profile.watch_from),
        (Band.WATCH.value, profile.watch_from, profile.healthy_from),
        (Band.HEALTHY.value, profile.healthy_from, TOP),
    ]
    return [
        [{"yAxis": low, "itemStyle": {"color": COLOURS[band], "opacity": 0.09}}, {"yAxis": high}]
        for band, low, high in bounds
    ]


def _day(point: Any) -> str:
    return str(point.date.isoformat())


def _key(band: str, *, before: bool) -> str:
    text = _("then: %(band)s") if before else _("now: %(band)s")
    return text % {"band": band_label(band)}


def _node(band: str, depth: int) -> dict[str, Any]:
    return {"name": _key(band, before=depth == 0), "depth": depth, "itemStyle": {"color": COLOURS[band]}}
