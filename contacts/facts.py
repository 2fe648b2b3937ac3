"""What the apps above know about people: when somebody last had contact with each of them.

Contacts lie below the interactions and may not know them. So apps answer in `<app>/contact_facts.py`, found at start.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from users.models import User

LastContacts = Callable[[Collection[int], "User", int | None], dict[int, dt.date]]
"""(contact ids, viewer, account id or None) -> contact id -> day of the last contact, of what the viewer sees."""

_sources: list[LastContacts] = []


def register_last_contacts(source: LastContacts) -> None:
    """Make a source known; called once, when the app's `contact_facts` module is loaded."""
    _sources.append(source)


def last_contacts(contact_ids: Collection[int], viewer: User, account_id: int | None = None) -> dict[int, dt.date]:
    """The day of the last contact with each of these people, where there was one. One query for each source."""
    days: dict[int, dt.date] = {}
    for source in _sources if contact_ids else ():
        for pk, day in source(contact_ids, viewer, account_id).items():
            days[pk] = max(day, days.get(pk, day))
    return days
