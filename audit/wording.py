"""Words for changes that only the app which recorded them can read: it makes itself known, by the action."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

Wording = Callable[[Sequence[Any]], None]
"""Puts the changes of these entries into words, on the entries as they are shown; nothing is stored."""

_wordings: dict[str, Wording] = {}


def register(action: str, wording: Wording) -> None:
    """Entries of this action are put into words by `wording` before anybody reads them."""
    _wordings[action] = wording


def put_into_words(entries: Iterable[Any]) -> None:
    """Those that somebody has words for; each kind at once."""
    found = defaultdict(list)
    for entry in entries:
        if entry.action in _wordings:
            found[entry.action].append(entry)
    for action, rows in found.items():
        _wordings[action](rows)
