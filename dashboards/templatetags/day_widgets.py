"""What only the dashboards draw: bars and lines as SVG, which need no script and print as they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import template
from django.utils import formats
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core import numbers
from dashboards.days import Day
from dashboards.drawing import bar_boxes, line_points

register = template.Library()

WIDTH, HEIGHT = 240, 64


@register.simple_tag
def sparkline(amounts: Sequence[Decimal], label: Any) -> SafeString:
    """A line through the amounts."""
    points = line_points(amounts, WIDTH, HEIGHT // 2, margin=3)
    if not points:
        return SafeString("")
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return format_html(
        '<svg class="sparkline" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<polyline points="{}"/></svg>',
        WIDTH,
        HEIGHT // 2,
        label,
        path,
    )


@register.simple_tag
def month_bars(months: Sequence[tuple[dt.date, Decimal]], currency: str, label: Any) -> SafeString:
    """A bar for each month, its exact amount on hover; what is below zero hangs down."""
    boxes = bar_boxes([amount for _month, amount in months], WIDTH, HEIGHT)
    bars = format_html_join(
        "",
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}"><title>{} {}</title></rect>',
        (
            (
                "bar-negative" if amount < 0 else "bar",
                *(f"{side:.1f}" for side in box),
                formats.date_format(month, "YEAR_MONTH_FORMAT"),
                numbers.full_money(amount, currency),
            )
            for box, (month, amount) in zip(boxes, months, strict=True)
        ),
    )
    return format_html(
        '<svg class="month-bars" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>',
        WIDTH,
        HEIGHT,
        label,
        bars,
    )


@register.simple_tag
def day_url(day: Day, name: str = "", **query: Any) -> str:
    """A page about this day, person and team."""
    return day.address(name, **{key: str(value) for key, value in query.items()})
