"""Ridge logistic regression with an intercept of its own for each snapshot: it learns who, not when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from health.churn.purchases import Floats, Ints

_STEPS = 25
# Beyond this many standard deviations a column says no more than there.
_CLIP = 4.0


@dataclass(frozen=True)
class Logistic:
    """Weights of standardised columns; `center` and `scale` are those of the training rows."""

    center: Floats
    scale: Floats
    weights: Floats

    def parts(self, values: Floats) -> Floats:
        """What each column adds to the log-odds of each row."""
        parts: Floats = np.clip((values - self.center) / self.scale, -_CLIP, _CLIP) * self.weights
        return parts

    def score(self, values: Floats) -> Floats:
        """Log-odds up to a constant."""
        score: Floats = self.parts(values).sum(axis=1)
        return score


def fit_logistic(values: Floats, outcome: Floats, group: Ints, ridge: float) -> Logistic:
    """Fit by Newton's method; `group` numbers the snapshots, the last of which is the latest one.

    A column that is constant gets the weight 0. One that has only lately begun to vary (history was too short before)
    is scaled by its spread in the latest snapshot, so that its few values do not count for more than others.
    """
    center = values.mean(axis=0)
    latest = values[group == group.max()]
    scale = np.maximum(values.std(axis=0), latest.std(axis=0))
    varies = scale > 1e-9
    scale = np.where(varies, scale, 1.0)
    z = np.clip((values - center) / scale, -_CLIP, _CLIP) * varies
    weights = np.zeros(values.shape[1])
    level = np.zeros(int(group.max()) + 1)
    for _step in range(_STEPS):
        move = _newton(z, outcome, group, weights, level, ridge)
        weights += move[: len(weights)]
        level += move[len(weights) :]
        if np.abs(move).max() < 1e-8:
            break
    return Logistic(center, scale, weights)


def _newton(z: Floats, outcome: Floats, group: Ints, weights: Floats, level: Floats, ridge: float) -> Floats:
    """One step for the weights and the levels of the groups together."""
    p = expit(z @ weights + level[group])
    curve, rest = p * (1 - p), outcome - p
    groups = len(level)
    cross = np.zeros((z.shape[1], groups))
    for number in range(groups):
        rows = group == number
        cross[:, number] = z[rows].T @ curve[rows]
    own = np.diag(np.bincount(group, weights=curve, minlength=groups) + 1e-3)
    hessian = np.block([[(z * curve[:, None]).T @ z + ridge * np.eye(z.shape[1]), cross], [cross.T, own]])
    slope = np.concatenate(
        [z.T @ rest - ridge * weights, np.bincount(group, weights=rest, minlength=groups) - 1e-3 * level]
    )
    step: Floats = np.clip(np.linalg.solve(hessian, slope), -2.0, 2.0)
    return step
