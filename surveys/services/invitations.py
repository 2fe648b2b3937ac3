"""Invitations: made in sets, and what becomes of them until the answer. Their states only go forward."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from audit.services import entry, record, record_many
from contacts.models import Employment
from core.bulk import copy_rows
from surveys.choices import OPEN_INVITATIONS, Channel, InvitationStatus, MailKind, MailStatus
from surveys.errors import InvitationOver
from surveys.languages import language_for
from surveys.models import AskedContact, Campaign, Invitation, SurveyMail, SurveyPolicy
from surveys.models.campaigns import new_seed
from surveys.tokens import token_for, token_hash
from users.models import User

BATCH = 1000
MAIL_COLUMNS = ("invitation_id", "kind", "status", "due_at", "attempts", "error")
_FORWARD = (InvitationStatus.WAITING, InvitationStatus.SENT, InvitationStatus.OPENED, InvitationStatus.STARTED)


@dataclass(frozen=True)
class Wanted:
    """One contact to be asked: the employment (with contact and account), what for, and its number elsewhere. The mail
    goes out at `due_at` (UTC), without it at once."""

    employment: Employment
    occasion: str = ""
    external_id: str = ""
    due_at: dt.datetime | None = None


def make_invitations(
    campaign: Campaign,
    wanted: Iterable[Wanted],
    policy: SurveyPolicy,
    *,
    today: dt.date,
    now: dt.datetime,
    actor: User | None,
) -> list[Invitation]:
    """Ask these contacts: invitations with the facts of today, the mails that carry them, the day in the fatigue guard.

    The caller holds the policy locked in the same transaction and has found nothing against asking them.
    """
    wanted = list(wanted)
    rows = [_invitation(campaign, row, policy, today) for row in wanted]
    Invitation.objects.bulk_create(rows, batch_size=BATCH)
    if campaign.channel == Channel.EMAIL:
        waiting = (MailKind.INVITATION.value, MailStatus.WAITING.value)
        mails = ((row.pk, *waiting, each.due_at or now, 0, "") for row, each in zip(rows, wanted, strict=True))
        copy_rows(SurveyMail, MAIL_COLUMNS, mails)
    AskedContact.objects.bulk_create(
        [AskedContact(contact_id=pk, asked_on=day) for pk, day in _days_of(rows).items()],
        update_conflicts=True, unique_fields=["contact"], update_fields=["asked_on"], batch_size=BATCH,
    )  # fmt: skip
    record_many(entry("invitation.made", row, actor=actor) for row in rows)
    return rows


def last_day(campaign: Campaign, policy: SurveyPolicy, today: dt.date) -> dt.date:
    """The last day on which a link made today takes an answer."""
    last = today + dt.timedelta(days=policy.answer_days)
    return min(last, campaign.end_date) if campaign.end_date else last


def _invitation(campaign: Campaign, wanted: Wanted, policy: SurveyPolicy, today: dt.date) -> Invitation:
    contact, account, seed = wanted.employment.contact, wanted.employment.account, new_seed()
    from_day = max(today, timezone.localdate(wanted.due_at)) if wanted.due_at else today
    return Invitation(
        campaign=campaign,
        account=account,
        contact=contact,
        occasion=wanted.occasion,
        external_id=wanted.external_id,
        email=contact.email if campaign.channel == Channel.EMAIL else "",
        language=language_for(contact.preferred_language, account.country, account.region),
        seed=seed,
        token_hash=token_hash(token_for(seed)),
        asked_on=from_day,
        expires_on=last_day(campaign, policy, from_day),
        tier=account.tier,
        manager_id=account.manager_id,
        product_line_id=campaign.product_line_id,
    )


def _days_of(rows: Iterable[Invitation]) -> dict[int, dt.date]:
    """Contact -> the day on which these invitations ask it: that of the mail, which may wait for its day."""
    days: dict[int, dt.date] = {}
    for row in rows:
        if row.contact_id:
            days[row.contact_id] = max(row.asked_on, days.get(row.contact_id, row.asked_on))
    return days


def move_on(pks: Sequence[int], to: InvitationStatus) -> int:
    """Bring open invitations into a later open state; those that are there already, or further, stay. The caller
    records."""
    before = _FORWARD[: _FORWARD.index(to)]
    return Invitation.objects.filter(pk__in=pks, status__in=before).update(status=to)


@transaction.atomic
def hand_over_link(invitation: Invitation, *, actor: User, today: dt.date) -> Invitation:
    """The account's people get the link (or its QR code) to hand it over themselves; it is recorded who did.

    Raises InvitationOver.
    """
    stored = _locked(invitation)
    _check_open(stored, today)
    if stored.campaign.channel == Channel.LINK:
        move_on([stored.pk], InvitationStatus.SENT)
    record("invitation.link_shown", stored, actor=actor)
    stored.refresh_from_db(fields=["status"])
    return stored


@transaction.atomic
def mark_bounced(invitation: Invitation, *, error: str = "", actor: User | None, now: dt.datetime) -> Invitation:
    """Its mail came back: the link stays good, but nobody has it, so it is over; what still waits is not sent.

    Raises InvitationOver for one that is answered or over.
    """
    stored = _locked(invitation)
    if stored.status == InvitationStatus.BOUNCED:
        return stored
    if stored.status not in OPEN_INVITATIONS:
        raise InvitationOver(status=stored.get_status_display())
    stored.status = InvitationStatus.BOUNCED
    stored.save(update_fields=["status", "updated_at"])
    mails = SurveyMail.objects.filter(invitation=stored)
    mails.filter(status=MailStatus.WAITING).update(status=MailStatus.DROPPED)
    came_back = mails.filter(status__in=[MailStatus.SENT, MailStatus.DELIVERED, MailStatus.UNCERTAIN])
    came_back.update(status=MailStatus.BOUNCED, error=error[:300])
    record("invitation.bounced", stored, actor=actor, reason=error[:300])
    return stored


@transaction.atomic
def mark_delivered(invitation: Invitation, *, actor: User | None) -> Invitation:
    """The mail system reports that its mails arrived; one that was uncertain is certain then."""
    stored = _locked(invitation)
    sent = [MailStatus.SENT, MailStatus.SENDING, MailStatus.UNCERTAIN]
    SurveyMail.objects.filter(invitation=stored, status__in=sent).update(status=MailStatus.DELIVERED, error="")
    move_on([stored.pk], InvitationStatus.SENT)
    record("invitation.delivered", stored, actor=actor)
    stored.refresh_from_db(fields=["status"])
    return stored


def close_invitations(wanted: Q, to: InvitationStatus) -> int:
    """Close the open invitations that `wanted` names and drop their waiting mails, in sets; one entry for each account
    and campaign would say no more than the state itself, so each campaign gets one. Returns how many."""
    closed = 0
    while True:
        with transaction.atomic():
            rows = Invitation.objects.select_for_update(of=("self",), skip_locked=True).open().filter(wanted)
            batch = list(rows.order_by("pk").values_list("pk", "campaign_id")[: 5 * BATCH])
            if not batch:
                return closed
            pks = [pk for pk, _campaign in batch]
            Invitation.objects.filter(pk__in=pks).update(status=to)
            drop_mails(Q(invitation__in=pks))
            _record_closed([campaign for _pk, campaign in batch], to)
            closed += len(batch)


def drop_mails(wanted: Q) -> int:
    """Do not send the waiting mails that `wanted` names. The caller records."""
    return SurveyMail.objects.filter(wanted, status=MailStatus.WAITING).update(status=MailStatus.DROPPED)


def _record_closed(campaign_ids: Sequence[int], to: InvitationStatus) -> None:
    campaigns: dict[int, Any] = Campaign.objects.in_bulk(set(campaign_ids))
    record_many(
        entry(f"survey_campaign.{to}", campaign, actor=None, changes={"invitations": (None, campaign_ids.count(pk))})
        for pk, campaign in sorted(campaigns.items())
    )


def _locked(invitation: Invitation) -> Invitation:
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("campaign", "account", "contact")
    return rows.get(pk=invitation.pk)


def _check_open(invitation: Invitation, today: dt.date) -> None:
    """Raises InvitationOver."""
    if invitation.status not in OPEN_INVITATIONS or invitation.expires_on < today or invitation.campaign.ended_at:
        raise InvitationOver(status=invitation.get_status_display())
