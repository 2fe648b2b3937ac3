"""`@name` in a text: whom it may mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

MAX_MENTIONS = 20
_LONGEST = 40
# Not in the middle of an e-mail address.
_AT = re.compile(r"(?<![A-Za-z0-9._%+\-])[@＠]")


def candidates(text: str) -> set[str]:
    """Everything that could be the name after an @: every beginning of what follows, in lower case."""
    found: set[str] = set()
    for tail in _tails(text):
        found.update(tail[:length] for length in range(1, len(tail) + 1))
    return found


def mentioned(text: str, names: Mapping[str, Iterable[int]]) -> set[int]:
    """The ids behind the longest name that fits after each @; `names` are in lower case.

    "@王建国你好" means 王建国 although no space follows; "@annabel" does not mean "ann".
    """
    found: set[int] = set()
    for tail in _tails(text):
        for length in range(len(tail), 0, -1):
            if tail[:length] in names and _ends(tail, length):
                found.update(names[tail[:length]])
                break
    return found


def _tails(text: str) -> set[str]:
    tails: dict[str, None] = {}
    for match in _AT.finditer(text):
        tails[text[match.end() : match.end() + _LONGEST].lower()] = None
        if len(tails) == MAX_MENTIONS:
            break
    return set(tails)


def _ends(tail: str, length: int) -> bool:
    """Whether a word ends here: a Latin name must not go on with a letter or digit."""
    last, after = tail[length - 1], tail[length : length + 1]
    return not (last.isascii() and last.isalnum() and after.isascii() and after.isalnum())
