"""Trees as arrays and as ``TreeEnsemble``: the shapes that break writers and old runtimes."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heldout.graph.tape import Tape
from heldout.models.trees import Trees, means, sums
from heldout.models.trees_lightgbm import read


def trees(roots, feature, threshold, true, false, leaves, missing=None, sets=None) -> Trees:
    """Trees by hand; ``sets`` are the members of each split, empty for a threshold."""
    sets = sets or [[]] * len(feature)
    return Trees(
        roots=np.array(roots, np.int32),
        target=np.zeros(len(roots), np.int32),
        feature=np.array(feature, np.int32),
        threshold=np.array(threshold, np.float64),
        missing=np.array(missing or [0] * len(feature), np.int32),
        true=np.array(true, np.int32),
        false=np.array(false, np.int32),
        size=np.array([len(s) for s in sets], np.int32),
        members=np.array([m for s in sets for m in s], np.float64),
        leaves=np.array(leaves, np.float64).reshape(len(leaves), -1),
    )


def walk(made: Trees, x: np.ndarray) -> np.ndarray:
    """What each leaf says, added up, in plain Python."""
    start = np.concatenate([[0], np.cumsum(made.size)])
    out = []
    for row in x:
        total = np.zeros(made.leaves.shape[1])
        for root in made.roots:
            node = int(root)
            while node >= 0:
                value = row[made.feature[node]]
                members = made.members[start[node] : start[node + 1]]
                inside = value in members if len(members) else value <= made.threshold[node]
                if np.isnan(value):
                    inside = bool(made.missing[node])
                node = int(made.true[node] if inside else made.false[node])
            total = total + made.leaves[-1 - node]
        out.append(total)
    return np.array(out)


def answer(made: Trees, x: np.ndarray, mean: bool = False) -> np.ndarray:
    tape = Tape()
    name = tape.input("x", "double", (None, x.shape[1]))
    out = means(made, tape, name) if mean else sums(made, 1, tape, name)
    tape.output("y", out, "double", (None, None))
    assert tape.tree_nodes == made.nodes
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(tape.build(), options)
    return session.run(None, {"x": x})[0]


X = np.array([[0.0, 1.0], [2.0, 3.0], [np.nan, np.nan], [-5.0, 7.0], [np.inf, -np.inf]])


def test_trees_of_one_leaf_stand_between_others() -> None:
    made = trees(
        [-1, 0, -4, 1], [0, 1], [1.0, 2.0], [-2, -5], [-3, -6], [10, 1, 2, 30, 100, 200], [1, 0]
    )
    assert np.array_equal(answer(made, X), walk(made, X))
    alone = trees([-1, -2], [], [], [], [], [0.25, 0.5])
    assert np.array_equal(answer(alone, X), np.full((5, 1), 0.75))


def test_a_leaf_is_put_between_where_old_runtimes_would_take_a_root_for_a_leaf() -> None:
    """Root 0 has split 1 and leaf 1 (-2) as children: equal indices (onnxruntime#24679)."""
    made = trees([0], [0, 1], [1.0, 2.0], [1, -1], [-2, -3], [1.0, 2.0, 4.0])
    tape = Tape()
    sums(made, 1, tape, tape.input("x", "double", (None, 2)))
    tape.output("y", tape.op("Identity", "x"), "double", (None, 2))
    node = next(n for n in onnx.load_from_string(tape.build()).graph.node if "Tree" in n.op_type)
    parts = {a.name: list(a.ints) for a in node.attribute}
    root = parts["tree_roots"][0]
    is_leaf = parts["nodes_trueleafs"][root], parts["nodes_falseleafs"][root]
    assert is_leaf == (0, 1)
    assert parts["nodes_truenodeids"][root] != parts["nodes_falsenodeids"][root]
    assert np.array_equal(answer(made, X), walk(made, X))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_any_trees_say_what_a_walk_says(seed: int, vector: bool) -> None:
    """Random shapes, sets and thresholds, NaN both ways, leaves of one or three outputs."""
    rng = np.random.default_rng(seed)
    made = _random(rng, 3 if vector else 1)
    x = rng.choice(np.array([-1, 0, 1, 2, 3, 4, 0.5, np.nan, np.inf]), size=(40, 3))
    expected = walk(made, x)
    if vector:
        expected = expected / len(made.roots)
        assert np.max(np.abs(answer(made, x, mean=True) - expected)) <= 1e-12
    else:
        assert np.array_equal(answer(made, x), expected)


def _random(rng: np.random.Generator, width: int) -> Trees:
    roots, feature, threshold, true, false, sets, leaves = [], [], [], [], [], [], []

    def grow(depth: int) -> int:
        if depth == 0 or rng.random() < 0.3:
            leaves.append(rng.normal(size=width))
            return -len(leaves)
        node = len(feature)
        feature.append(int(rng.integers(3)))
        threshold.append(float(rng.choice([0.0, 0.5, 2.0])))
        members = rng.permutation(5)[: rng.integers(1, 4)] if rng.random() < 0.4 else []
        sets.append(sorted(float(m) for m in members))
        true.append(0)
        false.append(0)
        true[node] = grow(depth - 1)
        false[node] = grow(depth - 1)
        return node

    for _ in range(int(rng.integers(1, 5))):
        roots.append(grow(3))
    # NaN is in no set: LightGBM sends it to the right there
    missing = [0 if s else int(rng.integers(2)) for s in sets]
    return trees(roots, feature, threshold, true, false, leaves, missing, sets)


TEXT = """tree
version=v4

Tree=0
num_leaves=2
num_cat=0
split_feature=1
threshold=-0.5
decision_type={kind}
left_child=-1
right_child=-2
leaf_value=1 2
is_linear={linear}
shrinkage=1


end of trees
"""


def test_missing_types_of_lightgbm() -> None:
    """Type 0: NaN is read as 0, and 0 is above the threshold of -0.5; type 2: the default."""
    for kind, left in ((0, 0), (2, 0), (2 | 2 << 2, 1), (2 << 2, 0)):
        made = read(TEXT.format(kind=kind, linear=0), 1)
        assert made.missing.tolist() == [left], kind
        assert made.leaves[:, 0].tolist() == [1, 2]


def test_what_a_sum_of_trees_cannot_say_is_refused() -> None:
    with pytest.raises(ValueError, match="zero as missing"):
        read(TEXT.format(kind=1 << 2, linear=0), 1)
    with pytest.raises(ValueError, match="linear leaves"):
        read(TEXT.format(kind=2, linear=1), 1)
