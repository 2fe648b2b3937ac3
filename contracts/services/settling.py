"""What receipts cover of the plan, computed anew."""

from __future__ import annotations

from contracts.models import Contract


def resettle(contract: Contract) -> None:
    """Nothing to settle yet."""
