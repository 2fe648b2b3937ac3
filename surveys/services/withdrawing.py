"""Invitations that come to nothing: their time is over, or the contact is not to be asked any more."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, OuterRef, Q

from accounts.choices import Status
from audit.services import record
from contacts.choices import Consent
from contacts.models import Contact, Employment
from surveys.choices import InvitationStatus
from surveys.models import Invitation
from surveys.services.invitations import close_invitations, drop_mails


def expire(*, today: dt.date) -> int:
    """Close the invitations whose last day has passed; returns how many."""
    return close_invitations(Q(expires_on__lt=today), InvitationStatus.EXPIRED)


def withdraw(*, today: dt.date) -> int:
    """Close the invitations of contacts who left, opted out or withdrew their consent, and of accounts that ended."""
    jobs = Employment.objects.order_by().filter(Q(until_date__isnull=True) | Q(until_date__gte=today))
    there = jobs.filter(contact=OuterRef("contact"), account=OuterRef("account"))
    unwanted = (
        Q(account__status=Status.TERMINATED)
        | Q(contact__isnull=True)
        | Q(contact__erased=True)
        | Q(contact__no_surveys=True)
        | Q(contact__consent=Consent.WITHDRAWN)
        | ~Q(Exists(there))
    )
    return close_invitations(unwanted, InvitationStatus.WITHDRAWN)


def forget_person(contact: Contact) -> None:
    """The person is erased: their address goes from all invitations, open links close. In the erasure's transaction."""
    mine = Invitation.objects.filter(contact=contact)
    drop_mails(Q(invitation__contact=contact))
    close_invitations(Q(contact=contact), InvitationStatus.WITHDRAWN)
    if mine.exclude(email="").update(email=""):
        record("invitation.address_removed", contact, actor=None)
