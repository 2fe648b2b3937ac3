"""Replays the past: what would each scorer have said on each snapshot, and what became of the accounts."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from health.churn import metrics
from health.churn.labels import labels_at
from health.churn.metrics import Flags
from health.churn.purchases import Bools, Floats, Ints, Purchases, in_population

# The newest order may lie some days back because of a weekend or a holiday.
_CLOSED = 4
Measures = dict[str, object]


class Judged(NamedTuple):
    """What a scorer says of accounts: higher risk first; `probability` only where it claims to be one."""

    ids: Ints
    risk: Floats
    probability: Floats | None = None


# A scorer answers for a day with what was known before it.
Scorer = Callable[[int], Judged]


@dataclass(frozen=True)
class Snapshot:
    """The accounts with a rhythm on a day, and what became of them; `over`: the horizon lies within the data."""

    day: int
    over: bool
    ids: Ints
    quiet: Ints  # days since the last order
    silent: Bools
    fallen: Bools
    judged: dict[str, Judged]


def snapshot_days(first: dt.date, last: dt.date, every: str) -> list[int]:
    """Days from `first` to `last`: each week, or the same day of each month (its last day where it is shorter)."""
    days: list[int] = []
    number = 0
    while True:
        day = first + dt.timedelta(days=7 * number) if every == "week" else _months_later(first, number)
        if day > last:
            return days
        days.append(day.toordinal())
        number += 1


def _months_later(day: dt.date, months: int) -> dt.date:
    place = day.year * 12 + day.month - 1 + months
    year, month = divmod(place, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def replay(
    purchases: Purchases,
    days: list[int],
    horizon: int,
    scorers: Mapping[str, Scorer],
    order_days: int = 3,
    newest: int = 0,
) -> Iterator[Snapshot]:
    """Each snapshot with what every scorer says. Accounts that a scorer leaves out get its mildest risk.

    `newest` is the day of the company's newest order where that lies beyond these purchases.
    """
    last = max(int(purchases.orders.day.max()) if len(purchases.orders.day) else 0, newest)
    for day in days:
        keep = in_population(purchases.before(day), day, order_days)
        labels = labels_at(purchases.only(keep), day, horizon)
        ids = purchases.ids[keep]
        judged = {name: _aligned(scorer(day), ids) for name, scorer in scorers.items()}
        quiet = day - last_orders(purchases.before(day).only(keep))
        over = day + horizon <= last + 1 + _CLOSED
        yield Snapshot(day, over, ids, quiet, labels.silent, labels.fallen, judged)


def last_orders(history: Purchases) -> Ints:
    """The day of the last order of each account; 0 where there was none."""
    last = np.zeros(len(history), dtype=np.int64)
    last[history.orders.account] = history.orders.day  # rows are in the order of days, so the last one stays
    return last


def _aligned(said: Judged, ids: Ints) -> Judged:
    """What was said, in the order of `ids`."""
    order = np.argsort(said.ids)
    known = said.ids[order]
    place = np.minimum(np.searchsorted(known, ids), max(len(known) - 1, 0))
    found = known[place] == ids if len(known) else np.zeros(len(ids), dtype=bool)
    mildest = float(said.risk.min()) if len(known) else 0.0
    risk = np.where(found, said.risk[order][place], mildest) if len(known) else np.zeros(len(ids))
    if said.probability is None or not len(known):
        return Judged(ids, risk)
    return Judged(ids, risk, np.where(found, said.probability[order][place], np.nan))


def measures(snapshots: list[Snapshot], purchases: Purchases, horizon: int, scorer: str) -> Measures:
    """How good a scorer was, by snapshot and on the whole. Snapshots whose horizon is not over are left out."""
    over = [each for each in snapshots if each.over and len(each.ids)]
    months = [_of(each.silent, each.judged[scorer]) | {"day": _iso(each.day)} for each in over]
    if not over:
        return {"snapshots": [], "pooled": {}, "early": [], "lead": [], "lead_precision": None}
    parts = [(each.silent, each.judged[scorer].risk, each.quiet) for each in over]
    flags = [_flags(each, scorer) for each in over]
    lead = metrics.lead_times(flags, losses(purchases, flags, horizon))
    return {
        "snapshots": months,
        "pooled": _of(np.concatenate([each.silent for each in over]), _pooled(over, scorer)),
        "early": [row._asdict() | {"share": row.share} for row in metrics.early(parts)],
        "lead": [{"days": row.days, "lost": row.lost, "caught": row.caught, "share": row.share} for row in lead],
        "lead_precision": metrics.flag_precision(flags),
    }


def losses(purchases: Purchases, flags: list[Flags], horizon: int) -> dict[int, list[int]]:
    """For each account the order days after which it was silent for the whole horizon, which lies within the data."""
    orders = purchases.orders
    if not len(orders.day):
        return {}
    end = int(orders.day.max()) + 1
    following = np.append(orders.day[1:], end)
    new = np.append(orders.account[1:] != orders.account[:-1], True)
    silence = np.where(new, end, following) - orders.day
    wanted = (silence > horizon) & (orders.day >= flags[0].day - horizon)
    found: dict[int, list[int]] = {}
    for account, day in zip(orders.ids[orders.account[wanted]].tolist(), orders.day[wanted].tolist(), strict=True):
        found.setdefault(account, []).append(day)
    return found


def _flags(snapshot: Snapshot, scorer: str) -> Flags:
    raised = np.zeros(len(snapshot.ids), dtype=bool)
    raised[metrics.flagged(snapshot.judged[scorer].risk, metrics.FLAGGED)] = True
    return Flags(snapshot.day, snapshot.ids, raised, snapshot.silent)


def _pooled(snapshots: list[Snapshot], scorer: str) -> Judged:
    said = [each.judged[scorer] for each in snapshots]
    risk = np.concatenate([each.risk for each in said])
    parts = [each.probability for each in said if each.probability is not None]
    probability = np.concatenate(parts) if len(parts) == len(said) else None
    return Judged(np.concatenate([each.ids for each in said]), risk, probability)


def _of(outcome: Bools, said: Judged) -> Measures:
    """The measures of one set of accounts."""
    top = metrics.at_top(outcome, said.risk)
    fifth = metrics.at_top(outcome, said.risk, metrics.FLAGGED)
    found: Measures = {
        "accounts": len(outcome),
        "base_rate": float(outcome.mean()),
        "auc": metrics.roc_auc(outcome, said.risk),
        "precision": top.precision if top else None,
        "recall": top.recall if top else None,
        "lift": top.lift if top else None,
        "precision_20": fifth.precision if fifth else None,
        "recall_20": fifth.recall if fifth else None,
    }
    if said.probability is None:
        return found
    known = ~np.isnan(said.probability)
    if not known.any():
        return found
    outcome, probability = outcome[known], said.probability[known]
    curve = metrics.calibration_curve(outcome, probability)
    return found | {
        "brier": metrics.brier(outcome, probability),
        "predicted": float(probability.mean()),
        "curve": [row._asdict() for row in curve],
    }


def _iso(day: int) -> str:
    return dt.date.fromordinal(day).isoformat()
