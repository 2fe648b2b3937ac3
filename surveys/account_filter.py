"""The filters of the account list, for the rules below them.

A campaign keeps the filters that somebody chose in the account list. What they mean is known to the list's FilterSet,
which lies above the services: `surveys/filters/audience.py` makes it known here when the app starts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

Narrow = Callable[[Any, Mapping[str, Any], dt.date], Any]
"""(accounts, `{filter: [values]}`, today) -> the accounts that pass them."""

_registered: list[Narrow] = []


def register(narrow: Narrow) -> None:
    """Make the filters known; called once, when the app starts."""
    _registered[:] = [narrow]


def narrow_accounts(accounts: Any, chosen: Mapping[str, Any], today: dt.date) -> Any:
    """The accounts that pass the filters; all of them where none was chosen."""
    return _registered[0](accounts, chosen, today) if chosen else accounts
