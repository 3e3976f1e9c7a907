"""Trees of every library in one set of arrays, and their ai.onnx.ml 5 ``TreeEnsemble``.

Everything in double: on float32 features cast to double the sums of LightGBM come out bit for
bit the same, since the trees are added in the same order.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from heldout.core.arrays import Array, Doubles, Ints

if TYPE_CHECKING:
    from heldout.graph.tape import Tape
    from heldout.models.card import State

LEQ, MEMBER = 0, 6  # BRANCH_LEQ, BRANCH_MEMBER
GATHERED = 256  # trees x outputs gathered in one node: bounds the memory of a batch


@dataclass(frozen=True)
class Trees:
    """Splits and leaves are numbered across all trees; a child c >= 0 is a split, else the leaf
    -1 - c. A row takes the ``true`` child if its value is <= ``threshold`` or, where ``size`` is
    above 0, among the split's members; NaN takes it where ``missing`` says so.

    ``roots`` (trees,) children; ``target`` (trees,) the output that a tree adds to;
    ``feature``, ``missing``, ``true``, ``false``, ``size`` int32 and ``threshold`` float64, all
    (splits,); ``members`` float64, all sets one after the other; ``leaves`` float64
    (leaves, 1), or (leaves, outputs) where a leaf speaks of all outputs.
    """

    roots: Array
    target: Array
    feature: Array
    threshold: Doubles
    missing: Array
    true: Array
    false: Array
    size: Array
    members: Doubles
    leaves: Doubles

    @property
    def nodes(self) -> int:
        """Splits and leaves: what the limit of a bundle counts."""
        return len(self.feature) + len(self.leaves)

    def state(self) -> dict[str, Array]:
        """Named arrays, for the state of a fitted model."""
        return {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}

    @classmethod
    def from_state(cls, state: State) -> Trees:
        """The inverse of ``state``; other names are left alone."""
        return cls(**{f.name: state[f.name] for f in dataclasses.fields(cls)})


def nodes_in(state: State) -> int:
    """Splits and leaves in the state of a fitted model, 0 where it holds no trees: known without
    writing a graph. Of several targets those of all ("t0.leaves").

    >>> nodes_in({"coef": np.zeros(3)})
    0
    """
    heads = [name[: -len("leaves")] for name in state if name.rpartition(".")[2] == "leaves"]
    return sum(len(state[f"{h}feature"]) + len(state[f"{h}leaves"]) for h in heads)


def sums(trees: Trees, outputs: int, tape: Tape, x: str) -> str:
    """Each tree's leaf added to its target: double [N, outputs] from double [N, features]."""
    return _ensemble(trees, trees.leaves[:, 0], trees.target, outputs, tape, x)


