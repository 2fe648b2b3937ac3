"""Widgets that only the account pages have."""

import datetime as dt
from typing import Any

from django import template
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.choices import HealthBand
from accounts.models import AccountSummary
from core import numbers
from core.templatetags.ui import NOTHING, day, icon

register = template.Library()

BAND_DOTS = {HealthBand.HEALTHY: "ok", HealthBand.WATCH: "warning", HealthBand.AT_RISK: "danger"}
SPARK_WIDTH, SPARK_HEIGHT, WEEKS = 56, 18, 8


@register.simple_tag
def fact(label: str, value: Any) -> SafeString:
    """One line of the profile: a term and its value as the language writes it; nothing where there is no value."""
    if value in (None, ""):
        return SafeString()
    if isinstance(value, dt.date):
        value = formats.date_format(value, "DATE_FORMAT")
    elif isinstance(value, int):
        value = numbers.plain(value)
    return format_html("<dt>{}</dt><dd>{}</dd>", label, value)


@register.simple_tag
def signed(value: int | None) -> SafeString | str:
    """A score that may be below zero, with its sign: +25, −10, 0; a dash where there is none."""
    if value is None:
        return NOTHING
    return f"+{numbers.plain(value)}" if value > 0 else numbers.plain(value)


@register.simple_tag
def tab(key: str, active: str, url: str, label: str) -> SafeString:
    """One tab of the account page: a plain link that htmx turns into a swap of the panel."""
    state = SafeString(' aria-current="page"') if key == active else ""
    return format_html(
        '<li class="nav-item"><a class="nav-link{}" href="{}" hx-get="{}"{}>{}</a></li>',
        " active" if key == active else "",
        url,
        url,
        state,
        label,
    )


@register.simple_tag
def last_contact(summary: AccountSummary) -> SafeString:
    """The day of the last contact; with a sign and words where the next one is overdue."""
    shown = format_html("{}", day(summary.last_contact_date))
    return format_html("{} {}", shown, mark) if (mark := overdue_mark(summary)) else shown


@register.simple_tag
def overdue_mark(summary: AccountSummary) -> SafeString:
    """Says that the next contact is overdue, and since when; nothing where it is not."""
    if summary.contact_due_date is None or not summary.is_overdue(timezone.localdate()):
        return SafeString()
    due = formats.date_format(summary.contact_due_date, "DATE_FORMAT")
    title = _("Overdue: was due on %(date)s") % {"date": due}  # icons: clock-exclamation
    return format_html('<span class="overdue" title="{}">{}{}</span>', title, icon("clock-exclamation"), _("Overdue"))


@register.simple_tag
def health(summary: AccountSummary, *, long: bool = False) -> SafeString:
    """The health score with the sign of its band (`long`: its word too) and the line of the last eight weeks."""
    if summary.health_score is None:
        return NOTHING
    band = HealthBand(summary.health_band)
    words = format_html("{}" if long else '<span class="visually-hidden">{}</span>', band.label)
    return format_html(
        '<span class="health health-{}" title="{}"><span class="dot dot-{}"></span><b>{}</b> {}{}</span>',
        band.value, band.label, BAND_DOTS[band], summary.health_score, words, _spark(summary.health_trend),
    )  # fmt: skip


def _spark(scores: list[int | None]) -> SafeString:
    """The scores of the weeks as a line from 0 to 100, the newest at the right end; weeks without one are skipped."""
    first = WEEKS - len(scores)
    placed = [
        (round(2 + (SPARK_WIDTH - 4) * (first + week) / (WEEKS - 1), 1), _height(score), score)
        for week, score in enumerate(scores)
        if score is not None
    ]
    if len(placed) < 2:
        return SafeString()
    label = _("Eight weeks: %(scores)s") % {"scores": " → ".join(str(score) for _x, _y, score in placed)}
    return format_html(
        '<svg class="spark" viewBox="0 0 {} {}" role="img" aria-label="{}"><title>{}</title>'
        '<polyline points="{}"/><circle cx="{}" cy="{}" r="1.8"/></svg>',
        SPARK_WIDTH, SPARK_HEIGHT, label, label, " ".join(f"{x},{y}" for x, y, _score in placed), *placed[-1][:2],
    )  # fmt: skip


def _height(score: int) -> float:
    return round(SPARK_HEIGHT - 2 - (SPARK_HEIGHT - 4) * score / 100, 1)
