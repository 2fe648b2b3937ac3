"""A definition as it is kept: without blanks around texts, control characters, and fields that say nothing."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

_KEPT = ("key", "kind", "pages", "questions")
"""Kept even when empty: without them a definition could not be read."""


def tidied(data: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of a well-formed definition; what may be answered to it is the same."""
    found = {name: _tidy(name, value) for name, value in data.items()}
    return {name: value for name, value in found.items() if name in _KEPT or not _says_nothing(value)}


def _says_nothing(value: Any) -> bool:
    """Zero says something: it may be the lowest number that is taken."""
    return value is None or value is False or value in ("", [], {})


def _tidy(name: str, value: Any) -> Any:
    if name == "show_if":
        return _clean(value)
    if isinstance(value, Mapping):
        return tidied(value)
    if isinstance(value, list):
        return [tidied(row) if isinstance(row, Mapping) else _clean(row) for row in value]
    return _clean(value)


def _clean(value: Any) -> Any:
    """Texts without control characters (but line breaks and tabs), at whatever depth."""
    if isinstance(value, str):
        return "".join(c for c in value if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs")).strip()
    if isinstance(value, Mapping):
        return {name: _clean(inner) for name, inner in value.items()}
    return [_clean(inner) for inner in value] if isinstance(value, list) else value
