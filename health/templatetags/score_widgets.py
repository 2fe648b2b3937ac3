"""Widgets that only the pages about scores have."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import numbers
from core.templatetags.ui import NOTHING, day, status_dot
from health.charts import band_label
from health.choices import Band

register = template.Library()

DOTS = {Band.HEALTHY.value: "ok", Band.WATCH.value: "warning", Band.AT_RISK.value: "danger", "": "muted"}
RADIUS, CENTRE, TICK = 70, 84, 9
FULL_LOSS = 25.0
"""Points that fill the bar of a loss."""


@register.simple_tag
def band_dot(band: str) -> SafeString:
    """The band as dot and word."""
    return status_dot(DOTS.get(band, "muted"), band_label(band))


@register.simple_tag
def stored_day(iso: str) -> SafeString:
    """A date of a stored document (`2026-05-01`) as the language writes it."""
    return day(dt.date.fromisoformat(iso))


@register.simple_tag
def gauge(health: Any) -> SafeString:
    """Half a circle from 0 to 100, filled up to the score in the colour of its band; ticks where the bands begin."""
    score = health.score
    label = _("Health score %(score)s of 100: %(band)s") % {
        "score": "–" if score is None else score, "band": band_label(health.band),
    }  # fmt: skip
    ticks = format_html_join(
        "", '<line class="gauge-tick" x1="{}" y1="{}" x2="{}" y2="{}"/>',
        (_tick(bound) for bound in (health.profile.watch_from, health.profile.healthy_from)),
    )  # fmt: skip
    arc = f"M {CENTRE - RADIUS} {CENTRE} A {RADIUS} {RADIUS} 0 0 1 {CENTRE + RADIUS} {CENTRE}"
    filled = format_html(
        '<path class="gauge-{}" d="{}" pathLength="100" stroke-dasharray="{} 200"/>', health.band, arc, score
    ) if score else ""  # fmt: skip
    return format_html(
        '<svg viewBox="0 0 {0} {1}" role="img" aria-label="{2}"><path class="gauge-track" d="{3}"/>{4}{5}'
        '<text x="{6}" y="{7}">{8}</text><text class="gauge-end" x="{9}" y="{1}">0</text>'
        '<text class="gauge-end" x="{10}" y="{1}">100</text></svg>',
        2 * CENTRE, CENTRE + 14, label, arc, filled, ticks, CENTRE, CENTRE - 4, "–" if score is None else score,
        CENTRE - RADIUS, CENTRE + RADIUS,
    )  # fmt: skip


def _tick(bound: int) -> tuple[float, ...]:
    angle = math.pi * (1 - bound / 100)
    ends = [(RADIUS - TICK) * 1.0, (RADIUS + TICK) * 1.0]
    return tuple(
        round(value, 1) for end in ends for value in (CENTRE + end * math.cos(angle), CENTRE - end * math.sin(angle))
    )


@register.simple_tag
def loss_bar(lost: float) -> SafeString:
    """How much a signal cost, as a bar; the number stands beside it."""
    width = round(100 * min(lost / FULL_LOSS, 1.0), 1)
    mild = " is-mild" if lost < FULL_LOSS / 5 else ""
    return format_html(
        '<svg class="loss-bar{}" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        '<rect width="100" height="10"/><rect width="{}" height="10"/></svg>',
        mild, width,
    )  # fmt: skip


@register.simple_tag
def reason_bar(share: float) -> SafeString:
    """Which way and how far something pushes: to the right where it makes the loss likelier."""
    width = round(abs(share) * 48, 1)
    return format_html(
        '<svg class="reason-bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="{}" x="{}" y="1" width="{}" height="8"/><line x1="50" x2="50" y1="0" y2="10"/></svg>',
        "is-up" if share > 0 else "is-down", 50 if share > 0 else round(50 - width, 1), width,
    )  # fmt: skip


@register.simple_tag
def points(value: float) -> str:
    """Points of a score, with one decimal where it is not whole."""
    return numbers.plain(value, 0 if float(value).is_integer() else 1)


@register.simple_tag
def odds(contribution: float) -> str:
    """A contribution in log-odds as the factor by which it changes the odds."""
    return f"×{numbers.plain(math.exp(contribution), 2)}"


@register.simple_tag
def band_bar(counts: Sequence[tuple[str, int]], label: str) -> SafeString:
    """The shares of the bands as one stacked bar; the numbers stand beside it."""
    total = sum(count for _band, count in counts)
    if not total:
        return NOTHING
    parts, at = [], 0.0
    for band, count in counts:
        width = 100 * count / total
        parts.append((band or "none", round(at, 2), round(width, 2)))
        at += width
    inner = format_html_join("", '<rect class="is-{}" x="{}" width="{}" height="10"/>', parts)
    return format_html(
        '<svg class="band-bar" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>',
        label, inner,
    )  # fmt: skip


@register.simple_tag
def band_name(band: str) -> str:
    """The band in words alone."""
    return band_label(band)
