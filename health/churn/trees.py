"""Boosted regression trees as plain arrays: predicted with numpy, written as JSON, explained along their paths."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from health.churn.purchases import Floats, Ints

LEAF = -1


@dataclass(frozen=True)
class Tree:
    """Nodes by number; node 0 is the root. A row goes left where its column is at most the threshold.

    `value` of a leaf is what the tree adds; of another node the mean of the leaves below, weighted by training rows.
    """

    column: Ints
    threshold: Floats
    left: Ints
    right: Ints
    value: Floats


@dataclass(frozen=True)
class Forest:
    """The sum of its trees."""

    trees: tuple[Tree, ...]

    @property
    def base(self) -> float:
        """The sum for a row of which nothing is known."""
        return float(sum(tree.value[0] for tree in self.trees))

    def score(self, values: Floats) -> Floats:
        """The sum of the leaves that each row falls into."""
        narrow = as_trees_see(values)
        total = np.zeros(len(values))
        for tree in self.trees:
            total += tree.value[_leaf(tree, narrow)]
        return total

    def parts(self, values: Floats) -> Floats:
        """What each column adds to the base: the change of the mean at every split on the way to the leaf."""
        narrow = as_trees_see(values)
        parts = np.zeros(values.shape)
        rows = np.arange(len(values))
        for tree in self.trees:
            node = np.zeros(len(values), dtype=np.int64)
            while True:
                column = tree.column[node]
                inner = column != LEAF
                if not inner.any():
                    break
                after = np.where(inner, _next(tree, node, column, narrow, rows), node)
                np.add.at(parts, (rows[inner], column[inner]), (tree.value[after] - tree.value[node])[inner])
                node = after
        return parts


def mean_forest(forests: list[Forest]) -> Forest:
    """One forest that adds what these add in the mean."""
    share = 1 / len(forests)
    return Forest(tuple(replace(tree, value=tree.value * share) for forest in forests for tree in forest.trees))


def as_trees_see(values: Floats) -> NDArray[np.float32]:
    """Trees were learnt on, and compare, single-precision numbers."""
    return values.astype(np.float32)


def _leaf(tree: Tree, values: NDArray[np.float32]) -> Ints:
    """The leaf of each row."""
    rows = np.arange(len(values))
    node = np.zeros(len(values), dtype=np.int64)
    while True:
        column = tree.column[node]
        inner = column != LEAF
        if not inner.any():
            return node
        node = np.where(inner, _next(tree, node, column, values, rows), node)


def _next(tree: Tree, node: Ints, column: Ints, values: NDArray[np.float32], rows: Ints) -> Ints:
    left: Ints = np.where(values[rows, column] <= tree.threshold[node], tree.left[node], tree.right[node])
    return left


def to_document(forest: Forest) -> list[dict[str, list[float]]]:
    """The trees as lists, ready for JSON."""
    return [
        {
            "column": tree.column.tolist(),
            "threshold": tree.threshold.tolist(),
            "left": tree.left.tolist(),
            "right": tree.right.tolist(),
            "value": tree.value.tolist(),
        }
        for tree in forest.trees
    ]


def from_document(document: list[dict[str, list[float]]]) -> Forest:
    """The trees that `to_document` wrote."""
    return Forest(
        tuple(
            Tree(
                column=np.array(tree["column"], dtype=np.int64),
                threshold=np.array(tree["threshold"], dtype=np.float64),
                left=np.array(tree["left"], dtype=np.int64),
                right=np.array(tree["right"], dtype=np.int64),
                value=np.array(tree["value"], dtype=np.float64),
            )
            for tree in document
        )
    )
