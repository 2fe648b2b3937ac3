"""A proposal's arithmetic in signs that need no translation: what the tier history keeps as its reason."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING

from core.money import round_amount
from tiers.choices import Method

if TYPE_CHECKING:
    from tiers.models import TierProposal


def notation(proposal: TierProposal) -> str:
    """Such as `standard v2 · 2010-06-01 · GBP 153270.35 · #1 · 0.00% < 80%`. Reads run, version and policy.

    Shares and scores are rounded down, as in the sentence: just below a cut must not read as the cut.
    """
    run = proposal.run
    version = run.version
    revenue = round_amount(proposal.revenue_amount, run.currency)
    parts = [f"{version.policy.code} v{version.number}", str(run.as_of), f"{run.currency} {revenue:f}"]
    if proposal.rank is not None:
        parts.append(f"#{proposal.rank}")
    if version.method == Method.PARETO:
        parts.append(_pareto(proposal, version.parameters))
    elif version.method == Method.SCORECARD and proposal.score is not None:
        score = proposal.score.quantize(Decimal("0.1"), ROUND_FLOOR)
        parts.append(f"{score}/100 (A ≥ {version.parameters['band_a']}, B ≥ {version.parameters['band_b']})")
    elif version.method == Method.THRESHOLD:
        parts.append(f"A ≥ {version.parameters['bound_a']}, B ≥ {version.parameters['bound_b']}")
    return " · ".join(parts)


def _pareto(proposal: TierProposal, parameters: dict[str, str]) -> str:
    if proposal.rank is None or proposal.cum_before is None:
        return "≤ 0"
    share = f"{(proposal.cum_before * 100).quantize(Decimal('0.01'), ROUND_FLOOR)}%"
    if proposal.raw_tier == "A":
        return f"{share} < {parameters['cut_a']}%"
    sign = "<" if proposal.raw_tier == "B" else "≥"
    return f"{share} {sign} {parameters['cut_b']}%"
