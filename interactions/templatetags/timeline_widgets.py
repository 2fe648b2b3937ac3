"""Widgets of interactions: how kinds, outcomes and moods look, the heading of a day."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils import formats, timezone, translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.templatetags.ui import icon, status_dot
from interactions.choices import Direction, Kind, Mood, Outcome
from interactions.models import Interaction
from interactions.timeline import Part

register = template.Library()

# icons: map-pin phone users mail brand-wechat gift school messages note
KIND_ICONS = {
    Kind.VISIT: "map-pin",
    Kind.CALL: "phone",
    Kind.MEETING: "users",
    Kind.EMAIL: "mail",
    Kind.WECHAT: "brand-wechat",
    Kind.GIFT: "gift",
    Kind.TRAINING: "school",
    Kind.LIAISON_MEETING: "messages",
    Kind.NOTE: "note",
}
# icons: mood-sad mood-confused mood-empty mood-smile mood-happy
MOOD_ICONS = {
    Mood.VERY_BAD: "mood-sad",
    Mood.BAD: "mood-confused",
    Mood.NEUTRAL: "mood-empty",
    Mood.GOOD: "mood-smile",
    Mood.VERY_GOOD: "mood-happy",
}
OUTCOME_DOTS = {
    Outcome.GOOD: "ok",
    Outcome.NEUTRAL: "muted",
    Outcome.BAD: "danger",
    Outcome.NOT_REACHED: "warning",
}


@register.simple_tag
def kind_icon(kind: str) -> SafeString:
    """The icon of a kind; decoration beside its word."""
    return icon(KIND_ICONS.get(Kind(kind), "note"))


@register.simple_tag
def outcome(row: Interaction) -> SafeString:
    """The outcome as a dot with its word; nothing where none was given."""
    if not row.outcome:
        return SafeString()
    return status_dot(OUTCOME_DOTS[Outcome(row.outcome)], Outcome(row.outcome).label)


@register.simple_tag
def mood(row: Interaction) -> SafeString:
    """The mood as a face with its word for who cannot see it; nothing where none was given."""
    if row.mood is None:
        return SafeString()
    words = f"{_('Mood')}: {Mood(row.mood).label}"
    face = icon(MOOD_ICONS[Mood(row.mood)])
    return format_html('<span class="mood mood-{}" title="{}">{}<span class="visually-hidden">{}</span></span>',
                       row.mood, words, face, words)  # fmt: skip


@register.simple_tag
def who_with_whom(row: Interaction, show_account: object = None) -> SafeString:
    """Account, kind, their people ↔ our people, place and length, as far as they are known, on one line."""
    parts = row.parts  # type: ignore[attr-defined]
    comma = pgettext("between names", ", ")
    theirs = format_html_join(
        comma,
        '<a href="{}">{}</a>',
        ((reverse("contacts:contact_detail", args=[person.pk]), part_name(person)) for person in parts.contacts),
    )
    names = [person.name for person in parts.colleagues if person.pk != row.author_id]
    ours = comma.join([*([str(row.author)] if row.author else []), *names])
    arrow = SafeString(' <span class="text-secondary" aria-hidden="true">↔</span> ') if theirs and ours else ""
    account = row.account if show_account else None
    link = account and format_html('<a href="{}">{}</a>', account.get_absolute_url(), account.local_name)
    facts = [link, _kind_words(row), format_html("{}{}{}", theirs, arrow, ours), row.place, _length(row)]
    return format_html_join(" · ", "{}", ((fact,) for fact in facts if fact))


def _kind_words(row: Interaction) -> str:
    """The kind, unless it is the heading already, and who began it where it was the customer."""
    began = row.get_direction_display() if row.direction == Direction.INBOUND else ""
    if not row.title:
        return began
    return f"{row.get_kind_display()} ({began})" if began else row.get_kind_display()


def _length(row: Interaction) -> str:
    return _("%(n)s min") % {"n": row.duration_minutes} if row.duration_minutes else ""


@register.simple_tag
def day_heading(date: dt.date) -> SafeString:
    """Today, yesterday, or the date with its weekday."""
    ago = (timezone.localdate() - date).days
    parts = {"date": formats.date_format(date, "DATE_FORMAT"), "weekday": formats.date_format(date, "l")}
    written = _("%(weekday)s, %(date)s") % parts
    near = {0: _("Today"), 1: _("Yesterday")}.get(ago)
    shown = format_html('{} <span class="text-secondary">{}</span>', near, written) if near else written
    return format_html('<time datetime="{}">{}</time>', date.isoformat(), shown)


@register.simple_tag
def topic_query(topic: Part) -> str:
    """The query string of the timeline with this topic only."""
    return urlencode({"topic": topic.name})


@register.filter
def part_name(part: Part) -> str:
    """The name in the reader's language."""
    english = (translation.get_language() or "").startswith("en")
    return part.other if english and part.other else part.name


@register.filter
def is_overdue(step: object) -> bool:
    """Whether an open step's due date is over."""
    return step.is_overdue(timezone.localdate())  # type: ignore[attr-defined]
