"""How good warnings are: ranking, calibration, and how early they come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from health.churn.purchases import Bools, Floats, Ints

TOP = 0.1
BINS = 10
FLAGGED = 0.2
LEAD_DAYS = (0, 30, 60, 90, 180)


class Top(NamedTuple):
    """Of the most endangered share: how many really went, how many of all that went, against chance."""

    flagged: int
    precision: float
    recall: float
    lift: float


class Bin(NamedTuple):
    """A tenth of the accounts, by probability: predicted and actual share."""

    accounts: int
    predicted: float
    actual: float


class Lead(NamedTuple):
    """Of `lost` accounts, `caught` were flagged by so many days after their last order."""

    days: int
    lost: int
    caught: int

    @property
    def share(self) -> float | None:
        return self.caught / self.lost if self.lost else None


def roc_auc(outcome: Bools, risk: Floats) -> float | None:
    """P(an account that went has a higher risk than one that stayed), ties halved; None where all did the same."""
    positives = int(outcome.sum())
    negatives = len(outcome) - positives
    if not positives or not negatives:
        return None
    _values, place, count = np.unique(risk, return_inverse=True, return_counts=True)
    rank = np.cumsum(count) - (count - 1) / 2
    return float((rank[place][outcome].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def at_top(outcome: Bools, risk: Floats, share: float = TOP) -> Top | None:
    """What the most endangered `share` is worth; None without accounts or without any that went."""
    base = float(outcome.mean()) if len(outcome) else 0.0
    if not base:
        return None
    rows = flagged(risk, share)
    precision = float(outcome[rows].mean())
    return Top(len(rows), precision, float(outcome[rows].sum() / outcome.sum()), precision / base)


def flagged(risk: Floats, share: float) -> Ints:
    """The rows of the most endangered share, at least one; of equals the first."""
    size = max(1, int(len(risk) * share))
    rows: Ints = np.argsort(-risk, kind="stable")[:size]
    return rows


def brier(outcome: Bools, probability: Floats) -> float | None:
    """The mean squared error of the probabilities."""
    return float(np.mean((probability - outcome) ** 2)) if len(outcome) else None


def calibration_curve(outcome: Bools, probability: Floats, bins: int = BINS) -> list[Bin]:
    """Predicted against actual shares, in groups of equal size."""
    order = np.argsort(probability, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    return [Bin(len(part), float(probability[part].mean()), float(outcome[part].mean())) for part in parts]


class Early(NamedTuple):
    """Accounts whose last order was from `days` to before `until` days ago: of those `lost`, `caught` were among the
    most endangered fifth of them; `precision` is the share of the flags that was right."""

    days: int
    until: int | None
    accounts: int
    lost: int
    caught: int
    precision: float | None

    @property
    def share(self) -> float | None:
        return self.caught / self.lost if self.lost else None


def early(parts: list[tuple[Bools, Floats, Ints]], share: float = FLAGGED) -> list[Early]:
    """How well lost accounts are told apart so many days after their last order.

    Each part is a snapshot: outcome, risk, and the days since the last order. In each span of days the most endangered
    `share` of that span is flagged: what a manager would see who looks at accounts that are equally long silent.
    """
    rows = []
    for days, until in zip(LEAD_DAYS, (*LEAD_DAYS[1:], None), strict=True):
        accounts = lost = caught = raised = 0
        for outcome, risk, quiet in parts:
            inside = (quiet >= days) & (quiet < (until or np.inf))
            if not inside.any():
                continue
            picked = flagged(risk[inside], share)
            accounts += int(inside.sum())
            lost += int(outcome[inside].sum())
            raised += len(picked)
            caught += int(outcome[inside][picked].sum())
        rows.append(Early(days, until, accounts, lost, caught, caught / raised if raised else None))
    return rows


class Flags(NamedTuple):
    """A snapshot: its day, who was in it, who was flagged, and who did fall silent."""

    day: int
    ids: Ints
    flagged: Bools
    silent: Bools


def lead_times(flags: list[Flags], last_orders: Mapping[int, list[int]]) -> list[Lead]:
    """How early lost accounts were flagged.

    `last_orders` names for each account the days after which it was silent for the whole horizon. A loss counts if the
    account was in the first snapshot after it; it is caught by day d if it was flagged in a snapshot later than the
    last order and at most d days after it (for 0: in the last snapshot before the order). Losses for which the
    snapshots do not reach far enough are left out of that row.
    """
    days = np.array([each.day for each in flags], dtype=np.int64)
    members = [set(each.ids.tolist()) for each in flags]
    warned = [set(each.ids[each.flagged].tolist()) for each in flags]
    found = {lead: [0, 0] for lead in LEAD_DAYS}
    for account, lasts in last_orders.items():
        for last in lasts:
            after = int(np.searchsorted(days, last, side="right"))
            if after >= len(days) or account not in members[after] or (after and last < days[0]):
                continue
            _count(found, account, last, after, days, warned)
    return [Lead(lead, lost, caught) for lead, (lost, caught) in found.items()]


def _count(
    found: dict[int, list[int]], account: int, last: int, after: int, days: Ints, warned: list[set[int]]
) -> None:
    """Enter one loss into the rows that the snapshots reach."""
    for lead, tally in found.items():
        if lead == 0:
            reached, seen = after > 0, range(after - 1, after)
        else:
            reached, seen = last + lead <= days[-1], range(after, int(np.searchsorted(days, last + lead, side="right")))
        if reached:
            tally[0] += 1
            tally[1] += any(account in warned[place] for place in seen)


def flag_precision(flags: list[Flags]) -> float | None:
    """Of all flags, the share after which the account did fall silent."""
    raised = sum(int(each.flagged.sum()) for each in flags)
    right = sum(int((each.flagged & each.silent).sum()) for each in flags)
    return right / raised if raised else None
