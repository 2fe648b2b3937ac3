"""Small parts of the pages of campaigns and invitations."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from core import numbers
from core.templatetags.ui import NOTHING, status_dot
from surveys.choices import CampaignStatus, InvitationStatus, MailStatus, NotAsked, Timing
from surveys.definition import read
from surveys.models import Campaign, LoopRule

register = template.Library()

CAMPAIGN_DOTS = {"draft": "muted", "running": "ok", "paused": "warning", "ended": "muted"}
INVITATION_DOTS = {
    "waiting": "muted", "sent": "info", "opened": "info", "started": "info", "answered": "ok", "bounced": "danger",
    "expired": "muted", "withdrawn": "muted",
}  # fmt: skip
MAIL_DOTS = {
    "waiting": "muted", "sending": "info", "sent": "ok", "delivered": "ok", "bounced": "danger",
    "uncertain": "warning", "dropped": "muted",
}  # fmt: skip


@register.simple_tag
def campaign_dot(campaign: Campaign) -> SafeString:
    """The state of a campaign."""
    return status_dot(CAMPAIGN_DOTS[campaign.status], CampaignStatus(campaign.status).label)


@register.simple_tag
def invitation_dot(status: str) -> SafeString:
    """The state of an invitation."""
    return status_dot(INVITATION_DOTS[status], InvitationStatus(status).label)


@register.simple_tag
def mail_dot(status: str) -> SafeString:
    """The state of a mail."""
    return status_dot(MAIL_DOTS[status], MailStatus(status).label)


@register.simple_tag
def campaign_timing(campaign: Campaign) -> str:
    """When it asks, in a few words: the event with its days where there is one."""
    if campaign.timing != Timing.EVENT:
        return str(Timing(campaign.timing).label)
    days = campaign.event_days
    return ngettext("%(event)s, %(count)d day after", "%(event)s, %(count)d days after", days) % {
        "event": campaign.get_event_display(), "count": days,
    }  # fmt: skip


@register.simple_tag
def recurring_words(campaign: Campaign) -> str:
    """How often each tier is asked."""
    tiers = (("A", campaign.every_months_a), ("B", campaign.every_months_b), (_("others"), campaign.every_months_c))
    parts = []
    for tier, months in tiers:
        words = ngettext("every month", "every %(count)d months", months) % {"count": months} if months else _("never")
        parts.append(_("%(tier)s: %(often)s") % {"tier": tier, "often": words})
    return " · ".join(parts)


@register.simple_tag
def rate_bar(share: float | None) -> SafeString:
    """A share as a bar with its per cent; a dash where there is none."""
    if share is None:
        return NOTHING
    return format_html(
        '<span class="share-bar"><progress max="100" value="{}" aria-hidden="true"></progress>{}</span>',
        min(round(share * 100), 100), numbers.percent(share, 0),
    )  # fmt: skip


@register.simple_tag
def reason_words(reason: str) -> str:
    """Why contacts are not asked."""
    return str(NotAsked(reason).label)


@register.simple_tag(takes_context=True)
def rule_words(context: Any, rule: LoopRule, campaign: Campaign) -> SafeString:
    """A rule for follow-ups: the question, the range, what follows."""
    data = campaign.definition or campaign.questionnaire_version.definition
    asked = context.render_context.get("rule_questions")
    if asked is None:
        asked = context.render_context["rule_questions"] = read(data).by_key
    question = asked.get(rule.question)
    words = question.text.into(get_language() or "en") if question else rule.question
    return format_html(
        '<span class="survey-rule-range">{}–{}</span> <span>{}</span> <span class="text-secondary small">{}</span>',
        rule.low, rule.high, words, rule.get_kind_display(),
    )  # fmt: skip
