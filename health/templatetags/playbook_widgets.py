"""Playbooks on pages: what one is used for, how far it is at an account, texts in every language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.choices import Stage
from health.choices import Reason
from health.models import Playbook
from health.texts import in_language

register = template.Library()


@register.simple_tag
def text_of(texts: Mapping[str, str]) -> str:
    """A text in the reader's language."""
    return in_language(texts)


@register.simple_tag
def used_for(playbook: Playbook) -> SafeString:
    """The reasons and the stages as labels."""
    reasons = [("pb-reason", str(Reason(code).label)) for code in playbook.reasons]
    stages = [("pb-stage", str(Stage(code).label)) for code in playbook.stages]
    if not reasons and not stages:
        return format_html('<span class="text-secondary">{}</span>', _("by hand"))
    return format_html_join(" ", '<span class="badge {}">{}</span>', reasons + stages)


@register.simple_tag
def due_words(days: int) -> str:
    """Within how many working days."""
    if days == 0:
        return _("the same day")
    return ngettext("within %(count)d working day", "within %(count)d working days", days) % {"count": days}


@register.simple_tag
def progress(settled: int, total: int) -> SafeString:
    """How many of the tasks are settled, as a bar beside the numbers."""
    text = _("%(settled)d of %(total)d done") % {"settled": settled, "total": total}
    bar = '<progress class="pb-progress" max="{}" value="{}" aria-hidden="true"></progress>'
    return format_html('<span class="pb-far">' + bar + "<span>{}</span></span>", total, settled, text)


@register.simple_tag
def late_by(due: dt.date, today: dt.date) -> str:
    """How many days a task is late; "" where it is not."""
    days = (today - due).days
    return ngettext("%(count)d day late", "%(count)d days late", days) % {"count": days} if days > 0 else ""


@register.simple_tag
def points(share: float | None) -> str:
    """A difference of shares in percentage points, signed."""
    return "–" if share is None else _("%(points)s points") % {"points": f"{share * 100:+.0f}".replace("-", "−")}


@register.inclusion_tag("health/texts_field.html")
def texts_field(
    texts: Sequence[tuple[str, str, Any]], label: Any, *, required: bool = False, compact: bool = False
) -> dict[str, Any]:
    """One text in each language; a script shows one language at a time, without it all are shown."""
    return {"texts": texts, "label": label, "required": required, "compact": compact}
