"""The BG/NBD model of repeat buying.

Customers buy at a Poisson rate that is gamma distributed over customers (r, alpha) until they leave; after each
purchase one leaves with a probability that is beta distributed over customers (a, b).

Source: P. S. Fader, B. G. S. Hardie and K. L. Lee (2005), "Counting Your Customers the Easy Way: An Alternative to the
Pareto/NBD Model", Marketing Science 24(2), 275-284: likelihood (6), conditional expectation (10). P(alive) as in
P. S. Fader, B. G. S. Hardie and K. L. Lee (2008), "Computing P(alive) Using the BG/NBD Model". That nothing is bought
in a span follows from both: whoever is alive and silent contributes to the likelihood what the same history would with
a longer observation, so the two are set against each other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, gammaln, hyp2f1

from health.churn.purchases import Floats

# Log parameters beyond these are where the likelihood is flat: everybody alike.
_BOUND = 9.0


@dataclass(frozen=True)
class BgNbd:
    """Fitted parameters; `log_likelihood` is that of the customers it was fitted on."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float

    def alive(self, x: Floats, recency: Floats, age: Floats) -> Floats:
        """P(still a customer) after `x` repeat purchases, the last at `recency`, observed for `age`."""
        odds = np.exp(
            np.log(self.a)
            - np.log(self.b + np.maximum(x, 1) - 1)
            + (self.r + x) * (np.log(self.alpha + age) - np.log(self.alpha + recency))
        )
        return np.where(x > 0, 1 / (1 + odds), 1.0)

    def nothing(self, x: Floats, recency: Floats, age: Floats, span: Floats | float) -> Floats:
        """P(no purchase in the next `span`)."""
        if_alive = ((self.alpha + age) / (self.alpha + age + span)) ** (self.r + x)
        result: Floats = 1 - self.alive(x, recency, age) * (1 - if_alive)
        return result

    def expected(self, x: Floats, recency: Floats, age: Floats, span: Floats | float) -> Floats:
        """Expected number of purchases in the next `span`: equation (10)."""
        a = self.a if abs(self.a - 1) > 1e-6 else 1 + 1e-6  # its limit at a = 1 is finite
        z = span / (self.alpha + age + span)
        shrunk = ((self.alpha + age) / (self.alpha + age + span)) ** (self.r + x)
        bought = 1 - shrunk * hyp2f1(self.r + x, self.b + x, a + self.b + x - 1, z)
        result: Floats = (a + self.b + x - 1) / (a - 1) * bought * self.alive(x, recency, age)
        return result


def log_likelihood(
    params: tuple[float, float, float, float], x: Floats, recency: Floats, age: Floats, weight: Floats | float = 1.0
) -> float:
    """The log-likelihood of histories: equation (6), each counted `weight` times."""
    r, alpha, a, b = params
    bought = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, b + x) - betaln(a, b)
    stays = -(r + x) * np.log(alpha + age)
    leaves = np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + recency)
    return float(np.sum(weight * (bought + np.where(x > 0, np.logaddexp(stays, leaves), stays))))


def fit(x: Floats, recency: Floats, age: Floats) -> BgNbd | None:
    """Fit to customers by maximum likelihood; None where there are none, or none with a repeat purchase.

    Histories that occur more than once are counted, not repeated; time is scaled so that the mean age is 1.
    """
    from scipy.optimize import minimize  # noqa: PLC0415  25 MB in every process, which training alone needs

    if not len(x) or not np.any(x > 0) or not np.any(age > 0):
        return None
    rows, counts = np.unique(np.column_stack([x, recency, age]), axis=0, return_counts=True)
    unit = float(np.mean(age))
    x, recency, age = rows[:, 0], rows[:, 1] / unit, rows[:, 2] / unit
    weight = counts.astype(np.float64)

    def loss(logs: Floats) -> float:
        r, alpha, a, b = np.exp(np.clip(logs, -_BOUND, _BOUND))
        return -log_likelihood((r, alpha, a, b), x, recency, age, weight) / weight.sum()

    best = min(
        (
            minimize(loss, np.array(start), method="L-BFGS-B", bounds=[(-_BOUND, _BOUND)] * 4)
            for start in ((0.0, 0.0, 0.0, 1.0), (-1.0, -2.0, -0.5, 1.0))
        ),
        key=lambda found: float(found.fun),
    )
    polished = minimize(loss, best.x, method="Nelder-Mead", options={"xatol": 1e-5, "fatol": 1e-11, "maxiter": 2000})
    r, alpha, a, b = (float(value) for value in np.exp(np.clip(polished.x, -_BOUND, _BOUND)))
    alpha *= unit
    total = log_likelihood((r, alpha, a, b), x, recency * unit, age * unit, weight)
    return BgNbd(r, alpha, a, b, total)
