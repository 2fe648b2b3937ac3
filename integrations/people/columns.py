"""The fields of a contact in a file, and how headings in English and Chinese are recognised."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils import translation

from integrations.people.problems import FIELD_NAMES
from orders.errors import MissingColumns, RepeatedColumn
from orders.intake.columns import normalise

REQUIRED = ("account", "name")
FIELDS = tuple(FIELD_NAMES)

_HEADINGS = Path(__file__).with_name("headings.toml")


@cache
def known_headings() -> dict[str, list[str]]:
    """Field -> its names, as `normalise` leaves them: those of the template in every language, then other words."""
    words = tomllib.loads(_HEADINGS.read_text(encoding="utf-8"))
    known: dict[str, list[str]] = {field: [] for field in FIELDS}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            for field in FIELDS:
                known[field].append(normalise(str(FIELD_NAMES[field])))
    return {field: list(dict.fromkeys([*known[field], *map(normalise, words[field])])) for field in FIELDS}


def guess_columns(header: Sequence[str]) -> dict[str, str]:
    """Field -> heading for every field that some heading names, in any language; each heading serves one field."""
    by_name: dict[str, str] = {}
    for heading in header:
        by_name.setdefault(normalise(heading), heading)
    guessed: dict[str, str] = {}
    for field in FIELDS:
        for name in known_headings()[field]:
            if name in by_name and by_name[name] not in guessed.values():
                guessed[field] = by_name[name]
                break
    return guessed


def locate(mapping: Mapping[str, str], header: Sequence[str]) -> dict[str, int]:
    """Field -> position of its column. Raises MissingColumns or RepeatedColumn, naming the headings."""
    positions: dict[str, list[int]] = {}
    for number, heading in enumerate(header):
        positions.setdefault(heading.strip().casefold(), []).append(number)
    located, missing = {}, []
    for field, heading in mapping.items():
        found = positions.get(heading.strip().casefold(), [])
        if len(found) > 1:
            raise RepeatedColumn(column=heading)
        if found:
            located[field] = found[0]
        else:
            missing.append(f"{FIELD_NAMES[field]} ({heading})")
    missing += [str(FIELD_NAMES[field]) for field in REQUIRED if field not in mapping]
    if missing:
        found_headings = ", ".join(heading for heading in header if heading)[:300] or "–"
        raise MissingColumns(missing=", ".join(missing), found=found_headings)
    return located
