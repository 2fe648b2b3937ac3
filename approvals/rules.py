"""Which rule a request falls under: pure, from the facts of the request alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol, TypeVar


@dataclass(frozen=True)
class Facts:
    """What rules look at. `amount` is in the reporting currency, None where it is not known (a rate is missing);
    `currency` is that of the row; `discount` is per cent of the list value, None where there is nothing to compare."""

    amount: Decimal | None = None
    currency: str = ""
    tier: str = ""
    kind: str = ""
    discount: Decimal | None = None
    account_id: int | None = None

    def as_json(self) -> dict[str, Any]:
        """As the request keeps them: decimals as text."""
        return {
            "amount": None if self.amount is None else str(self.amount),
            "currency": self.currency,
            "tier": self.tier,
            "kind": self.kind,
            "discount": None if self.discount is None else str(self.discount),
            "account_id": self.account_id,
        }


class Conditions(Protocol):
    """What a rule says about the facts; an empty condition holds for everything."""

    min_amount: Decimal | None
    min_discount: Decimal | None
    tiers: Sequence[str]
    kinds: Sequence[str]


Rule = TypeVar("Rule", bound=Conditions)


def holds(rule: Conditions, facts: Facts) -> bool:
    """Whether all conditions of `rule` hold. An unknown amount counts as above every bound: what cannot be valued is
    approved as the largest is. Where there is no list value there is no discount."""
    if rule.min_amount is not None and facts.amount is not None and facts.amount < rule.min_amount:
        return False
    if rule.min_discount is not None and (facts.discount is None or facts.discount < rule.min_discount):
        return False
    if rule.tiers and facts.tier not in rule.tiers:
        return False
    return not rule.kinds or facts.kind in rule.kinds


def first_fitting(rules: Iterable[Rule], facts: Facts) -> Rule | None:
    """The first of `rules`, which come in their order, whose conditions all hold."""
    return next((rule for rule in rules if holds(rule, facts)), None)
