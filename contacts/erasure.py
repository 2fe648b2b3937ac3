"""What the apps above keep of a person beside the contact, and forget when the person is erased.

Contacts lie below and may not know it. So apps tell in `<app>/erasure.py`, found at start.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contacts.models import Contact

Forget = Callable[["Contact"], object]
"""Removes personal data about the contact, in the transaction of the erasure."""

_sources: list[Forget] = []


def register_erasure(forget: Forget) -> None:
    """Make a source known; called once, when the app's `erasure` module is loaded."""
    _sources.append(forget)


def forget_elsewhere(contact: Contact) -> None:
    """Let every app forget what it keeps of this person."""
    for forget in _sources:
        forget(contact)
