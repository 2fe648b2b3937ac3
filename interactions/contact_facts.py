"""When there was contact with a person (see contacts/facts.py)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db.models import Max

from contacts.facts import register_last_contacts
from interactions.choices import Kind, Outcome
from interactions.models import Interaction
from users.models import User


def last_contacts(contact_ids: Collection[int], viewer: User, account_id: int | None) -> dict[int, dt.date]:
    """By the interactions that the viewer sees; notes and calls that reached nobody are no contact."""
    seen = Interaction.objects.visible_to(viewer).exclude(kind=Kind.NOTE).exclude(outcome=Outcome.NOT_REACHED)
    if account_id is not None:
        seen = seen.filter(account=account_id)
    with_them = seen.filter(contacts__in=contact_ids).order_by().values("contacts").annotate(last=Max("date"))
    return dict(with_them.values_list("contacts", "last"))


register_last_contacts(last_contacts)
