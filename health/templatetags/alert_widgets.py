"""Widgets that only the pages about alerts have."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import template
from django.conf import settings
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from core import numbers
from core.templatetags.ui import NOTHING, icon, status_dot
from health.choices import ACTIVE_ALERTS, AlertStatus, Band, Reason, Severity

register = template.Library()

DOTS = {
    AlertStatus.HELD: "muted",
    AlertStatus.OPEN: "warning",
    AlertStatus.ACKNOWLEDGED: "info",
    AlertStatus.SNOOZED: "muted",
    AlertStatus.RESOLVED: "ok",
}
BANDS = {Band.HEALTHY: "ok", Band.WATCH: "warning", Band.AT_RISK: "danger"}
# icons: alert-octagon alert-triangle alert-circle info-circle
SIGNS = {
    Severity.CRITICAL: "alert-octagon",
    Severity.HIGH: "alert-triangle",
    Severity.MEDIUM: "alert-circle",
    Severity.LOW: "info-circle",
}
WIDTH, HEIGHT = 320, 90
TOP = 100


@register.simple_tag
def severity(value: int, *, short: bool = False) -> SafeString:
    """The severity as sign and word (`short`: the word for screen readers and on hover)."""
    known = Severity(value)
    words = format_html('<span class="visually-hidden">{}</span>' if short else "{}", known.label)
    return format_html(
        '<span class="severity severity-{}" title="{}">{}{}</span>', known.value, known.label, icon(SIGNS[known]), words
    )


@register.simple_tag
def alert_state(alert: Any) -> SafeString:
    """The status with its colour; until when where it is snoozed, how where it is resolved."""
    label = alert.get_status_display()
    if alert.status == AlertStatus.SNOOZED:
        label = _("Snoozed until %(date)s") % {"date": formats.date_format(alert.snoozed_until, "DATE_FORMAT")}
    elif alert.status == AlertStatus.RESOLVED:
        label = f"{label} · {alert.get_outcome_display()}"
    return status_dot(DOTS[AlertStatus(alert.status)], label)


@register.simple_tag
def alert_due(alert: Any, now: dt.datetime) -> SafeString:
    """By when somebody has to act; with a sign and words where that has passed, and whether others were told."""
    if alert.due_at is None:
        return NOTHING
    local = timezone.localtime(alert.due_at)
    shown = format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(), formats.date_format(local, "DATETIME_FORMAT"), _short(local, now),
    )  # fmt: skip
    if alert.status not in ACTIVE_ALERTS or alert.due_at >= now:
        return shown
    words = _("Overdue")  # icons: alarm
    return format_html(
        '<span class="overdue" title="{}">{}{}<span class="visually-hidden"> {}</span></span>',
        words, icon("alarm"), shown, words,
    )  # fmt: skip


def _short(local: dt.datetime, now: dt.datetime) -> str:
    """The time where it is today, else the day."""
    if local.date() == timezone.localtime(now).date():
        return formats.date_format(local, "H:i")
    return formats.date_format(local, "MONTH_DAY_FORMAT" if local.year == now.year else "DATE_FORMAT")


@register.simple_tag
def score_line(points: Sequence[tuple[dt.date, int | None]], opened_on: dt.date, label: str) -> SafeString:
    """The course of the health score, 0 to 100, with the day on which the alert opened as a mark."""
    known = [(date, score) for date, score in points if score is not None]
    if len(known) < 2:
        return SafeString()
    first, days = known[0][0], max((known[-1][0] - known[0][0]).days, 1)
    placed = [
        ((date - first).days / days * (WIDTH - 8) + 4, HEIGHT - 4 - score / TOP * (HEIGHT - 8), date, score)
        for date, score in known
    ]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _date, _score in placed)
    dots = format_html_join(
        "", '<circle cx="{}" cy="{}" r="2.5"><title>{} · {}</title></circle>',
        ((f"{x:.1f}", f"{y:.1f}", formats.date_format(date, "DATE_FORMAT"), score) for x, y, date, score in placed),
    )  # fmt: skip
    at = (opened_on - first).days / days * (WIDTH - 8) + 4
    mark = format_html(
        '<line class="score-opened" x1="{0}" x2="{0}" y1="0" y2="{1}"><title>{2}</title></line>',
        f"{at:.1f}", HEIGHT, pgettext("of an alert", "Opened"),
    ) if 0 <= at <= WIDTH else ""  # fmt: skip
    return format_html(
        '<svg class="score-line" viewBox="0 0 {0} {1}" preserveAspectRatio="none" role="img" aria-label="{2}">'
        '<line class="score-grid" x1="0" x2="{0}" y1="{3}" y2="{3}"/>{4}<polyline points="{5}"/>{6}</svg>',
        WIDTH, HEIGHT, label, HEIGHT / 2, mark, path, dots,
    )  # fmt: skip


@register.simple_tag
def chance(value: float | None) -> SafeString | str:
    """A probability in whole per cent."""
    return NOTHING if value is None else numbers.percent(value, 0)


@register.simple_tag
def moved(before: float | None, now: float | None) -> SafeString:
    """How a probability has moved since, in points; what goes up is worse. Nothing where it stayed."""
    if before is None or now is None or round(now * 100) == round(before * 100):
        return SafeString()
    points = round(now * 100) - round(before * 100)
    name, css = ("trending-up", "trend-down") if points > 0 else ("trending-down", "trend-up")
    # icons: trending-up trending-down
    sign = f"+{points}" if points > 0 else numbers.plain(points)
    words = _("%(points)s points since the alert opened") % {"points": sign}
    return format_html('<span class="trend {}" title="{}">{}{}</span>', css, words, icon(name), sign)


@register.simple_tag
def band(health: Any) -> SafeString:
    """The score with the dot and the word of its band."""
    if health.score is None:
        return NOTHING
    dot = BANDS.get(health.band, "muted")
    return format_html("{} {}", numbers.plain(health.score), status_dot(dot, health.get_band_display()))


@register.simple_tag
def reason_words(code: str) -> str:
    """The reason of an alert, by its code."""
    return str(Reason(code).label) if code in Reason.values else ""


@register.simple_tag
def percent_span(span: Any) -> str:
    """From one probability to the next: 20–40%."""
    if span.high is None:
        return f"≥ {span.low or 0}%"
    return f"< {span.high}%" if span.low is None else f"{span.low}–{span.high}%"


@register.simple_tag
def amount_span(span: Any) -> str:
    """From one amount to the next, in the reporting currency."""
    currency, language = settings.REPORTING_CURRENCY, get_language() or "en"
    low, high = (end if end is None else numbers.short_money(end, currency, language) for end in (span.low, span.high))
    if low is None and high is None:
        return _("any amount")
    if high is None:
        return f"≥ {low}"
    return f"< {high}" if low is None else f"{low} – {high}"