def means(trees: Trees, tape: Tape, x: str) -> str:
    """The mean over trees of what their leaves say: double [N, width of a leaf].

    A leaf of ``TreeEnsemble`` speaks of one output only. Rather than a copy of every tree for
    every output, each tree gives the number of its leaf, which is then looked up.
    """
    count, width = len(trees.roots), trees.leaves.shape[1]
    divisor = tape.const(np.array(float(count)))
    if width == 1:
        return tape.op("Div", sums(trees, 1, tape, x), divisor)
    number = np.arange(len(trees.leaves), dtype=np.float64)
    found = _ensemble(trees, number, np.arange(count), count, tape, x)
    index = tape.cast(found, "int64")
    table = tape.const(trees.leaves)
    total = ""
    step = max(1, GATHERED // width)
    for start in range(0, count, step):
        block = tape.const(np.arange(start, min(start + step, count), dtype=np.int64))
        some = tape.op("Gather", index, block, axis=1)
        rows = tape.op("Gather", table, some, axis=0)
        axes = tape.const(np.array([1], dtype=np.int64))
        part = tape.op("ReduceSum", rows, axes, keepdims=0)
        total = part if not total else tape.op("Add", total, part)
    return tape.op("Div", total, divisor)


def _ensemble(
    trees: Trees, weight: Doubles, target: Array, outputs: int, tape: Tape, x: str
) -> str:
    """One ``TreeEnsemble``. ``weight`` (leaves,), ``target`` (trees,)."""
    plan = _lay_out(trees)
    leaf_weight = np.zeros(plan.leaf_count)
    leaf_weight[plan.leaf_place] = weight
    leaf_target = np.zeros(plan.leaf_count, dtype=np.int64)
    leaf_target[plan.leaf_place] = np.asarray(target)[plan.leaf_tree]
    more = {}
    if len(trees.members):
        more["membership_values"] = tape.tensor(_with_ends(trees))
    single = len(plan.single)
    mode = np.where(np.append(trees.size, np.zeros(single, trees.size.dtype)) > 0, MEMBER, LEQ)
    tape.tree_nodes += trees.nodes
    return tape.ml(
        "TreeEnsemble",
        x,
        aggregate_function=1,  # sum
        post_transform=0,  # none
        n_targets=outputs,
        tree_roots=plan.roots.tolist(),
        nodes_featureids=_padded(trees.feature, single),
        nodes_splits=tape.tensor(np.append(trees.threshold, np.zeros(single))),
        nodes_modes=tape.tensor(mode.astype(np.uint8)),
        nodes_missing_value_tracks_true=_padded(trees.missing, single),
        nodes_truenodeids=plan.true[0].tolist(),
        nodes_trueleafs=plan.true[1].tolist(),
        nodes_falsenodeids=plan.false[0].tolist(),
        nodes_falseleafs=plan.false[1].tolist(),
        leaf_targetids=leaf_target.tolist(),
        leaf_weights=tape.tensor(leaf_weight),
        **more,
    )


def _padded(values: Array, more: int) -> list[int]:
    return [*np.asarray(values, dtype=np.int64).tolist(), *([0] * more)]


@dataclass(frozen=True)
class _Layout:
    """Where leaves go (some places stay unused), and the children as (index, is leaf)."""

    roots: Ints
    single: Ints  # trees of one leaf: each gets a split whose two children are that leaf
    leaf_tree: Ints
    leaf_place: Ints
    leaf_count: int
    true: tuple[Ints, Ints]
    false: tuple[Ints, Ints]


def _lay_out(trees: Trees) -> _Layout:
    """Number roots and leaves for ``TreeEnsemble``.

    Old runtimes read a root as a leaf if one child is a leaf, the other a split, and both have
    the same index (onnxruntime#24679): an unused leaf is put before the leaves of such a tree.
    """
    roots = np.asarray(trees.roots, dtype=np.int64)
    single = np.flatnonzero(roots < 0)
    leaf_tree = _tree_of_leaf(trees)
    shift = np.zeros(len(roots), dtype=np.int64)
    extra = 0
    for tree, root in enumerate(roots):
        if root >= 0:
            a, b = int(trees.true[root]), int(trees.false[root])
            if (a < 0) != (b < 0) and max(a, b) == -1 - min(a, b) + extra:
                extra += 1
        shift[tree] = extra
    place = np.arange(len(leaf_tree)) + shift[leaf_tree]
    lone = place[-1 - roots[single]]
    made = np.arange(len(single)) + len(trees.feature)
    new_roots = roots.copy()
    new_roots[single] = made

    def children(side: Array) -> tuple[Ints, Ints]:
        c = np.asarray(side, dtype=np.int64)
        is_leaf = c < 0
        index = np.where(is_leaf, place[np.where(is_leaf, -1 - c, 0)], c)
        return np.append(index, lone), np.append(is_leaf.astype(np.int64), np.ones_like(lone))

    count = int(place[-1]) + 1
    return _Layout(
        new_roots, single, leaf_tree, place, count, children(trees.true), children(trees.false)
    )


def _tree_of_leaf(trees: Trees) -> Ints:
    """The tree of each leaf: trees follow one another, in splits as in leaves."""
    roots = np.asarray(trees.roots, dtype=np.int64)
    owner = np.zeros(len(trees.leaves), dtype=np.int64)
    with_split = np.flatnonzero(roots >= 0)
    single = np.flatnonzero(roots < 0)
    owner[-1 - roots[single]] = single
    tree_of_split = with_split[
        np.searchsorted(roots[with_split], np.arange(len(trees.feature)), side="right") - 1
    ]
    for side in (trees.true, trees.false):
        c = np.asarray(side, dtype=np.int64)
        owner[-1 - c[c < 0]] = tree_of_split[c < 0]
    return owner


def _with_ends(trees: Trees) -> Doubles:
    """The members of each set, then NaN, in order of the splits."""
    sizes = trees.size[trees.size > 0].astype(np.int64)
    return np.insert(trees.members, np.cumsum(sizes), np.nan)
