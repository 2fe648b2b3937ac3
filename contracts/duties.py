"""What is handed on when a user leaves: the contracts that they own (see users/duties.py)."""

from __future__ import annotations

import datetime as dt

from contracts.services import pass_on_contracts
from users.duties import register_heir
from users.models import User


def hand_over(user: User, now: dt.datetime) -> None:
    """To the managers of the accounts, which have been handed over by hand before."""
    pass_on_contracts(user)


register_heir(hand_over)
