"""The gamma-gamma model of what an order is worth.

Orders of a customer vary around the customer's own mean (shape p), means vary over customers (q, v), independently of
how often they buy. A customer with few orders is drawn towards the mean of all.

Source: P. S. Fader, B. G. S. Hardie and K. L. Lee (2005), "RFM and CLV: Using Iso-Value Curves for Customer Base
Analysis", Journal of Marketing Research 42(4), 415-430; likelihood (1a) and conditional mean (5) of P. S. Fader and
B. G. S. Hardie (2013), "The Gamma-Gamma Model of Monetary Value".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from health.churn.purchases import Floats

_BOUND = 9.0


@dataclass(frozen=True)
class GammaGamma:
    """Fitted parameters; `v` has the unit of the amounts."""

    p: float
    q: float
    v: float

    def mean(self, count: Floats, average: Floats) -> Floats:
        """The expected amount of an order of a customer with `count` orders of this average."""
        weight = self.p * count / (self.p * count + self.q - 1)
        prior = self.p * self.v / (self.q - 1)
        mean: Floats = (1 - weight) * prior + weight * average
        return mean


def fit(count: Floats, average: Floats) -> GammaGamma | None:
    """Fit to customers with at least one order and a positive average; None where there are fewer than two."""
    from scipy.optimize import minimize  # noqa: PLC0415  25 MB in every process, which training alone needs

    use = (count > 0) & (average > 0)
    if use.sum() < 2:
        return None
    count, unit = count[use], float(np.mean(average[use]))
    average = average[use] / unit

    def loss(logs: Floats) -> float:
        p, over, v = np.exp(np.clip(logs, -_BOUND, _BOUND))
        return -_log_likelihood(p, 1 + over, v, count, average) / len(count)

    found = minimize(loss, np.array([1.0, 1.0, 0.5]), method="Nelder-Mead", options={"maxiter": 4000, "fatol": 1e-10})
    p, over, v = (float(value) for value in np.exp(np.clip(found.x, -_BOUND, _BOUND)))
    return GammaGamma(p, 1 + over, v * unit)


def _log_likelihood(p: float, q: float, v: float, count: Floats, average: Floats) -> float:
    """Equation (1a); q is above 1, so that the mean over customers is finite."""
    pn = p * count
    return float(
        np.sum(
            gammaln(pn + q)
            - gammaln(pn)
            - gammaln(q)
            + q * np.log(v)
            + (pn - 1) * np.log(average)
            + pn * np.log(count)
            - (pn + q) * np.log(v + count * average)
        )
    )
