"""Widgets of the contact policy and the capacity pages."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import numbers
from core.templatetags.ui import NOTHING, icon
from interactions.workweeks import Week

register = template.Library()

# icons: alert-triangle beach
FULL = 100


@register.simple_tag
def load_bar(share: float, is_over: bool) -> SafeString:  # noqa: FBT001  as the template has it
    """The load as a bar and per cent; over capacity it says so with a sign and a word."""
    shown = numbers.percent(min(share, 9.99), 0)
    bar = format_html(
        '<progress class="load{}" max="{}" value="{}" aria-hidden="true"></progress>',
        " is-over" if is_over else "",
        FULL,
        min(FULL, round(share * FULL)),
    )
    if not is_over:
        return format_html('<span class="load-cell">{}<span>{}</span></span>', bar, shown)
    return format_html(
        '<span class="load-cell is-over">{}<span>{}</span>{}<span class="visually-hidden">{}</span></span>',
        bar,
        shown,
        icon("alert-triangle"),
        _("over capacity"),
    )


@register.simple_tag
def week_bar(week: Week) -> SafeString:
    """Planned of possible visits of a week as numbers and a bar; days of leave on hover."""
    if not week.capacity and not week.planned and not week.days_away:
        return NOTHING
    title = _("%(days)s days of leave") % {"days": week.days_away} if week.days_away else ""
    sign = format_html('{}<span class="visually-hidden">{}</span>', icon("alert-triangle"), _("over capacity"))
    return format_html(
        '<span class="load-cell{}" title="{}">'
        '<progress class="load{}" max="{}" value="{}" aria-hidden="true"></progress>'
        "<span>{}/{}</span>{}{}</span>",
        " is-over" if week.is_over else "",
        title,
        " is-over" if week.is_over else "",
        FULL,
        week.share,
        numbers.plain(week.planned),
        numbers.plain(week.capacity),
        icon("beach") if week.days_away else "",
        sign if week.is_over else "",
    )
