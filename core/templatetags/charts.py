"""The chart of the pages: an ECharts option with its table, its menu, and why it is empty. A built-in as ui.py is."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.html import json_script
from django.utils.safestring import SafeString, mark_safe

from core import charts
from core.templatetags import ui

register = template.Library()

CHART = dict.fromkeys(("title", "detail", "label", "note", "foot", "empty"), "") | dict.fromkeys(
    ("bare", "beside", "open", "tall", "tableless"), False
)
CHART_SIZES = ("xs", "sm", "md", "lg")


@register.simple_block_tag(end_name="endchart")
def chart(content: str, name: str, option: dict[str, Any] | None, **how: Any) -> SafeString:
    """An ECharts chart of `option`, with its table and a menu that saves either.

    What stands between the tags is the page's own table; without it the table is made from the option. `title` heads
    the card and names the picture, `detail` is written beside it, `label` says to a screen reader what is drawn.
    `size` is xs, sm, md or lg; `note` stands above, `foot` below; `empty` says why there is nothing to draw. `bare` is
    without a card, `tall` as high as its row; the table is behind a toggle, or `beside` the chart, or `open` below it,
    or none (`tableless`: it stands elsewhere).
    """
    how = CHART | {"size": "md"} | how
    if how["size"] not in CHART_SIZES or set(how) - {*CHART, "size"}:
        message = f"chart {name!r}: a size of {CHART_SIZES} and the words of {tuple(CHART)}, not {how}"
        raise template.TemplateSyntaxError(message)
    context: dict[str, Any] = {
        "name": name,
        "content": mark_safe(content.strip()),  # noqa: S308 - rendered already
        "how": how,
        "payload": "",
        "table": None,
    }
    if option and charts.has_data(option):
        table = context["table"] = charts.table_of(option)
        kam = {**option.get("kam", {}), "table": table.raw()}
        context["payload"] = json_script({**option, "kam": kam}, name)
    return mark_safe(render_to_string("components/chart.html", context))  # noqa: S308 - a template of ours


@register.simple_tag
def chart_cell(value: Any, kind: str, currency: str) -> SafeString | str:
    """A cell of a chart's table, written as the axis writes it."""
    if value is None:
        return ui.NOTHING
    if isinstance(value, str):
        return value
    if kind == "money":
        return ui.money(Decimal(str(value)), currency)
    return ui.percent(value) if kind == "percent" else ui.number(value, 0 if float(value).is_integer() else 1)
