"""Answers that staff enter for a customer: told by phone, or written on paper.

To be interviewed is to be asked: the fatigue guard moves to the day of the interview, or of the paper, also where the
contact had been invited before. What has happened is entered whatever the guard says: no customer's word is refused.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts.models import Account
from audit.services import record
from contacts.models import Employment
from surveys import answering, definition
from surveys.choices import CampaignStatus, InvitationStatus, ResponseSource, Timing
from surveys.errors import (
    AnsweredAlready,
    AnswersRefused,
    CampaignNotStarted,
    ContactElsewhere,
    EntryAnonymous,
    EntryDateWrong,
    EntrySourceWrong,
)
from surveys.models import AskedContact, Invitation, Response
from surveys.services import closing
from surveys.services.invitations import drop_mails
from surveys.services.policy import locked_policy
from surveys.services.responses import complete, facts_of, local_date, write_answers
from surveys.services.satisfaction import refresh_satisfaction
from users.models import User

ENTERED = (ResponseSource.PHONE, ResponseSource.PAPER)


@transaction.atomic
def enter_response(
    response: Response, given: Mapping[str, Any], *, actor: User | None, now: dt.datetime, key: str = ""
) -> Response:
    """Save the whole answer of a customer as staff heard or read it. `response` is unsaved and says campaign, account,
    contact (None: somebody at the account), source, language, and the day (None: today). The same `key` of a form once
    more gives the row that is there.

    An invitation of the contact that waits for an answer has it then. Raises AnswersRefused, EntryAnonymous,
    CampaignNotStarted, EntryDateWrong, EntrySourceWrong, ContactElsewhere, AnsweredAlready.
    """
    campaign = response.campaign
    _check(response, now)
    locked_policy()  # nobody is asked meanwhile; before any other lock, as by those who ask
    account_id = response.account_id or 0
    Account.objects.select_for_update(of=("self",)).get(pk=account_id)  # a form sent twice: one after the other
    if key:
        response.key_hash = hashlib.sha256(f"entry:{campaign.pk}:{key}".encode()).hexdigest()
        if known := Response.objects.filter(key_hash=response.key_hash).first():
            return known
    asked = definition.read(campaign.definition)
    cleaned = answering.clean(asked, given)
    if cleaned.faults:
        raise AnswersRefused(cleaned.faults, given)
    response.answers, response.entered_by = cleaned.values, actor
    response = _with_invitation(response, now)
    _note_asked(response, now)
    complete(response, response.invitation, facts_of(account_id), now=now)
    response.save()
    write_answers(response, asked, first=True)
    record("survey_response.entered", response, actor=actor)
    closing.react(response, now=now, first=True)
    refresh_satisfaction([account_id], today=local_date(now))
    return response


def _check(response: Response, now: dt.datetime) -> None:
    campaign = response.campaign
    if campaign.anonymous:
        raise EntryAnonymous
    if campaign.status == CampaignStatus.DRAFT:
        raise CampaignNotStarted(field="campaign")
    if response.source not in ENTERED:
        raise EntrySourceWrong(field="source")
    if response.date is not None and not campaign.start_date <= response.date <= local_date(now):
        raise EntryDateWrong(field="date")
    employments = Employment.objects.filter(contact=response.contact_id, account=response.account_id)
    if response.contact_id is not None and not employments.exists():
        raise ContactElsewhere(field="contact")


def _with_invitation(response: Response, now: dt.datetime) -> Response:
    """The response as that of the contact's newest invitation, if there is one: in place of what they began there."""
    if response.contact_id is None:
        return response
    mine = {"campaign": response.campaign_id, "account": response.account_id, "contact": response.contact_id}
    rows = Invitation.objects.select_for_update(of=("self",)).filter(**mine)
    invitation = rows.order_by("-pk").first()
    if invitation is None:
        _check_not_answered(response, now)
        return response
    if invitation.status == InvitationStatus.ANSWERED:
        raise AnsweredAlready(field="contact")
    Invitation.objects.filter(pk=invitation.pk).update(
        status=InvitationStatus.ANSWERED, answered_on=response.date or local_date(now)
    )
    drop_mails(Q(invitation=invitation))
    response.invitation = invitation
    begun = Response.objects.select_for_update(of=("self",)).filter(invitation=invitation).first()
    if begun is not None:  # the row stays, what was begun is gone for the whole
        response.pk, response.created_at = begun.pk, begun.created_at
        response._state.adding = False
    return response


def _note_asked(response: Response, now: dt.datetime) -> None:
    """Move the fatigue guard of the contact to the day of the answer; never back. The caller holds the policy."""
    if response.contact_id is None:
        return
    day = response.date or local_date(now)
    if not AskedContact.objects.filter(contact=response.contact_id, asked_on__gte=day).exists():
        AskedContact.objects.update_or_create(contact_id=response.contact_id, defaults={"asked_on": day})


def _check_not_answered(response: Response, now: dt.datetime) -> None:
    """Without an invitation: once in a campaign that asks once, else once a day."""
    rows = Response.objects.complete().filter(campaign=response.campaign_id, contact=response.contact_id)
    if response.campaign.timing != Timing.ONCE:
        rows = rows.filter(date=response.date or local_date(now))
    if rows.exists():
        raise AnsweredAlready(field="contact")
