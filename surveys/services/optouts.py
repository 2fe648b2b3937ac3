"""The way out of all surveys that every mail has."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q

from audit.services import record
from contacts.models import Contact
from surveys import tokens
from surveys.choices import InvitationStatus
from surveys.errors import TokenUnknown
from surveys.models import Invitation
from surveys.services.invitations import close_invitations


def check_token(token: str) -> Invitation:
    """The invitation behind a token, whatever has become of it: the way out is always open. Raises TokenUnknown."""
    invitation = None
    if tokens.is_genuine(token):
        invitation = Invitation.objects.filter(token_hash=tokens.token_hash(token)).first()
    if invitation is None:
        raise TokenUnknown
    return invitation


@transaction.atomic
def unsubscribe(token: str) -> None:
    """The person is asked no more: their wish is kept with the contact, links that are still open close. Once more
    changes nothing. Raises TokenUnknown."""
    invitation = check_token(token)
    if invitation.contact_id is None:
        close_invitations(Q(pk=invitation.pk), InvitationStatus.WITHDRAWN)
        return
    contact = Contact.objects.select_for_update(of=("self",)).get(pk=invitation.contact_id)
    if not contact.no_surveys:
        contact.no_surveys = True
        contact.save(update_fields=["no_surveys", "updated_at"])
        changes = {"no_surveys": (False, True)}
        record("contact.unsubscribed", contact, actor=None, changes=changes, account_id=invitation.account_id)
    close_invitations(Q(contact=contact), InvitationStatus.WITHDRAWN)
