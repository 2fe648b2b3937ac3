"""Scores, their intervals and how answers are spread, as the results pages write them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core import numbers
from core.templatetags.ui import NOTHING, icon
from surveys.choices import QuestionKind, ResponseSource
from surveys.metrics import Difference, Score
from surveys.reports import GROUPS, Bar
from surveys.result_words import interval_words, score_words

register = template.Library()
SVG = mark_safe('<svg class="spread" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">')


@register.simple_tag
def score(found: Score | None, kind: str) -> SafeString | str:
    """The score in the unit of its kind: +25, 72%, 5.3; a dash where nobody answered."""
    return NOTHING if not found or found.value is None else score_words(found.value, kind)


@register.simple_tag
def interval(found: Score | None, kind: str) -> SafeString | str:
    """From where to where the true score lies with 95% confidence."""
    return NOTHING if not found or found.low is None else interval_words(found, kind)


@register.simple_tag
def change(found: Difference | None, kind: str) -> SafeString:
    """How much a score changed; coloured only where chance alone would seldom do that."""
    if not found or found.value is None:
        return NOTHING
    level = "flat" if not found.is_clear else "up" if found.value > 0 else "down"
    name = {"up": "trending-up", "down": "trending-down", "flat": "arrow-right"}[level]
    text = score_words(found.value, kind, sign=True)
    if found.low is None or found.high is None:
        return format_html('<span class="trend trend-flat">{}{}</span>', icon(name), text)
    ends = [score_words(end, kind, sign=True) for end in (found.low, found.high)]
    said = _("clear difference") if found.is_clear else _("may be chance")
    title = _("%(said)s; with 95%% confidence from %(low)s to %(high)s") % {
        "said": said, "low": ends[0], "high": ends[1],
    }  # fmt: skip
    shown = format_html('<span class="trend trend-{}" title="{}">{}{}</span>', level, title, icon(name), text)
    return format_html('{} <span class="text-secondary small">{}</span>', shown, said)


@register.simple_tag
def spread(groups: Iterable[Bar]) -> SafeString:
    """The parts of a scale as one bar, from unhappy to happy; decoration beside numbers."""
    x, parts = 0.0, []
    for bar in groups:
        width = round(bar.share * 100, 2)
        parts.append((x, width, bar.tone))
        x += width
    inner = format_html_join("", '<rect x="{}" y="0" width="{}" height="10" class="tone-{}"></rect>', parts)
    return format_html("{}{}</svg>", SVG, inner)


@register.simple_tag
def level(bar: Bar) -> SafeString:
    """A share as a bar; decoration beside its number."""
    width = round(min(bar.share, 1.0) * 100, 2)
    return format_html(
        '{}<rect x="0" y="0" width="100" height="10" class="tone-rest"></rect>'
        '<rect x="0" y="0" width="{}" height="10" class="tone-{}"></rect></svg>',
        SVG, width, bar.tone,
    )  # fmt: skip


@register.simple_tag
def column(bar: Bar, bars: list[Bar]) -> SafeString:
    """How often a value was given as a column, the most frequent one as high as there is room; decoration."""
    most = max((each.share for each in bars), default=0)
    height = round(100 * bar.share / most, 2) if most else 0
    return format_html(
        '<svg class="column" viewBox="0 0 10 100" preserveAspectRatio="none" aria-hidden="true">'
        '<rect x="0" y="{}" width="10" height="{}" class="tone-{}"></rect></svg>',
        round(100 - height, 2), height, bar.tone,
    )  # fmt: skip


@register.simple_tag
def share_of(bar: Bar) -> str:
    """The share in per cent."""
    return numbers.percent(bar.share, 0)


@register.simple_tag
def group_name(kind: str, tone: str) -> str:
    """What the part of a scale is called."""
    if kind == QuestionKind.NPS:
        return {"bad": _("Detractors"), "mid": _("Passives"), "good": _("Promoters")}[tone]
    if kind == QuestionKind.CES:
        return {"bad": _("Hard"), "mid": pgettext("effort", "Neither"), "good": _("Easy")}[tone]
    return {"bad": _("Dissatisfied"), "mid": pgettext("satisfaction", "Neither"), "good": _("Satisfied")}[tone]


@register.simple_tag
def answers_link(links: Any, where: Any, answers: int, **kwargs: Any) -> SafeString:
    """A number of answers that opens them; of an anonymous campaign the number alone."""
    text = numbers.plain(answers)
    url = links.to(where, **kwargs)
    return format_html('<a href="{}">{}</a>', url, text) if url and answers else format_html("{}", text)


@register.simple_tag
def given(kind: str, value: Any) -> SafeString:
    """One person's answer to a question that rates, coloured as its part of the scale."""
    groups = GROUPS.get(QuestionKind(kind), ())
    tone = next((tone for tone, low, high in groups if low <= value <= high), "plain")
    return format_html('<span class="given given-{}"><span>{}</span> {}</span>', tone, kind.upper(), value)


@register.simple_tag
def source_word(source: str) -> str:
    """How an answer came that did not come through the contact's own link, in a word."""
    return {
        ResponseSource.PHONE: _("by phone"),
        ResponseSource.PAPER: _("on paper"),
        ResponseSource.API: "API",
        ResponseSource.IMPORT: _("imported"),
    }[ResponseSource(source)]


@register.simple_tag
def month_name(point: Any) -> str:
    """The month of a point, or from which to which."""
    first, last = f"{point.first:%Y-%m}", f"{point.last:%Y-%m}"
    return first if first == last else f"{first} – {last}"
