"""A run as rows of a CSV file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import IO

from core.money import round_amount
from core.sheets import csv_safe
from tiers import wording
from tiers.models import TierRun

COLUMNS = ("account_code", "tier", "previous_tier", "revenue", "cum_before", "reason")


def write(run: TierRun, target: IO[str]) -> int:
    """Write every proposal of `run`, highest revenue first, reasons in the active language; returns how many.

    `tier` is the decided tier where there is a decision, else the proposed one. A cell never begins a formula.
    """
    writer = csv.writer(target)
    writer.writerow(COLUMNS)
    rows = 0
    for row in _rows(run):
        writer.writerow(row)
        rows += 1
    return rows


def _rows(run: TierRun) -> Iterator[tuple[str, ...]]:
    basis = wording.Basis.of_run(run)
    proposals = run.proposals.order_by("-revenue_amount", "account__code").select_related("account")
    for proposal in proposals.only(*_FIELDS).iterator(chunk_size=5000):
        decided = proposal.final_tier if proposal.decided_at else proposal.proposed_tier
        share = "" if proposal.cum_before is None else f"{proposal.cum_before:f}"
        yield (
            csv_safe(proposal.account.code),
            decided,
            proposal.tier_before,
            f"{round_amount(proposal.revenue_amount, run.currency):f}",
            share,
            wording.sentence(proposal, basis),
        )


_FIELDS = (
    "account__code",
    "tier_before",
    "raw_tier",
    "proposed_tier",
    "hold",
    "revenue_amount",
    "cum_before",
    "rank",
    "score",
    "evidence",
    "final_tier",
    "decided_at",
)
