"""Cells to values: texts that fit, days, choices by their words in any language, numbers."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import translation

from integrations.tables.problems import RowBad
from orders.intake.columns import normalise
from orders.intake.problems import Bad
from orders.intake.values import parse_moment, parse_number, scaled, text_of

SHOWN = 80  # characters of a bad cell that are kept
Choices = type[models.TextChoices] | type[models.IntegerChoices]
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def clean_text(name: str, cell: Any, *, lines: bool = False) -> str:
    """The cell as text without spaces around, on one line unless `lines`. Raises RowBad for characters that no
    database takes."""
    text = text_of(cell).strip().strip("\u200b\ufeff")
    if not lines:
        text = " ".join(text.split())
    if _CONTROL.search(text) or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise RowBad("bad_text", name)
    return text


def fitting(name: str, text: str, model: type[models.Model]) -> str:
    """The text, if the column of that name is wide enough. Raises RowBad."""
    limit = getattr(model._meta.get_field(name), "max_length", None) or 0
    if limit and len(text) > limit:
        raise RowBad("too_long", name, limit=limit)
    return text


def read_day(name: str, cell: Any) -> dt.date:
    """A date. Raises RowBad."""
    try:
        return dt.date.fromordinal(parse_moment(cell, "ymd") // 86400)
    except Bad:
        raise RowBad("bad_date", name, value=text_of(cell)[:SHOWN]) from None


def read_number(name: str, cell: Any, digits: int, whole: int = 15) -> Decimal:
    """A number of at most `digits` decimals below 10^whole, with a point before them. Raises RowBad."""
    try:
        return Decimal(scaled(parse_number(cell, "point", name), cell, digits, whole, name)).scaleb(-digits)
    except Bad as bad:
        params = {key: value for key, value in bad.params.items() if key != "name"}
        raise RowBad(bad.code, name, **params) from None


def read_whole(name: str, cell: Any, most: int) -> int:
    """A whole number from 0 to `most`. Raises RowBad."""
    number = read_number(name, cell, 0)
    if not 0 <= number <= most:
        raise RowBad("number_outside", name, value=text_of(cell)[:SHOWN], most=most)
    return int(number)


def choice_words(choices: Choices, words: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """What files may write -> value: the code, the labels in every language, and other `words`."""
    found: dict[str, Any] = {}
    for choice in choices:
        for word in (str(choice.value), *words.get(str(choice.value), ())):
            found.setdefault(normalise(word), choice.value)
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            for choice in choices:
                found.setdefault(normalise(str(choice.label)), choice.value)
    return found


def read_choice(name: str, text: str, choices: Choices, words: Mapping[str, Any]) -> Any:
    """The value that `words` (`choice_words`) has for the text. Raises RowBad, naming the labels."""
    found = words.get(normalise(text))
    if found is None:
        known = ", ".join(str(label) for label in choices.labels)
        raise RowBad("unknown_choice", name, value=text[:SHOWN], known=known)
    return found
