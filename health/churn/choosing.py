"""Whether a newly learnt model is kept: it has to beat the plain rule and the model before on months that it did not
learn from."""

from __future__ import annotations

from dataclasses import dataclass, replace

from health.churn import backtesting
from health.churn.backtesting import Judged, Measures, Scorer, replay
from health.churn.model import SILENT, ChurnModel
from health.churn.purchases import Purchases
from health.churn.scorers import by_model, plain_rule, trained, walk
from health.churn.training import Plan

# Verdicts; the words for them are the page's.
FIRST, BETTER, REFRESHED = "first", "better", "refreshed"
WORSE_THAN_RULE, WORSE_THAN_BEFORE, NOT_JUDGED = "worse_than_rule", "worse_than_before", "not_judged"
KEPT = (FIRST, BETTER, REFRESHED)
HELD_OUT = 3
_NOISE = 0.01
_MONTH = 30


@dataclass(frozen=True)
class Trial:
    """The measures of `model`, `rule` and, where there are months that it has not seen, `before`; and the verdict."""

    verdict: str
    measures: dict[str, Measures]

    @property
    def kept(self) -> bool:
        return self.verdict in KEPT


def try_out(purchases: Purchases, day: int, plan: Plan, before: ChurnModel | None) -> Trial:
    """Judge the way in which models are learnt on the latest held-out months before `day`.

    For each of these months a model is learnt from what was known before it. The model before takes part in the months
    that began after it was trained.
    """
    known = purchases.before(day)
    days = sorted(day - plan.horizon - _MONTH * number for number in range(HELD_OUT))
    unseen = [each for each in days if before and before.training.day <= each]
    path = walk(known, plan.horizon, replace(plan, targets=(SILENT,)))
    scorers: dict[str, Scorer] = {"model": trained(path), "rule": plain_rule(path)}
    learnt = [each for each in days if path.learnt(each).model is not None]
    found = _measured(known, learnt, plan, scorers)
    if before and unseen and before.horizon == plan.horizon:

        def as_it_was(each: int) -> Judged:
            return by_model(known, before, each, path.daily)

        pair = {"model": scorers["model"], "before": as_it_was}
        against = _measured(known, [each for each in unseen if each in learnt], plan, pair)
        found |= {"before": against["before"], "model_against_before": against["model"]}
    return Trial(verdict(found, known_before=before is not None), found)


def _measured(known: Purchases, days: list[int], plan: Plan, scorers: dict[str, Scorer]) -> dict[str, Measures]:
    snapshots = list(replay(known, days, plan.horizon, scorers, plan.order_days))
    return {name: backtesting.measures(snapshots, known, plan.horizon, name) for name in scorers}


def verdict(found: dict[str, Measures], *, known_before: bool) -> str:
    """The verdict on these measures."""
    if not _pooled(found["model"]):
        return NOT_JUDGED
    if not is_better(found["model"], found["rule"]):
        return WORSE_THAN_RULE
    if not known_before:
        return FIRST
    if "before" not in found or not _pooled(found["before"]):
        return REFRESHED
    return BETTER if is_better(found["model_against_before"], found["before"]) else WORSE_THAN_BEFORE


def is_better(candidate: Measures, bar: Measures) -> bool:
    """Its probabilities are nearer to what happened (Brier score), and it ranks no worse than by chance.

    The Brier score judges ranking and calibration together; a ranking (ROC AUC) within the noise of some hundred
    accounts is no reason against better probabilities, a clearly worse one is.
    """
    new, old = _pooled(candidate), _pooled(bar)
    closer = _difference(old.get("brier"), new.get("brier")) > 0
    return closer and _difference(new.get("auc"), old.get("auc")) >= -_NOISE


def _pooled(found: Measures) -> dict[str, float]:
    pooled = found.get("pooled")
    return pooled if isinstance(pooled, dict) else {}


def _difference(new: float | None, old: float | None) -> float:
    return new - old if new is not None and old is not None else 0.0
