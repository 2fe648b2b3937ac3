"""Why an account has its probability: what each topic adds to the log-odds of the mean account. They add up exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import logit

from health.churn.design import NAMES
from health.churn.model import SILENT, ChurnModel, Level, Scores
from health.churn.purchases import Floats

# The columns that are about each topic, and the feature that stands for it with what that is compared with: another
# feature of the same account, or (empty) the median account.
COLUMNS: dict[str, str] = {
    "silence": "recency busy_recency silent_rank silent_gaps silent_median silent_p90 silent_busy expected_gap",
    "frequency": "orders_30 orders_60 orders_90 orders_180 orders_365 orders_all fading_45 fading_120 months pace",
    "regularity": "gap_mean gap_busy gap_spread gap_median gap_p90 gap_longest gap_last gap_recent",
    "trend": "trend_90 trend_180 sales_trend_90",
    "spending": "sales_90 sales_180 sales_365 order_size order_size_90 order_last",
    "returns": "returned return_days",
    "breadth": "lines groups groups_recent groups_dropped",
    "staples": "staples",
    "still_sold": "still_sold",
    "tenure": "age",
    "last_year": "then then_none",
    "buying": "nothing_busy nothing_plain orders_expected",
}
HEADLINES: dict[str, tuple[str, str]] = {
    "silence": ("recency", "gap_median"),
    "frequency": ("orders_365", ""),
    "regularity": ("gap_spread", ""),
    "trend": ("trend_90", ""),
    "spending": ("sales_365", ""),
    "returns": ("returned", ""),
    "breadth": ("groups_recent", ""),
    "staples": ("staples", ""),
    "still_sold": ("still_sold", ""),
    "tenure": ("age", ""),
    "last_year": ("orders_then", ""),
    "buying": ("nothing", ""),
}
TOPICS = tuple(COLUMNS)
_MATRIX = np.array([[float(name in columns.split()) for columns in COLUMNS.values()] for name in NAMES])


@dataclass(frozen=True)
class Contributions:
    """`base` is the log-odds of the mean account; `by_topic` has a row per account and a column per topic."""

    base: float
    topics: tuple[str, ...]
    by_topic: Floats


def contributions(model: ChurnModel, level: Level, scores: Scores) -> Contributions:
    """What each topic adds: for every account scored by the model, base + its row = the log-odds of its probability."""
    head = model.heads[SILENT]
    means = level.means[SILENT]
    parts = head.parts(scores.design.values) - means
    return Contributions(head.base + level.shift[SILENT] + float(means.sum()), TOPICS, parts @ _MATRIX)


def reasons(found: Contributions, level: Level, scores: Scores, count: int = 4) -> list[list[dict[str, object]]]:
    """Per account its `count` weightiest topics, then `rest`: `{"feature", "value", "typical", "contribution"}`.

    Accounts that BG/NBD alone scored have one reason: what it says, against the base.
    """
    order = np.argsort(-np.abs(found.by_topic), axis=1, kind="stable")[:, :count]
    heads = {name: _numbers(scores, head) for name, (head, _other) in HEADLINES.items()}
    typical = {
        name: _numbers(scores, other) if other else np.full(len(scores.silent), level.typical.get(head, np.nan))
        for name, (head, other) in HEADLINES.items()
    }
    lists: list[list[dict[str, object]]] = []
    for row, places in enumerate(order):
        if not scores.by_model[row]:
            lists.append([_reason("few_orders", scores.silent[row], level.rate, _odds(scores.silent[row], found.base))])
            continue
        chosen = [found.topics[place] for place in places]
        told = [
            _reason(name, heads[name][row], typical[name][row], found.by_topic[row, place])
            for name, place in zip(chosen, places, strict=True)
        ]
        rest = float(found.by_topic[row].sum() - found.by_topic[row, places].sum())
        lists.append([*told, _reason("rest", None, None, rest)])
    return lists


def _numbers(scores: Scores, name: str) -> Floats:
    """The numbers of a feature that stands for a topic."""
    return scores.design.nothing if name == "nothing" else scores.design.table.column(name)


def _odds(probability: float, base: float) -> float:
    return float(logit(np.clip(probability, 1e-4, 1 - 1e-4))) - base


def _reason(feature: str, value: float | None, typical: float | None, contribution: float) -> dict[str, object]:
    return {
        "feature": feature,
        "value": None if value is None else round(float(value), 3),
        "typical": None if typical is None or np.isnan(typical) else round(float(typical), 3),
        "contribution": round(float(contribution), 4),
    }
