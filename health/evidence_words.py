"""The evidence of an alert in words: what the rule saw when it opened, and what the last night saw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from health.signals import AT_BOUND
from health.signals.words import bound_words, label, sentence, value_words

NOTHING = "–"


@dataclass(frozen=True)
class Compared:
    """One signal, at the opening and now; `is_bad`: it is at its bound or beyond."""

    key: str
    label: str
    words: str
    before: str
    now: str
    bound: str
    is_bad: bool


def compared(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[Compared]:
    """The signals, the heaviest of now first, then those that are seen no more."""
    first, last = _by_signal(then), _by_signal(now)
    found = []
    for key in [*last, *(key for key in first if key not in last)]:
        part = last.get(key) or first[key]
        found.append(
            Compared(
                key,
                label(key),
                said(part),
                value_words(first[key]) if key in first else NOTHING,
                value_words(last[key]) if key in last else NOTHING,
                bound_words(part),
                key in last and last[key]["severity"] >= AT_BOUND,
            )
        )
    return found


def headline(evidence: Mapping[str, Any]) -> str:
    """The heaviest signal in one sentence."""
    signals = evidence.get("signals") or []
    return said(signals[0]) if signals else ""


def said(part: Mapping[str, Any]) -> str:
    """The sentence of a signal. Evidence is frozen: what an older version stored may lack what the words need today,
    and the numbers beside them still say it."""
    try:
        return sentence(part)
    except (KeyError, TypeError, ValueError):
        return ""


def _by_signal(evidence: Mapping[str, Any]) -> dict[str, Any]:
    return {part["signal"]: part for part in evidence.get("signals") or []}
