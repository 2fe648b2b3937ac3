"""How dangerous an alert is, and how many alerts one person gets at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from health.choices import Severity

SHARES = (0.5, 0.2, 0.05)
"""Of the accounts with something at risk, the share that has at least so much at risk: medium, high, critical."""
PROBABLE, POSSIBLE = 0.3, 0.1
"""Below the first probability nothing is critical, below the second nothing high: the value alone is no danger."""
STRONG = 0.75
STAYS = 1.25
"""What is open gives way only to what is so many times as dangerous: an inbox that changes every night is no help."""
LAST = -1.0


class Claim(NamedTuple):
    """An alert that wants its owner's attention. `taken`: somebody takes care of it already; `open`: the owner has it;
    `cleared`: its reason is gone."""

    key: int
    rank: float
    taken: bool = False
    open: bool = False
    cleared: bool = False


def rank(value_at_risk: float | None, strength: float) -> float:
    """Probability × value at stake, in the reporting currency; of equals, and where nothing is known of either, the
    worse signal first."""
    return max(value_at_risk or 0.0, 0.0) + min(max(strength, 0.0), 1.0)


def severity(
    value_at_risk: float | None, probability: float | None, strength: float, bounds: Sequence[float]
) -> Severity:
    """From probability × value, measured by what is at risk at the company's other accounts (`bounds`, rising: from
    where on it is medium, high, critical); where that is unknown, from the signal alone."""
    if not value_at_risk or value_at_risk <= 0 or not bounds:
        return Severity.MEDIUM if strength >= STRONG else Severity.LOW
    level = Severity.LOW + sum(value_at_risk >= bound for bound in bounds)
    chance = probability or 0.0
    most = Severity.CRITICAL if chance >= PROBABLE else Severity.HIGH if chance >= POSSIBLE else Severity.MEDIUM
    return Severity(min(level, most))


def share_out(claims: Iterable[Claim], room: int) -> set[int]:
    """The keys of those that their one owner has: all that are taken care of, and of the others the most dangerous, as
    many as there is room for. What is open stays unless something clearly worse comes; what is cleared goes first."""
    claims = list(claims)
    taken = {claim.key for claim in claims if claim.taken}
    others = [claim for claim in claims if not claim.taken]
    others.sort(key=lambda claim: (-_weight(claim), not claim.open, claim.key))
    return taken | {claim.key for claim in others[: max(room - len(taken), 0)]}


def _weight(claim: Claim) -> float:
    if claim.cleared:
        return LAST
    return claim.rank * STAYS if claim.open else claim.rank
