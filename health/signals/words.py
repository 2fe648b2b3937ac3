"""Readings in words, in the reader's language: each sentence says the number, its bound and the day.

A part is a dict as `AccountHealth.parts` holds it. A signal that nobody knows any more is named by its key.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from core import numbers
from health.signals.base import Unit
from health.signals.registry import find
from health.signals.sentences import SENTENCES, Said, days

Part = Mapping[str, Any]


def label(key: str) -> str:
    """The name of a signal."""
    signal = find(key)
    return str(signal.label) if signal else key


def sentence(part: Part) -> str:
    """What a signal found, in one sentence."""
    signal = find(part["signal"])
    if part["signal"] in SENTENCES:
        return SENTENCES[part["signal"]](Said(part, value_words(part), bound_words(part)))
    if signal and signal.words:
        return signal.words(part)
    return _("%(signal)s: %(value)s (limit %(bound)s)") % {
        "signal": label(part["signal"]), "value": value_words(part), "bound": bound_words(part),
    }  # fmt: skip


def value_words(part: Part) -> str:
    """The number alone, with its unit."""
    return _number(part["signal"], part["value"])


def bound_words(part: Part) -> str:
    """The bound alone, with its unit."""
    return _number(part["signal"], part["bound"])


def _number(key: str, value: float) -> str:
    signal = find(key)
    unit = signal.unit if signal else None
    if unit == Unit.SHARE:
        return numbers.percent(Decimal(str(value)), 0)
    if unit == Unit.DAYS:
        return days(value)
    if unit == Unit.TIMES:
        return _("%(number)s times") % {"number": _short(value)}
    return _short(value)


def _short(value: float) -> str:
    """At most one decimal, none where it is whole."""
    rounded = round(Decimal(str(value)), 1)
    return numbers.plain(rounded, 0 if rounded == rounded.to_integral_value() else 1)
