"""LightGBM's text of a model to ``Trees`` (17 digits: nothing is lost)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.models.trees import Trees

CATEGORICAL, DEFAULT_LEFT = 1, 2  # bits of decision_type; bits 2 and 3 are the missing type
MISSING_NONE, MISSING_NAN = 0, 2


def read(text: str, outputs: int) -> Trees:
    """Trees of ``booster.model_to_string()``; tree i adds to output i mod ``outputs``.

    Raises ValueError for what a sum of trees cannot say (zero as missing, linear leaves).
    """
    made = [_tree(fields) for fields in _blocks(text)]
    splits = np.cumsum([0, *(len(t["feature"]) for t in made)])
    leaves = np.cumsum([0, *(len(t["leaves"]) for t in made)])
    roots = []
    for i, tree in enumerate(made):
        for side in ("true", "false"):
            child = tree[side]
            tree[side] = np.where(child >= 0, child + splits[i], child - leaves[i])
        roots.append(splits[i] if len(tree["feature"]) else -1 - leaves[i])

    def joined(name: str, dtype: type) -> Array:
        return np.concatenate([t[name] for t in made]).astype(dtype)

    return Trees(
        roots=np.array(roots, dtype=np.int32),
        target=(np.arange(len(made)) % outputs).astype(np.int32),
        feature=joined("feature", np.int32),
        threshold=joined("threshold", np.float64),
        missing=joined("missing", np.int32),
        true=joined("true", np.int32),
        false=joined("false", np.int32),
        size=joined("size", np.int32),
        members=joined("members", np.float64),
        leaves=joined("leaves", np.float64).reshape(-1, 1),
    )


def _blocks(text: str) -> Iterator[dict[str, str]]:
    """The lines ``name=value`` of each tree."""
    for block in text.split("\nTree=")[1:]:
        lines = block.split("\nend of trees")[0].splitlines()[1:]
        yield dict(line.split("=", 1) for line in lines if "=" in line)


def _numbers(fields: dict[str, str], name: str, dtype: type) -> Array:
    return np.array(fields.get(name, "").split(), dtype=dtype)


def _tree(fields: dict[str, str]) -> dict[str, Array]:
    """One tree, numbered from 0; LightGBM's child -1 - i is leaf i, as in ``Trees``."""
    if fields.get("is_linear", "0") == "1":
        raise ValueError("linear leaves are no constants")
    kind = _numbers(fields, "decision_type", np.int64)
    threshold = _numbers(fields, "threshold", np.float64)
    missing_type = (kind >> 2) & 3
    if np.any(missing_type == 1):
        raise ValueError("zero as missing has no counterpart in TreeEnsemble")
    categorical = (kind & CATEGORICAL) > 0
    # a column without NaN in training: LightGBM reads NaN as 0 when it answers
    missing = np.where(missing_type == MISSING_NAN, (kind & DEFAULT_LEFT) > 0, threshold >= 0.0)
    sets = _sets(fields, threshold[categorical].astype(np.int64))
    size = np.zeros(len(kind), dtype=np.int64)
    size[categorical] = [len(s) for s in sets]
    if np.any(size[categorical] == 0):
        raise ValueError("a split over an empty set of categories")
    return {
        "feature": _numbers(fields, "split_feature", np.int64),
        "threshold": np.where(categorical, 0.0, threshold),
        "missing": np.where(categorical, False, missing),
        "true": _numbers(fields, "left_child", np.int64),
        "false": _numbers(fields, "right_child", np.int64),
        "size": size,
        "members": np.concatenate([np.zeros(0), *sets]),
        "leaves": _numbers(fields, "leaf_value", np.float64),
    }


def _sets(fields: dict[str, str], which: Sequence[int] | Array) -> list[Doubles]:
    """The categories of each categorical split, from its bitset of 32-bit words."""
    ends = _numbers(fields, "cat_boundaries", np.int64)
    words = _numbers(fields, "cat_threshold", np.int64).astype(np.uint32)
    made = []
    for i in which:
        bits = np.unpackbits(words[ends[i] : ends[i + 1]].view(np.uint8), bitorder="little")
        made.append(np.flatnonzero(bits).astype(np.float64))
    return made
