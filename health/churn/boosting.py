"""Gradient boosting with an intercept of its own for each snapshot.

Newton boosting of the logistic loss: J. H. Friedman (2001), "Greedy Function Approximation: A Gradient Boosting
Machine", Annals of Statistics 29(5), 1189-1232, on random halves of the rows as in J. H. Friedman (2002), "Stochastic
Gradient Boosting", with splits at random as in P. Geurts, D. Ernst and L. Wehenkel (2006), "Extremely Randomized
Trees", Machine Learning 63, 3-42: an account is in many snapshots, and only what is smooth carries over to others. The
trees are scikit-learn's; what they add is worked out here, so that the level of each snapshot can be taken out before
every tree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

from health.churn.purchases import Floats, Ints
from health.churn.trees import LEAF, Forest, Tree, as_trees_see

if TYPE_CHECKING:
    from sklearn.tree import BaseDecisionTree


@dataclass(frozen=True)
class Settings:
    """How cautiously to learn."""

    trees: int = 60
    rate: float = 0.1
    depth: int = 6
    leaf_rows: int = 500
    columns: float = 0.3
    rows: float = 0.5
    # Rows of doubt that each leaf is drawn towards nothing by.
    doubt: float = 5.0


def fit_forest(
    values: Floats,
    outcome: Floats,
    group: Ints,
    directions: tuple[int, ...],
    seed: int,
    settings: Settings | None = None,
) -> Forest:
    """Trees that say who goes silent within a snapshot; `directions` bind columns that may push one way only."""
    from sklearn.tree import ExtraTreeRegressor  # noqa: PLC0415  50 MB in every process, which training alone needs

    how = settings or Settings()
    rng = np.random.default_rng(seed)
    narrow = as_trees_see(values)
    score = np.zeros(len(outcome))
    trees = []
    for number in range(how.trees):
        score = _levelled(score, outcome, group)
        p = expit(score)
        rest, curve = outcome - p, p * (1 - p)
        rows = rng.random(len(outcome)) < how.rows
        grown = ExtraTreeRegressor(
            max_depth=how.depth,
            min_samples_leaf=min(how.leaf_rows, max(len(outcome) // 20, 1)),
            max_features=how.columns,
            monotonic_cst=directions,
            random_state=seed * 10_000 + number,
        ).fit(narrow[rows], rest[rows])
        leaf = grown.apply(narrow[rows])
        nodes = grown.tree_.node_count
        sums = np.bincount(leaf, weights=rest[rows], minlength=nodes)
        adds = how.rate * sums / (np.bincount(leaf, weights=curve[rows], minlength=nodes) + how.doubt)
        tree = exported(grown, adds)
        trees.append(tree)
        score = score + tree.value[grown.apply(narrow)]
    return Forest(tuple(trees))


def exported(grown: BaseDecisionTree, adds: Floats) -> Tree:
    """A tree of scikit-learn as arrays, its leaves worth `adds` (by node), its other nodes the mean of their leaves."""
    tree = grown.tree_
    value = np.array(adds, dtype=np.float64)
    weight = tree.weighted_n_node_samples
    for node in reversed(range(tree.node_count)):  # children have higher numbers than their parent
        left, right = tree.children_left[node], tree.children_right[node]
        if left != right:
            value[node] = (weight[left] * value[left] + weight[right] * value[right]) / weight[node]
    inner = tree.children_left != tree.children_right
    return Tree(
        column=np.where(inner, tree.feature, LEAF).astype(np.int64),
        threshold=np.where(inner, tree.threshold, 0.0),
        left=np.where(inner, tree.children_left, 0).astype(np.int64),
        right=np.where(inner, tree.children_right, 0).astype(np.int64),
        value=value,
    )


def _levelled(score: Floats, outcome: Floats, group: Ints) -> Floats:
    """The scores with the level of each group moved towards that of its outcomes."""
    p = expit(score)
    rest = np.bincount(group, weights=outcome - p)
    curve = np.bincount(group, weights=p * (1 - p))
    levelled: Floats = score + (rest / np.maximum(curve, 1.0))[group]
    return levelled
