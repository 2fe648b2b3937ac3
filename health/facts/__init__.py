"""Facts of accounts as they were known at the beginning of a day, gathered in sets from the floors below.

`gather(ids, as_of)` of each kind takes the accounts of a batch and a day and returns a dataclass for each account about
which there is something to know, by a constant number of statements. Nothing of the day itself or later may show. The
kinds "orders" and "churn" are gathered by the scoring itself (`health.services.scoring`), from one reading of orders.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from health.facts import contact, contracts, lines, people, surveys

Gather = Callable[[Sequence[int], dt.date], Mapping[int, Any]]

_gatherers: dict[str, Gather] = {}


def register_facts(name: str, gather: Gather) -> None:
    """Make a kind of facts known, for the signals that need it. Raises ValueError where the name is taken."""
    if _gatherers.get(name, gather) is not gather:
        raise ValueError(f"There are other facts called {name} already.")
    _gatherers[name] = gather


def unregister_facts(name: str) -> None:
    """Forget a kind of facts."""
    _gatherers.pop(name, None)


def gatherers() -> dict[str, Gather]:
    """All kinds by their names."""
    return dict(_gatherers)


register_facts("contact", contact.gather)
register_facts("contracts", contracts.gather)
register_facts("lines", lines.gather)
register_facts("people", people.gather)
register_facts("surveys", surveys.gather)
