"""A run's or a what-if's totals as the pages show them: per tier, and the flow as a table."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from tiers.choices import TIERS


class TierShare(NamedTuple):
    """A tier's accounts and revenue, and their shares (0 to 1) of all evaluated accounts and all positive revenue."""

    tier: str
    accounts: int
    account_share: Decimal
    revenue: Decimal
    revenue_share: Decimal


def shares(totals: dict[str, Any]) -> list[TierShare]:
    """One row per tier, best first; "no tier" only where it has accounts."""
    accounts, revenue = totals.get("accounts") or 1, Decimal(totals.get("revenue") or 0)
    rows = []
    for tier in (*TIERS, ""):
        found = totals.get("tiers", {}).get(tier, {"accounts": 0, "revenue": "0"})
        if not tier and not found["accounts"]:
            continue
        amount = Decimal(found["revenue"])
        share = amount / revenue if revenue else Decimal(0)
        rows.append(TierShare(tier, found["accounts"], Decimal(found["accounts"]) / accounts, amount, share))
    return rows


def flow_table(totals: dict[str, Any]) -> tuple[list[str], list[tuple[str, list[int]]]]:
    """The proposed tiers as columns, and per tier before a row with the number of accounts."""
    counts = {(before, after): number for before, after, number in totals.get("flow", [])}
    columns = [tier for tier in (*TIERS, "") if any(after == tier for _before, after in counts)]
    befores = [tier for tier in (*TIERS, "") if any(before == tier for before, _after in counts)]
    return columns, [(before, [counts.get((before, after), 0) for after in columns]) for before in befores]
