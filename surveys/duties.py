"""What is handed on when a user leaves: the follow-ups that they own (see users/duties.py)."""

from __future__ import annotations

import datetime as dt

from surveys.services.escalation import hand_over as give
from users.duties import register_heir
from users.models import User


def hand_over(user: User, now: dt.datetime) -> None:
    """To the managers of the accounts, which have been handed over by hand before; else to who leads."""
    give(now=now, owner=user)


register_heir(hand_over)
