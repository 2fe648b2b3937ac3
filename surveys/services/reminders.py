"""Mails that are put into the outbox after the first one: reminders, and what a person has sent once more."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from audit.services import entry, record, record_many
from surveys.choices import OPEN_INVITATIONS, Channel, InvitationStatus, MailKind, MailStatus
from surveys.errors import InvitationOver, MailNotUncertain
from surveys.models import Campaign, Invitation, SurveyMail
from users.models import User

BATCH = 1000


@transaction.atomic
def send_again(mail: SurveyMail, *, actor: User, now: dt.datetime) -> SurveyMail:
    """Put a mail of which nobody knows whether it was sent, or one that bounced before the address was corrected, into
    the outbox once more; it goes to the contact's address of today.

    Raises MailNotUncertain, InvitationOver.
    """
    stored = SurveyMail.objects.select_for_update(of=("self",)).get(pk=mail.pk)
    invitation = (
        Invitation.objects.select_for_update(of=("self",)).select_related("contact").get(pk=stored.invitation_id)
    )
    address = invitation.contact.email if invitation.contact else ""
    corrected = bool(address) and address != invitation.email
    if not (stored.status == MailStatus.UNCERTAIN or (stored.status == MailStatus.BOUNCED and corrected)):
        raise MailNotUncertain
    open_again = (*OPEN_INVITATIONS, *([InvitationStatus.BOUNCED] if corrected else []))
    if invitation.status not in open_again or invitation.expires_on < timezone.localdate(now):
        raise InvitationOver(status=invitation.get_status_display())
    if invitation.status == InvitationStatus.BOUNCED:
        invitation.status = InvitationStatus.WAITING
    invitation.email = address or invitation.email
    invitation.save(update_fields=["status", "email", "updated_at"])
    stored.status, stored.claimed_at, stored.attempts, stored.due_at = MailStatus.WAITING, None, 0, now
    stored.save(update_fields=["status", "claimed_at", "attempts", "due_at"])
    record("survey_mail.sent_again", stored, actor=actor)
    return stored


def queue_reminders(*, today: dt.date, now: dt.datetime) -> int:
    """One reminder for each invitation that was sent so many days ago as its campaign says, and is not answered.
    Returns how many were put into the outbox."""
    queued = 0
    campaigns = Campaign.objects.running(today).filter(channel=Channel.EMAIL, reminder_days__isnull=False)
    for campaign_id, days in list(campaigns.order_by("pk").values_list("pk", "reminder_days")):
        mails = SurveyMail.objects.order_by().filter(invitation=OuterRef("pk"))
        arrived = mails.filter(
            kind=MailKind.INVITATION, status__in=[MailStatus.SENT, MailStatus.DELIVERED],
            sent_at__lte=now - dt.timedelta(days=days),
        )  # fmt: skip
        rows = Invitation.objects.open().filter(Exists(arrived), campaign=campaign_id, expires_on__gte=today)
        queued += _queue(rows.filter(~Exists(mails.filter(kind=MailKind.REMINDER))), now)
    return queued


def _queue(rows: QuerySet[Invitation], now: dt.datetime) -> int:
    queued, after = 0, 0
    while True:
        with transaction.atomic():
            batch = list(rows.filter(pk__gt=after).select_related("campaign", "account").order_by("pk")[:BATCH])
            mails = [SurveyMail(invitation=row, kind=MailKind.REMINDER, due_at=now) for row in batch]
            SurveyMail.objects.bulk_create(mails, ignore_conflicts=True)
            record_many(entry("invitation.reminded", row, actor=None) for row in batch)
        queued += len(batch)
        if len(batch) < BATCH:
            return queued
        after = batch[-1].pk
