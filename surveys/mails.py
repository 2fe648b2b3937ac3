"""What the mails of a campaign say: in the contact's language, with the link, and a way out of all surveys."""

from __future__ import annotations

import hashlib
from email.utils import formataddr, parseaddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.formats import date_format

from surveys.choices import MailKind
from surveys.definition import LANGUAGES, Texts
from surveys.links import answer_url, unsubscribe_url
from surveys.models import Campaign, Invitation

TEXTS = {
    MailKind.INVITATION: ("subject", "body"),
    MailKind.REMINDER: ("reminder_subject", "reminder_body"),
}
TEXT_NAMES = tuple(name for names in TEXTS.values() for name in names)
PLACEHOLDERS = ("name", "sender", "last_day")
"""What may stand in braces in the texts of a campaign: {name}, {sender}, {last_day}."""


def compose(invitation: Invitation, kind: str) -> EmailMultiAlternatives:
    """The mail of an invitation that has its `campaign` and `contact` at hand: text and HTML, with a Message-ID that
    is the same however often it is composed. It reads nothing from the database."""
    with translation.override(invitation.language):
        context = _context(invitation, kind)
        template = f"surveys/email/{kind}"
        subject = context["subject"] or render_to_string(f"{template}.subject.txt", context)
        mail = EmailMultiAlternatives(
            " ".join(subject.split()),
            render_to_string(f"{template}.txt", context),
            from_email=sender_of(invitation.campaign),
            to=[invitation.email],
            reply_to=[invitation.campaign.reply_to] if invitation.campaign.reply_to else None,
            headers=_headers(invitation, kind, context["unsubscribe_url"]),
        )
        mail.attach_alternative(render_to_string(f"{template}.html", context), "text/html")
    return mail


def sender_of(campaign: Campaign) -> str:
    """The installation's own address under the campaign's name for it: mail servers accept no others from us."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return formataddr((" ".join(campaign.sender_name.split()) or name, address))


def message_id(invitation: Invitation, kind: str) -> str:
    """The same for every try to send the same mail; it tells neither the token nor a number of ours."""
    digest = hashlib.sha256(f"{kind}.{invitation.token_hash}".encode()).hexdigest()[:32]
    return f"<{digest}@{urlsplit(settings.BASE_URL).hostname or 'localhost'}>"


def _headers(invitation: Invitation, kind: str, way_out: str) -> dict[str, str]:
    return {
        "Message-ID": message_id(invitation, kind),
        "List-Unsubscribe": f"<{way_out}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
    }


def _context(invitation: Invitation, kind: str) -> dict[str, Any]:
    campaign, contact = invitation.campaign, invitation.contact
    name = (contact.form_of_address or contact.local_name) if contact else ""
    facts = {"name": name, "sender": " ".join(campaign.sender_name.split()), "last_day": invitation.expires_on}
    subject, body = (_own_text(campaign, text, invitation.language, facts) for text in TEXTS[MailKind(kind)])
    return {
        **facts,
        "campaign": campaign,
        "anonymous": campaign.anonymous,
        "subject": subject,
        "body": body,
        "title": _title(campaign, invitation.language),
        "url": f"{answer_url(invitation.seed)}?lang={invitation.language}",
        "unsubscribe_url": unsubscribe_url(invitation.seed),
        "language": invitation.language,
        "languages": [code for code in LANGUAGES if code != invitation.language],
    }


def _own_text(campaign: Campaign, name: str, language: str, facts: dict[str, Any]) -> str:
    """What the campaign says instead of the product's words, with its placeholders filled in; "" where it says
    nothing in that language."""
    text = (campaign.texts.get(language) or {}).get(name) or ""
    for key in PLACEHOLDERS:
        value = date_format(facts[key], "DATE_FORMAT") if key == "last_day" else facts[key]
        text = text.replace(f"{{{key}}}", value)
    return text.strip()


def _title(campaign: Campaign, language: str) -> str:
    """The questionnaire's title as the contact reads it."""
    definition = campaign.definition or {}
    return Texts(dict(definition.get("title") or {})).into(language)
