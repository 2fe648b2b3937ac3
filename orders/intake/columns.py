"""The fields of an order line in a file, and how headings in English and Chinese are recognised."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path

from orders.errors import MissingColumns, RepeatedColumn
from orders.intake.problems import FIELD_NAMES

REQUIRED = ("external_id", "account", "order_date", "product", "quantity")
PRICES = ("unit_price", "amount")  # at least one of them
OPTIONAL = ("currency", "product_name", "product_line", "cost_amount", "account_name", "country", "delivered_on")
FIELDS = (*REQUIRED, *PRICES, *OPTIONAL)
DATES = ("order_date", "delivered_on")
NUMBERS = ("quantity", "unit_price", "amount", "cost_amount")

_HEADINGS = Path(__file__).with_name("headings.toml")
_BRACKETS = re.compile(r"[(\[（【].*?[)\]）】]")
_NOISE = re.compile(r"[\s_\-.:：/#*]+")


def normalise(heading: str) -> str:
    """A heading without case, width, spaces, punctuation and brackets: `Unit Price (GBP)` is `unitprice`."""
    text = unicodedata.normalize("NFKC", heading).casefold()
    return _NOISE.sub("", _BRACKETS.sub("", text)) or _NOISE.sub("", text)


_KNOWN = {
    field: [normalise(word) for word in words]
    for field, words in tomllib.loads(_HEADINGS.read_text(encoding="utf-8")).items()
}


def guess_columns(header: Sequence[str]) -> dict[str, str]:
    """Field -> heading for every field that some heading names; each heading serves one field."""
    by_name: dict[str, str] = {}
    for heading in header:
        by_name.setdefault(normalise(heading), heading)
    guessed: dict[str, str] = {}
    for field in FIELDS:
        for name in _KNOWN[field]:
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
    if not any(field in mapping for field in PRICES):
        missing.append(f"{FIELD_NAMES['unit_price']} / {FIELD_NAMES['amount']}")
    if missing:
        found_headings = ", ".join(heading for heading in header if heading)[:300] or "–"
        raise MissingColumns(missing=", ".join(missing), found=found_headings)
    return located
