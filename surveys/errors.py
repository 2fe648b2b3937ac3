"""What the rules of surveys refuse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, DomainError
from surveys.answering import Fault


class TokenUnknown(DomainError):
    """Forged, mangled, or not of this installation: one answer for all of them."""

    code = "token_unknown"
    status = 404
    message = _("There is no survey behind this link.")


class LinkOver(DomainError):
    """The link takes no answer any more; `response` is what was answered through it, where it was."""

    code = "link_over"
    status = 410
    message = _("This survey link is no longer in use.")


class LinkExpired(LinkOver):
    code = "link_expired"
    message = _("The time to answer this survey has passed.")


class CampaignOver(LinkOver):
    code = "campaign_ended"
    message = _("This survey has ended.")


class LinkWithdrawn(LinkOver):
    code = "link_withdrawn"
    message = _("This survey link is no longer in use.")


class AnswerFinal(LinkOver):
    code = "answer_final"
    message = _("This survey was answered already, and the answer can no longer be changed.")


class AnswerComplete(Conflict):
    """A part of an answer came in after the whole."""

    code = "answer_complete"
    message = _("This survey was answered already. To change something, send the whole answer again.")


class AnswersRefused(DomainError):
    """Some answers are not taken: `faults` by the question's key; `given` is everything as it stood."""

    code = "answers_refused"
    message = _("Some answers need another look.")

    def __init__(self, faults: Mapping[str, Fault], given: Mapping[str, Any]) -> None:
        super().__init__()
        self.faults = faults
        self.given = given


class CampaignNotStarted(Conflict):
    code = "campaign_not_started"
    message = _("The campaign has not started yet.")


class EntryAnonymous(DomainError):
    code = "entry_anonymous"
    message = _("In an anonymous campaign nobody enters answers for others: they would know whose they are.")


class AnsweredAlready(Conflict):
    code = "answered_already"
    message = _("This invitation was answered already.")


class EntryDateWrong(DomainError):
    code = "entry_date_wrong"
    message = _("The day of the answer lies between the start of the campaign and today.")


class ContactElsewhere(DomainError):
    code = "contact_elsewhere"
    message = _("This person has never worked at this account.")
