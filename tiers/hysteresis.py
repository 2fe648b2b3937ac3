"""Hysteresis: what is left of a run's verdict when one half-year of noise shall not move an account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

ORDER = {"A": 0, "B": 1, "C": 2, "": 3}


@dataclass(frozen=True)
class Rule:
    """When a move passes.

    A downgrade: after `down_runs` runs in a row (1: at once) or beyond `margin` (0: no margin); where both are set,
    either is enough, or with `need_both` both are needed. An upgrade: after `up_runs` runs in a row. The margin is in
    points of cumulative share (Pareto), points of score (scorecard) or percent of the bound (threshold).
    """

    down_runs: int = 1
    up_runs: int = 1
    margin: Decimal = Decimal(0)
    need_both: bool = False

    @property
    def looks_back(self) -> int:
        """How many earlier runs are needed."""
        return max(self.down_runs, self.up_runs) - 1


def better(one: str, other: str) -> bool:
    """Whether tier `one` is above `other` ("" is below C)."""
    return ORDER[one] < ORDER[other]


def best(tiers: Sequence[str]) -> str:
    return min(tiers, key=ORDER.__getitem__)


def worst(tiers: Sequence[str]) -> str:
    return max(tiers, key=ORDER.__getitem__)


def settle(current: str, raw: str, relaxed: str, earlier: Sequence[str | None], rule: Rule) -> tuple[str, str]:
    """The tier to propose, and why it is not `raw` ("" where it is): `no_data`, `runs`, `margin`, `runs_margin`.

    `raw` is what this run's numbers give, `relaxed` the same with the bounds moved by the margin, `earlier` what the
    runs before it gave, newest first (None: not evaluated). Nothing is known (`raw` is ""): the account keeps its tier.
    An account without a tier gets one at once. A move over two tiers may pass by one first: the tier is proposed that
    all the runs in a row, or the margin, allow.
    """
    if raw == "":
        return current, "no_data"
    if current in ("", raw):
        return raw, ""
    if better(raw, current):
        target = _confirmed_upgrade(current, raw, earlier, rule.up_runs)
        return target, "" if target == raw else "runs"
    return _downgrade(current, raw, relaxed, earlier, rule)


def _confirmed_upgrade(current: str, raw: str, earlier: Sequence[str | None], runs: int) -> str:
    row = _row(raw, earlier, runs)
    return current if row is None else best([current, worst(row)])


def _downgrade(current: str, raw: str, relaxed: str, earlier: Sequence[str | None], rule: Rule) -> tuple[str, str]:
    allowed, hold = [], []
    if rule.down_runs > 1:
        row = _row(raw, earlier, rule.down_runs)
        allowed.append(current if row is None else worst([current, best(row)]))
        hold.append("runs")
    if rule.margin > 0:
        allowed.append(worst([current, relaxed]))
        hold.append("margin")
    if not allowed:
        return raw, ""
    target = best(allowed) if rule.need_both else worst(allowed)
    return target, "" if target == raw else "_".join(hold)


def _row(raw: str, earlier: Sequence[str | None], runs: int) -> list[str] | None:
    """The verdicts of the last `runs` runs, this one included; None where one of them is missing."""
    before = list(earlier[: runs - 1])
    known = [tier for tier in before if tier]
    return [raw, *known] if len(known) == runs - 1 else None
