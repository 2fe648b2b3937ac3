"""What is said of one account."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple


class Prediction(NamedTuple):
    """Probabilities (0 to 1) that it orders nothing in the horizon, and that it spends below half of the expectation;
    what it is worth in the reporting currency (None where an exchange rate is missing); why; and by which model."""

    probability: float
    drop_probability: float
    lifetime_value: Decimal | None
    expected_year: Decimal | None
    reasons: list[dict[str, Any]]
    model_id: int | None
