"""What depends on the tier of an account: each app tells its rules, in words, for where a tier is decided.

An app with such rules has a module `tier_effects` that registers a function; it is found by its name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Effect:
    """One rule: its name, and what it says for each of the tiers asked for, in their order; empty: nothing."""

    label: str
    words: Sequence[str]

    @property
    def differs(self) -> bool:
        """Whether it says something else for one of the tiers."""
        return len(set(self.words)) > 1


Teller = Callable[[Sequence[str]], list[Effect]]

_tellers: dict[str, tuple[int, Teller]] = {}


def register(name: str, teller: Teller, *, position: int) -> None:
    """Make the rules of an app known; `position` is their place among the others."""
    _tellers[name] = (position, teller)


def effects_of(tiers: Sequence[str]) -> list[Effect]:
    """All rules, for each of these tiers ("" is no tier)."""
    ordered = sorted(_tellers.items(), key=lambda item: (item[1][0], item[0]))
    return [effect for _name, (_position, teller) in ordered for effect in teller(tiers)]
