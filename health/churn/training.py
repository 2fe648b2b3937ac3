"""Learning a model from the company's own past, by snapshots that lie wholly before a day."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from health.churn import bgnbd, gamma_gamma
from health.churn.boosting import Settings, fit_forest
from health.churn.design import DIRECTIONS, Buying, Design, design_at, repeat_buying
from health.churn.features import selling_at
from health.churn.labels import Labels, labels_at
from health.churn.logistic import fit_logistic
from health.churn.model import FALLEN, SILENT, TARGETS, ChurnModel, Head, Training
from health.churn.purchases import Floats, Ints, Purchases, in_population, sampled
from health.churn.rule import Rule, chance_of, learn_rule
from health.churn.season import DailyCounts, Season, daily_counts, season_of
from health.churn.trees import mean_forest

# Why no model was learnt; the words for them are the page's.
SHORT_HISTORY, FEW_ACCOUNTS, NO_CHURN, ALL_CHURN = "short_history", "few_accounts", "no_churn", "all_churn"


@dataclass(frozen=True)
class Plan:
    """How a model is learnt. Defaults as measured on a company with a thousand accounts that have a rhythm."""

    horizon: int = 90
    targets: tuple[str, ...] = TARGETS
    order_days: int = 3
    every: int = 15
    # An account needs some history before its first snapshot, and a model some outcomes of both kinds.
    warm_up: int = 120
    longest: int = 3 * 365
    least_rows: int = 200
    least_cases: int = 25
    most_rows: int = 40_000
    most_accounts: int = 6_000
    most_snapshots: int = 40
    ridge: float = 500.0
    # The trees' share of the mix grows with the days that the snapshots span: half of `most_trees` at `trees_after`.
    most_trees: float = 0.6
    trees_after: float = 120.0
    bags: int = 2
    forest: Settings = field(default_factory=Settings)
    # How fast the share that spends less forgets, in days.
    half_life: float = 60.0


@dataclass(frozen=True)
class Snapshot:
    """One day in the past with the accounts that had a rhythm then, and what became of them."""

    day: int
    design: Design
    labels: Labels
    chance: Floats


@dataclass(frozen=True)
class Learnt:
    """A model, or the rule and why there is none."""

    model: ChurnModel | None
    rule: Rule
    reason: str = ""


def train(purchases: Purchases, day: int, plan: Plan | None = None, daily: DailyCounts | None = None) -> Learnt:
    """Learn from what was known before `day`.

    `daily` counts the order days of the whole company where `purchases` is a sample of its accounts. Of many accounts,
    a fair choice is learnt from.
    """
    how = plan or Plan()
    known = purchases.before(day)
    counts = (daily or daily_counts(known)).before(day)
    known = known.only(sampled(known.ids, how.most_accounts))
    season = season_of(counts, day, how.horizon)
    days = snapshot_days(known, day, how)
    buying = fit_buying(known, day, season)
    if buying is None or not days:
        return Learnt(None, Rule(), SHORT_HISTORY)
    snapshots = [take_snapshot(known, each, season, buying, how) for each in days]
    snapshots = [each for each in snapshots if len(each.chance)]
    rule = _rule_of(snapshots)
    reason = _refusal(snapshots, how)
    if reason:
        return Learnt(None, rule, reason)
    return Learnt(_model(known, day, snapshots, buying, rule, how), rule)


def snapshot_days(known: Purchases, day: int, plan: Plan) -> list[int]:
    """Days whose horizon is over at `day`, the earliest first, as far back as there is history to stand on."""
    if not len(known.orders.day):
        return []
    first = max(int(known.orders.day.min()) + plan.warm_up, day - plan.longest)
    last = day - plan.horizon
    every = max(plan.every, -(-(last - first) // plan.most_snapshots))
    return sorted(range(last, first - 1, -every))


def fit_buying(known: Purchases, day: int, season: Season) -> Buying | None:
    """BG/NBD in plain and in operational days, over all accounts that ever bought."""
    fits = []
    for clock in (None, season):
        x, recency, age = repeat_buying(known, day, clock)
        bought = x >= 0
        fits.append(bgnbd.fit(x[bought], recency[bought], age[bought]))
    plain, busy = fits
    return Buying(plain, busy) if plain and busy else None


def take_snapshot(known: Purchases, day: int, season: Season, buying: Buying, plan: Plan) -> Snapshot:
    """The accounts with a rhythm on `day`: features from before it, outcomes from after it."""
    past = known.before(day)
    keep = in_population(past, day, plan.order_days)
    past = past.only(keep)
    design = design_at(past, day, season, plan.horizon, buying, selling_at(past, day))
    return Snapshot(day, design, labels_at(known.only(keep), day, plan.horizon), chance_of(past, day))


def _rule_of(snapshots: list[Snapshot]) -> Rule:
    if not snapshots:
        return Rule()
    return learn_rule(
        np.concatenate([each.chance for each in snapshots]),
        np.concatenate([each.labels.silent for each in snapshots]),
        np.concatenate([each.labels.fallen for each in snapshots]),
    )


def _refusal(snapshots: list[Snapshot], plan: Plan) -> str:
    """Why these snapshots teach nothing; empty if they do."""
    rows = sum(len(each.chance) for each in snapshots)
    silent = sum(int(each.labels.silent.sum()) for each in snapshots)
    if rows < plan.least_rows:
        return FEW_ACCOUNTS
    if silent < plan.least_cases:
        return NO_CHURN
    return ALL_CHURN if rows - silent < plan.least_cases else ""


def _model(known: Purchases, day: int, snapshots: list[Snapshot], buying: Buying, rule: Rule, plan: Plan) -> ChurnModel:
    rng = np.random.default_rng(0)
    total = sum(len(each.chance) for each in snapshots)
    share = min(1.0, plan.most_rows / total)
    rows = [rng.random(len(each.chance)) < share for each in snapshots]
    values = np.concatenate([each.design.values[keep] for each, keep in zip(snapshots, rows, strict=True)])
    group = np.concatenate([np.full(int(keep.sum()), place) for place, keep in enumerate(rows)])
    silent = np.concatenate([each.labels.silent[keep] for each, keep in zip(snapshots, rows, strict=True)])
    fallen = np.concatenate([each.labels.fallen[keep] for each, keep in zip(snapshots, rows, strict=True)])
    span = snapshots[-1].day - snapshots[0].day
    trees = plan.most_trees * span / (span + plan.trees_after)
    return ChurnModel(
        horizon=plan.horizon,
        order_days=plan.order_days,
        buying=buying,
        value=_value_model(known, day),
        heads={
            name: _head(values, outcome.astype(np.float64), group, trees, plan, plan.bags if name == SILENT else 1)
            for name, outcome in ((SILENT, silent), (FALLEN, fallen))
            if name in plan.targets
        },
        fallen_share=_fallen_share(snapshots, day, plan),
        rule=rule,
        training=Training(
            day, tuple(each.day for each in snapshots), len(values), float(silent.mean()), float(fallen.mean())
        ),
    )


def _head(values: Floats, outcome: Floats, group: Ints, trees: float, plan: Plan, bags: int) -> Head:
    logistic = fit_logistic(values, outcome, group, plan.ridge)
    forests = [fit_forest(values, outcome, group, DIRECTIONS, seed, plan.forest) for seed in range(bags)]
    return Head(logistic, mean_forest(forests), trees)


def _fallen_share(snapshots: list[Snapshot], day: int, plan: Plan) -> float:
    """Of the accounts that did order, the share that spent below half of the expectation, of late."""
    shares = [
        (each.labels.fallen & ~each.labels.silent).sum() / max((~each.labels.silent).sum(), 1) for each in snapshots
    ]
    return float(np.average(shares, weights=_fading(snapshots, day, plan)))


def _fading(snapshots: list[Snapshot], day: int, plan: Plan) -> Floats:
    ages = np.array([day - each.day for each in snapshots], dtype=np.float64)
    weights: Floats = 0.5 ** ((ages - ages.min()) / plan.half_life)
    return weights


def _value_model(known: Purchases, day: int) -> gamma_gamma.GammaGamma | None:
    orders = known.orders
    count = orders.total()
    return gamma_gamma.fit(count, orders.total(orders.sales) / np.maximum(count, 1))
