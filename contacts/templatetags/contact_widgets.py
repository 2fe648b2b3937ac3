"""Widgets of people: attitude, closeness, what they wish."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from contacts.choices import Attitude, Closeness, DecisionRole
from contacts.fields import EXTENSION, readable
from core.templatetags.ui import NOTHING, status_dot

register = template.Library()

ATTITUDES = {
    Attitude.MENTOR: "ok",
    Attitude.SUPPORTER: "ok",
    Attitude.NEUTRAL: "muted",
    Attitude.CRITIC: "warning",
    Attitude.OPPONENT: "danger",
}
STEPS = range(1, max(Closeness) + 1)


@register.simple_tag
def attitude(value: str) -> SafeString:
    """How a person thinks of us, as dot and word."""
    return status_dot(ATTITUDES[Attitude(value)], Attitude(value).label) if value else NOTHING


@register.simple_tag
def decision_role(value: str) -> SafeString:
    """The part of a person in decisions."""
    if not value:
        return NOTHING
    return format_html('<span class="badge role role-{}">{}</span>', value, DecisionRole(value).label)


@register.simple_tag
def closeness(today: int, wanted: int) -> SafeString:
    """The ladder of a relationship: filled up to today's step, outlined up to the wanted one; both in words."""
    if not today and not wanted:
        return NOTHING
    steps = [
        format_html('<i class="{}"></i>', "is-there" if step <= today else "is-wanted" if step <= wanted else "")
        for step in STEPS
    ]
    words = str(Closeness(today).label)
    if wanted and wanted != today:
        words = _("%(today)s, wanted: %(wanted)s") % {"today": words, "wanted": Closeness(wanted).label}
    return format_html(
        '<span class="ladder" title="{}"><span class="ladder-steps" aria-hidden="true">{}</span>'
        '<span class="ladder-words">{}</span></span>',
        words,
        SafeString("".join(steps)),
        words,
    )


@register.simple_tag
def phone(number: str) -> SafeString:
    """A number as people read it, which a phone dials."""
    if not number:
        return NOTHING
    return format_html('<a href="tel:{}" class="text-nowrap">{}</a>', number.replace(EXTENSION, ","), readable(number))
