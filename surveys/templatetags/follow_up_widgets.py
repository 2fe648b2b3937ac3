"""Widgets that only the pages about closing the loop have."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import template
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import numbers
from core.templatetags.ui import NOTHING, icon, status_dot
from surveys.choices import FollowUpStatus
from surveys.metrics import Score
from surveys.result_words import interval_words, score_words

register = template.Library()

DOTS = {FollowUpStatus.OPEN: "warning", FollowUpStatus.CONTACTED: "info", FollowUpStatus.CLOSED: "ok"}
TWO_DAYS = dt.timedelta(days=2)


@register.simple_tag
def follow_up_state(follow_up: Any, *, short: bool = False) -> SafeString:
    """The status with its colour, and a sign (`short`, else with words) where it was escalated and is not closed."""
    dot = status_dot(DOTS[FollowUpStatus(follow_up.status)], follow_up.get_status_display())
    if follow_up.escalated_at is None or follow_up.status == FollowUpStatus.CLOSED:
        return dot
    words = format_html('<span class="visually-hidden">{}</span>' if short else "{}", _("escalated"))
    return format_html(
        '{} <span class="overdue" title="{}">{}{}</span>', dot, _("escalated"), icon("urgent"), words
    )  # icons: urgent


@register.simple_tag
def deadline(follow_up: Any, now: dt.datetime) -> SafeString:
    """The deadline to the minute; with a sign and words where it has passed and the loop is open, or was closed
    after it."""
    local = timezone.localtime(follow_up.due_at)
    shown = format_html(
        '<time datetime="{}">{}</time>', local.isoformat(), formats.date_format(local, "DATETIME_FORMAT")
    )
    if (follow_up.closed_at or now) <= follow_up.due_at:
        return shown
    words = _("Closed too late") if follow_up.closed_at else _("Overdue")
    return format_html(
        '<span class="overdue" title="{}">{}{}<span class="visually-hidden"> {}</span></span>',
        words, icon("alarm"), shown, words,
    )  # fmt: skip  # icons: alarm


@register.simple_tag
def elapsed(value: dt.timedelta | None) -> SafeString | str:
    """How long something took: hours below two days, else days, with one decimal."""
    if value is None:
        return NOTHING
    if value < TWO_DAYS:
        return _("%(number)s h") % {"number": numbers.plain(value.total_seconds() / 3600, 1)}
    return _("%(number)s d") % {"number": numbers.plain(value.total_seconds() / 86_400, 1)}


@register.simple_tag
def score(value: Score, kind: str) -> SafeString:
    """A score with the number of answers, its interval on hover; a dash where nobody answered."""
    if value.value is None:
        return NOTHING
    return format_html(
        '<span title="{}">{} <span class="text-secondary small">n = {}</span></span>',
        interval_words(value, kind), score_words(value.value, kind), value.n,
    )  # fmt: skip
