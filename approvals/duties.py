"""What is handed on when a user leaves: the votes that they have not given (see users/duties.py)."""

from __future__ import annotations

import datetime as dt

from approvals.services import reassign_votes_of
from users.duties import register_heir
from users.models import User


def hand_over(user: User, now: dt.datetime) -> None:
    """To their superior. What somebody is deciding at this very moment is left to the job that looks after it."""
    reassign_votes_of(user, now=now, skip_locked=True)


register_heir(hand_over)
