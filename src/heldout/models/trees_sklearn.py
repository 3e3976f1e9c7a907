"""scikit-learn's trees to ``Trees``: thresholds are float64, features float32, and
``missing_go_to_left`` is set for every split, also where training saw no NaN."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.models.trees import Trees


def read(fitted: Sequence[Any], classes: Sequence[int] | None, outputs: int) -> Trees:
    """Trees of fitted decision trees (``tree_``).

    ``classes`` are the class codes of the columns of a leaf, None for values; a leaf of two
    classes keeps the share of class 1 only.
    """
    parts: dict[str, list[Array]] = {k: [] for k in ("feature", "threshold", "missing")}
    children: dict[str, list[Array]] = {"true": [], "false": []}
    leaves, roots = [], []
    splits_before = leaves_before = 0
    for one in fitted:
        tree = one.tree_
        is_leaf = tree.children_left < 0
        split_number = np.cumsum(~is_leaf) - 1 + splits_before
        leaf_number = np.cumsum(is_leaf) - 1 + leaves_before
        code = np.where(is_leaf, -1 - leaf_number, split_number)
        inside = ~is_leaf
        parts["feature"].append(tree.feature[inside])
        parts["threshold"].append(tree.threshold[inside])
        parts["missing"].append(tree.missing_go_to_left[inside])
        children["true"].append(code[tree.children_left[inside]])
        children["false"].append(code[tree.children_right[inside]])
        leaves.append(_values(tree.value[is_leaf, 0, :], classes, outputs))
        roots.append(code[0])
        splits_before += int(inside.sum())
        leaves_before += int(is_leaf.sum())
    joined = {k: np.concatenate(v) for k, v in {**parts, **children}.items()}
    return Trees(
        roots=np.array(roots, dtype=np.int32),
        target=np.zeros(len(roots), dtype=np.int32),
        feature=joined["feature"].astype(np.int32),
        threshold=joined["threshold"].astype(np.float64),
        missing=joined["missing"].astype(np.int32),
        true=joined["true"].astype(np.int32),
        false=joined["false"].astype(np.int32),
        size=np.zeros(splits_before, dtype=np.int32),
        members=np.zeros(0),
        leaves=np.concatenate(leaves),
    )


def _values(value: Doubles, classes: Sequence[int] | None, outputs: int) -> Doubles:
    """Leaves (leaves, 1), or (leaves, outputs) with 0 for classes that training did not see."""
    if classes is None:
        return np.ascontiguousarray(value[:, :1])
    full = np.zeros((len(value), outputs))
    full[:, list(classes)] = value
    return np.ascontiguousarray(full[:, 1:]) if outputs == 2 else full
