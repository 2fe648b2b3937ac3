"""The plain rule: the chance that no order follows, by published numbers. It stands in where no model can be learnt,
and is the bar that a model has to pass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from health.churn.bgnbd import BgNbd
from health.churn.design import repeat_buying
from health.churn.purchases import Bools, Floats, Purchases

# BG/NBD of the customers of a CD shop, in days: Fader, Hardie and Lee (2005), as cited in bgnbd.py. Who has ordered
# seldom, or is silent for longer than usual, comes out alike whatever the trade; the shares tell how many they are.
PUBLISHED = BgNbd(0.243, 4.414 * 7, 0.793, 2.426, -9582.4)
_HORIZON = 90.0
# Bounds of that chance, and the shares that fall silent: what is assumed before an own past says otherwise. Each weighs
# as much as so many accounts.
BOUNDS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
PRIOR = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.85)
_PRIOR_WEIGHT = 20.0


@dataclass(frozen=True)
class Rule:
    """Shares that fell silent, by the published chance; `learnt_from` counts the outcomes behind them."""

    shares: tuple[float, ...] = PRIOR
    fallen: tuple[float, ...] = tuple(share + (1 - share) * 0.2 for share in PRIOR)
    learnt_from: int = 0

    def silent(self, chance: Floats) -> Floats:
        """P(no order) of accounts with this published chance; a higher one always means more risk."""
        return _joined(chance, self.shares)

    def spends_less(self, chance: Floats) -> Floats:
        """P(spend below half of the expectation)."""
        return _joined(chance, self.fallen)


def chance_of(history: Purchases, day: int) -> Floats:
    """P(no order in 90 days) by number and dates of the orders alone, for customers such as those of the source."""
    x, recency, age = repeat_buying(history, day, None)
    return PUBLISHED.nothing(np.maximum(x, 0), recency, age, _HORIZON)


def learn_rule(chance: Floats, silent: Bools, fallen: Bools) -> Rule:
    """The shares of the company's own past, drawn towards those assumed, and never falling with a higher chance."""
    place = np.searchsorted(np.array(BOUNDS), chance, side="right")
    count = np.bincount(place, minlength=len(PRIOR))
    before = Rule()
    return Rule(_shares(place, silent, count, before.shares), _shares(place, fallen, count, before.fallen), len(chance))


def _shares(place: np.ndarray, outcome: Bools, count: np.ndarray, prior: tuple[float, ...]) -> tuple[float, ...]:
    hits = np.bincount(place, weights=outcome.astype(np.float64), minlength=len(prior))
    raw = (hits + _PRIOR_WEIGHT * np.array(prior)) / (count + _PRIOR_WEIGHT)
    return tuple(float(share) for share in np.maximum.accumulate(raw))


def _joined(chance: Floats, shares: tuple[float, ...]) -> Floats:
    """Each share stands at the middle of its span."""
    edges = np.array([0.0, *BOUNDS, 1.0])
    middles = (edges[1:] + edges[:-1]) / 2
    joined: Floats = np.interp(chance, middles, np.array(shares))
    return joined
