"""What an alert tells of the account, as it is kept: frozen at the opening, and as of the last night."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from health.conditions import Facts, Fired, shown_parts

MOST_SIGNALS = 6


def facts_of(
    tier: str,
    score: int | None,
    probability: float | None,
    drop_probability: float | None,
    value_at_risk: Decimal | None,
    parts: Sequence[Mapping[str, Any]],
) -> Facts:
    """What the conditions ask for."""
    at_risk = None if value_at_risk is None else float(value_at_risk)
    return Facts(tier, score, probability, drop_probability, at_risk, {part["signal"]: part for part in parts})


def evidence_of(
    facts: Facts, value_at_risk: Decimal | None, parts: Sequence[Mapping[str, Any]], fired: Fired
) -> dict[str, Any]:
    """The numbers, and the signals that tell why, the heaviest first."""
    return {
        "score": facts.score,
        "probability": facts.probability,
        "drop_probability": facts.drop_probability,
        "value_at_risk": None if value_at_risk is None else str(value_at_risk),
        "signals": shown_parts(fired, parts, MOST_SIGNALS),
    }
