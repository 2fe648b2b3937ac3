"""ECharts options of a run: the Pareto curve with the tiers' bands, and the flow between tiers."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from tiers.choices import TIERS
from tiers.wording import tier_label

# Named for their meaning; charts.js puts in the tiers' colours of the theme. The labels say the same in text.
COLOURS = {"A": "tier-A", "B": "tier-B", "C": "tier-C", "": "muted"}


def curve(totals: dict[str, Any]) -> dict[str, Any]:
    """Percent of accounts (x) against percent of revenue (y); the tiers are bands between accounts."""
    return {
        "grid": {"left": 48, "right": 16, "top": 28, "bottom": 40},
        "tooltip": {"trigger": "axis", "renderMode": "richText"},
        "xAxis": {
            "type": "value",
            "min": 0,
            "max": 100,
            "name": _("Accounts, %"),
            "nameLocation": "middle",
            "nameGap": 26,
        },
        "yAxis": {"type": "value", "min": 0, "max": 100, "name": _("Revenue, %")},
        "series": [
            {
                "name": _("Cumulative revenue, %"),
                "type": "line",
                "showSymbol": False,
                "lineStyle": {"width": 2, "color": "accent"},
                "data": totals.get("curve", []),
                "markArea": {"silent": True, "label": {"position": "insideBottom"}, "data": _bands(totals)},
            }
        ],
    }


def flow(totals: dict[str, Any]) -> dict[str, Any]:
    """A Sankey diagram from the tiers before (left) to the proposed ones (right)."""
    moves = totals.get("flow", [])
    before = [tier for tier in (*TIERS, "") if any(move[0] == tier for move in moves)]
    after = [tier for tier in (*TIERS, "") if any(move[1] == tier for move in moves)]
    nodes = [_node("before", tier, 0) for tier in before] + [_node("after", tier, 1) for tier in after]
    return {
        "tooltip": {"trigger": "item", "renderMode": "richText"},
        "series": [
            {
                "type": "sankey",
                "left": 8,
                "right": 90,
                "top": 12,
                "bottom": 12,
                "nodeAlign": "justify",
                "layoutIterations": 0,
                "draggable": False,
                "data": nodes,
                "links": [{"source": _key("before", a), "target": _key("after", b), "value": n} for a, b, n in moves],
                "lineStyle": {"color": "source", "opacity": 0.35},
            }
        ],
    }


def _bands(totals: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """Where each tier lies on the axis of accounts; in the order of revenue, which is exact for Pareto only."""
    tiers = totals.get("tiers", {})
    ranked = totals.get("ranked") or 1
    bands, start = [], 0.0
    for tier in TIERS:
        end = min(start + 100 * tiers.get(tier, {}).get("accounts", 0) / ranked, 100.0)
        if end > start:
            style = {"color": COLOURS[tier], "opacity": 0.12}
            bands.append([{"name": tier, "xAxis": round(start, 3), "itemStyle": style}, {"xAxis": round(end, 3)}])
        start = end
    return bands


def _key(side: str, tier: str) -> str:
    label = _("before: %(tier)s") if side == "before" else _("proposed: %(tier)s")
    return label % {"tier": tier_label(tier)}


def _node(side: str, tier: str, depth: int) -> dict[str, Any]:
    return {"name": _key(side, tier), "depth": depth, "itemStyle": {"color": COLOURS[tier]}}
