"""Lines of the relationship map beside reports-to."""

from __future__ import annotations

from django.db import transaction

from audit.services import record
from contacts.errors import LinkElsewhere
from contacts.models import ContactLink
from users.models import User


@transaction.atomic
def add_link(link: ContactLink, *, actor: User | None) -> ContactLink:
    """Draw a line between two people of the account. Raises ValidationError, LinkElsewhere."""
    link.full_clean()
    for field, person in (("source", link.source), ("target", link.target)):
        if person.account_id != link.account_id:
            raise LinkElsewhere(field=field)
    link.save()
    record("contact_link.added", link, actor=actor, changes={"kind": (None, link.kind), "note": (None, link.note)})
    return link


@transaction.atomic
def remove_link(link: ContactLink, *, actor: User | None) -> None:
    """Take a line off the map."""
    record("contact_link.removed", link, actor=actor, changes={"kind": (link.kind, None)})
    link.delete()
