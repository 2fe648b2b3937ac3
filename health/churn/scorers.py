"""Scorers for the backtest: a model learnt anew on each snapshot, the plain rule, and a model as it is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from health.churn.backtesting import Judged, Scorer
from health.churn.model import ChurnModel, level_at, score_accounts
from health.churn.purchases import YEAR, Purchases, in_population
from health.churn.rule import Rule, chance_of
from health.churn.season import DailyCounts, daily_counts, season_of
from health.churn.training import Learnt, Plan, train


@dataclass
class Walk:
    """Learns on each day from what was known before it, once per day, for all scorers that ask."""

    purchases: Purchases
    plan: Plan
    daily: DailyCounts

    def __post_init__(self) -> None:
        self._learnt: tuple[int, Learnt] | None = None

    def learnt(self, day: int) -> Learnt:
        if self._learnt is None or self._learnt[0] != day:
            self._learnt = (day, train(self.purchases, day, self.plan, self.daily))
        return self._learnt[1]


def walk(purchases: Purchases, horizon: int, plan: Plan | None = None) -> Walk:
    """A walk through the past with this horizon."""
    return Walk(purchases, replace(plan or Plan(), horizon=horizon), daily_counts(purchases))


def trained(walk: Walk) -> Scorer:
    """The model as it would have been on the day; the rule where there would have been none."""

    def score(day: int) -> Judged:
        learnt = walk.learnt(day)
        if learnt.model is None:
            return by_rule(walk.purchases, learnt.rule, day, walk.plan.order_days)
        return by_model(walk.purchases, learnt.model, day, walk.daily)

    return score


def plain_rule(walk: Walk) -> Scorer:
    """The plain rule with the shares that were known on the day."""

    def score(day: int) -> Judged:
        return by_rule(walk.purchases, walk.learnt(day).rule, day, walk.plan.order_days)

    return score


def by_model(purchases: Purchases, model: ChurnModel, day: int, daily: DailyCounts) -> Judged:
    """What a model says of the accounts that have a rhythm."""
    past = purchases.before(day)
    season = season_of(daily, day, model.horizon)
    since = day - YEAR - model.horizon  # those long gone would only take time
    past = past.only(past.orders.total(where=past.orders.day >= since) > 0)
    scores = score_accounts(model, past, level_at(model, past, day, season))
    keep = scores.by_model
    return Judged(past.ids[keep], scores.silent[keep], scores.silent[keep])


def by_rule(purchases: Purchases, rule: Rule, day: int, order_days: int) -> Judged:
    """What the rule says of them."""
    past = purchases.before(day)
    past = past.only(in_population(past, day, order_days))
    chance = chance_of(past, day)
    return Judged(past.ids, chance, np.asarray(rule.silent(chance)))
