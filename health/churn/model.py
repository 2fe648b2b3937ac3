"""The kept model: what it says about accounts on a day, and how sure the parts are that make it say so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from health.churn.design import Buying, Design, design_at, repeat_buying
from health.churn.features import selling_at
from health.churn.gamma_gamma import GammaGamma
from health.churn.logistic import Logistic
from health.churn.purchases import Bools, Floats, Ints, Purchases, in_population
from health.churn.rule import Rule
from health.churn.season import Season
from health.churn.trees import Forest

SILENT, FALLEN = "silent", "fallen"
TARGETS = (SILENT, FALLEN)
# The days of the windows that tell at which pace accounts buy now, and how far that is trusted to go on.
WINDOW = 30
_PACE_TRUST = 0.5
_LEAST_FOR_PACE = 50
# How far, in log-odds, the error in the latest finished horizon is believed at most, and trusted to come again.
_MOST_ERROR = 0.5
_ERROR_TRUST = 0.5


@dataclass(frozen=True)
class Head:
    """One target: a weighted sum and trees, mixed. Log-odds up to a constant, which the day gives."""

    logistic: Logistic
    forest: Forest
    share: float  # of the trees

    def score(self, values: Floats) -> Floats:
        score: Floats = (1 - self.share) * self.logistic.score(values) + self.share * self.forest.score(values)
        return score

    def parts(self, values: Floats) -> Floats:
        """What each column adds: together with `base` they make the score."""
        parts: Floats = (1 - self.share) * self.logistic.parts(values) + self.share * self.forest.parts(values)
        return parts

    @property
    def base(self) -> float:
        return self.share * self.forest.base


@dataclass(frozen=True)
class Training:
    """On what a model was learnt: `day` is the day before which everything lies that it knows."""

    day: int
    snapshots: tuple[int, ...]
    rows: int
    silent_rate: float
    fallen_rate: float


@dataclass(frozen=True)
class ChurnModel:
    """Everything that is needed to score. `order_days` in the last 365 days make an account one with a rhythm."""

    horizon: int
    order_days: int
    buying: Buying
    value: GammaGamma | None
    heads: dict[str, Head]
    fallen_share: float
    rule: Rule
    training: Training


@dataclass(frozen=True)
class Level:
    """What makes log-odds out of scores on a day: one constant per target, from the accounts of that day.

    `means` holds the mean part of each column and `typical` the median of each feature, so that explanations can say
    what sets an account apart from the others. `selling` are the products that the company sells now.
    """

    day: int
    season: Season
    pace: float
    shift: dict[str, float]
    expected_rate: dict[str, float]
    means: dict[str, Floats]
    typical: dict[str, float]
    selling: Ints

    @property
    def rate(self) -> float:
        """The share of the accounts with a rhythm that will fall silent."""
        return self.expected_rate[SILENT]


@dataclass(frozen=True)
class Scores:
    """Per account: who is scored by the model (the others by BG/NBD alone), probabilities, and the columns behind."""

    by_model: Bools
    silent: Floats
    fallen: Floats
    design: Design


def level_at(model: ChurnModel, history: Purchases, day: int, season: Season) -> Level:
    """The level of `day`, from all accounts or a fair sample of them, as known before it.

    The share that will fall silent is what BG/NBD expects of these accounts in a span as busy as the season says, at
    the pace at which the accounts have lately been buying, less half of the error that it made in the latest finished
    horizon. `history` holds the accounts that ordered in the year before that horizon, too.
    """
    known = history.only(in_population(history, day, model.order_days))
    selling = selling_at(known, day)
    zero = np.zeros(len(model.heads[SILENT].logistic.weights))
    if not len(known):
        halves = dict.fromkeys(TARGETS, 0.5)
        return Level(day, season, 1.0, dict.fromkeys(TARGETS, 0.0), halves, dict.fromkeys(TARGETS, zero), {}, selling)
    pace = recent_pace(model, history, day, season)
    design = design_at(known, day, season, model.horizon, model.buying, selling)
    silent = float(nothing_bought(model, known, day, season, model.horizon, pace).mean())
    silent = float(expit(logit(np.clip(silent, 1e-4, 1 - 1e-4)) + recent_error(model, history, day, season)))
    rates = {SILENT: silent, FALLEN: silent + (1 - silent) * model.fallen_share}
    shift = {name: shift_to(head.score(design.values), rates[name]) for name, head in model.heads.items()}
    means = {name: head.parts(design.values).mean(axis=0) for name, head in model.heads.items()}
    typical = dict(zip(design.table.names, np.median(design.table.values, axis=0).tolist(), strict=True))
    typical["nothing"] = float(np.median(design.nothing))
    return Level(day, season, pace, shift, rates, means, typical, selling)


def nothing_bought(
    model: ChurnModel, history: Purchases, day: int, season: Season, span: int, pace: float = 1.0
) -> Floats:
    """P(no order in the `span` days from `day`) by BG/NBD in operational days, at so many times the usual pace."""
    x, recency, age = repeat_buying(history, day, season)
    busy = float(season.between(day, day + span))
    return model.buying.busy.nothing(np.maximum(x, 0), recency, age, busy * pace)


def recent_pace(model: ChurnModel, history: Purchases, day: int, season: Season) -> float:
    """At how many times the expected pace accounts with a rhythm bought in the latest windows; halfway trusted."""
    logs = [0.0]
    for start in (day - WINDOW * 2, day - WINDOW * 3 // 2, day - WINDOW):
        past = history.before(start)
        keep = in_population(past, start, model.order_days)
        if keep.sum() < _LEAST_FOR_PACE:
            continue
        silent = float((history.only(keep).between(start, start + WINDOW).orders.total() == 0).mean())
        logs.append(_log_pace(model, past.only(keep), start, season, silent))
    return float(np.exp(_PACE_TRUST * np.mean(logs[1:] or logs)))


def recent_error(model: ChurnModel, history: Purchases, day: int, season: Season) -> float:
    """By how much in log-odds more accounts fell silent in the horizon that ends at `day` than expected; half of it."""
    start = day - model.horizon
    past = history.before(start)
    keep = in_population(past, start, model.order_days)
    count = int(keep.sum())
    if count < _LEAST_FOR_PACE:
        return 0.0
    silent = int((history.only(keep).between(start, day).orders.total() == 0).sum())
    expected = float(nothing_bought(model, past.only(keep), start, season, model.horizon).mean())
    error = logit((silent + 0.5) / (count + 1)) - logit(np.clip(expected, 1e-4, 1 - 1e-4))
    return float(_ERROR_TRUST * np.clip(error, -_MOST_ERROR, _MOST_ERROR))


def _log_pace(model: ChurnModel, past: Purchases, start: int, season: Season, silent: float) -> float:
    """The logarithm of the pace at which this share is silent for a window, between a third and three times."""
    low, high = -1.1, 1.1

    def off(log: float) -> float:
        return float(nothing_bought(model, past, start, season, WINDOW, float(np.exp(log))).mean()) - silent

    if off(low) <= 0 or off(high) >= 0:
        return low if off(low) <= 0 else high
    return _root(off, low, high, 1e-4)


def _root(off: Callable[[float], float], low: float, high: float, precision: float) -> float:
    from scipy.optimize import brentq  # noqa: PLC0415  25 MB in every process, which scoring alone needs

    return float(brentq(off, low, high, xtol=precision))


def shift_to(score: Floats, rate: float) -> float:
    """The constant that makes the mean probability of the scores this rate."""
    wanted = min(max(rate, 1e-4), 1 - 1e-4)
    low, high = -20.0 - float(score.max()), 20.0 - float(score.min())
    return _root(lambda shift: float(expit(score + shift).mean()) - wanted, low, high, 1e-9)


def score_accounts(model: ChurnModel, history: Purchases, level: Level) -> Scores:
    """The probabilities of every account of `history`, which is what was known before the day of `level`."""
    design = design_at(history, level.day, level.season, model.horizon, model.buying, level.selling)
    by_model = in_population(history, level.day, model.order_days)
    few = nothing_bought(model, history, level.day, level.season, model.horizon, level.pace)
    found = {name: expit(head.score(design.values) + level.shift[name]) for name, head in model.heads.items()}
    silent = np.where(by_model, found[SILENT], few)
    fallen = np.where(by_model, found.get(FALLEN, found[SILENT]), few + (1 - few) * model.fallen_share)
    return Scores(by_model, silent, np.maximum(fallen, silent), design)
