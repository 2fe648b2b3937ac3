"""When an alert rule fires, as arithmetic over what is known of an account. What is missing makes no condition true."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from health.choices import Reason, SignalGroup

SIGNAL, VALUE = "signal:", "value:"
PLAIN = ("score", "probability", "drop_probability", "value_at_risk")
SHARES = ("probability", "drop_probability")
"""Between 0 and 1, as the severity of a signal is."""
OPERATORS = ("gte", "lte")
MAX_CONDITIONS = 12
ORDER_REASONS = (Reason.CHURN_RISK, Reason.ORDER_GAP, Reason.REVENUE_DECLINE, Reason.BUSINESS_CHURN)
"""Reasons that build on orders: said of nobody while the company's own orders are missing."""
MODEL_SIGNAL = "churn_probability"
"""The signal that says in words what the probability of the model is."""


class Facts(NamedTuple):
    """What is known of an account on a day; `parts` are AccountHealth.parts by signal."""

    tier: str
    score: int | None
    probability: float | None
    drop_probability: float | None
    value_at_risk: float | None
    parts: Mapping[str, Mapping[str, Any]]


class Fired(NamedTuple):
    """A rule that fires: how bad it is (0..1), and the signals that made it, the worst first."""

    rule: int
    reason: str
    strength: float
    signals: list[str]


@dataclass(frozen=True)
class Rule:
    """A rule, as the arithmetic needs it; `builds_on_orders`: it says nothing while orders are missing."""

    pk: int
    reason: str
    tiers: frozenset[str]
    any_of: bool
    conditions: tuple[tuple[str, str, float], ...]
    builds_on_orders: bool = field(default=False)

    def fires(self, facts: Facts) -> Fired | None:
        """What made it fire, or None."""
        if not self.conditions or (self.tiers and facts.tier not in self.tiers):
            return None
        held = [measure for measure, op, value in self.conditions if _holds(reading(measure, facts), op, value)]
        if not held or (not self.any_of and len(held) < len(self.conditions)):
            return None
        bad = {key: _badness(key, facts) for key in map(_signal_of, held) if key}
        found = sorted(bad, key=lambda key: -bad[key])
        if not found:  # by the score alone, or by what is at stake
            return Fired(self.pk, self.reason, 1 - (facts.score if facts.score is not None else 50) / 100, [])
        return Fired(self.pk, self.reason, bad[found[0]], found)


def compiled(row: Any, order_signals: Collection[str]) -> Rule:
    """The rule of a row; `order_signals` are the signals that are made of orders."""
    conditions = tuple((item["measure"], item["op"], float(item["value"])) for item in row.conditions)
    return Rule(
        row.pk, row.reason, frozenset(row.tiers), row.any_of, conditions,
        row.reason in ORDER_REASONS or any(_is_of_orders(measure, order_signals) for measure, _op, _v in conditions),
    )  # fmt: skip


def worst(rules: Iterable[Rule], facts: Facts) -> dict[str, Fired]:
    """For each reason the rule that fires and is the worst; of two as bad ones the older."""
    found: dict[str, Fired] = {}
    for rule in rules:
        fired = rule.fires(facts)
        if fired is not None and (rule.reason not in found or fired.strength > found[rule.reason].strength):
            found[rule.reason] = fired
    return found


def reading(measure: str, facts: Facts) -> float | None:
    """The value of a measure; None where it is missing."""
    if measure.startswith(SIGNAL):
        return _number(facts.parts.get(measure.removeprefix(SIGNAL), {}).get("severity"))
    if measure.startswith(VALUE):
        return _number(facts.parts.get(measure.removeprefix(VALUE), {}).get("value"))
    return _number(getattr(facts, measure)) if measure in PLAIN else None


def problem(condition: Any, signals: Collection[str]) -> str:
    """Which part of a condition is wrong: `form`, `measure`, `op`, `value`; empty where none is."""
    if not isinstance(condition, Mapping) or set(condition) != {"measure", "op", "value"}:
        return "form"
    measure, value = condition["measure"], condition["value"]
    if not isinstance(measure, str) or not _is_measure(measure, signals):
        return "measure"
    if condition["op"] not in OPERATORS:
        return "op"
    if isinstance(value, bool) or not isinstance(value, int | float) or _number(value) is None:
        return "value"
    return "value" if is_share(measure) and not 0 <= value <= 1 else ""


def is_share(measure: str) -> bool:
    """Its values lie between 0 and 1."""
    return measure in SHARES or measure.startswith(SIGNAL)


def order_signals(groups: Mapping[str, str]) -> frozenset[str]:
    """Of signals with their groups, those that are made of orders."""
    return frozenset(key for key, group in groups.items() if group == SignalGroup.BUYING)


def shown_parts(fired: Fired, parts: Sequence[Mapping[str, Any]], most: int) -> list[Mapping[str, Any]]:
    """The parts that tell why: those that made the rule fire, the worst first, then what costs the account most."""
    by_signal = {part["signal"]: part for part in parts}
    first = [by_signal[key] for key in fired.signals if key in by_signal]
    rest = [part for part in parts if part["signal"] not in fired.signals and part.get("lost", 0) > 0]
    return [*first, *rest][:most]


def _holds(value: float | None, op: str, bound: float) -> bool:
    if value is None:
        return False
    return value >= bound if op == "gte" else value <= bound


def _signal_of(measure: str) -> str:
    """The signal that says a condition in words; empty for the score and for what is at stake."""
    if measure in SHARES:
        return MODEL_SIGNAL
    return measure.partition(":")[2] if measure not in PLAIN else ""


def _badness(key: str, facts: Facts) -> float:
    """How bad a signal is; the model's is as bad as it is probable."""
    if key == MODEL_SIGNAL and facts.probability is not None:
        return facts.probability
    return _number(facts.parts.get(key, {}).get("severity")) or 0.0


def _is_of_orders(measure: str, of_orders: Collection[str]) -> bool:
    return measure in PLAIN or measure.partition(":")[2] in of_orders


def _is_measure(measure: str, signals: Collection[str]) -> bool:
    if measure.startswith((SIGNAL, VALUE)):
        return measure.partition(":")[2] in signals
    return measure in PLAIN


def _number(value: Any) -> float | None:
    """As a number; None for what is none, or none that can be compared."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
