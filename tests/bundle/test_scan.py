"""The model is looked through before any library parses it."""

from __future__ import annotations

import contextlib

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from heldout.bundle.allowed import ALLOWED
from heldout.bundle.scan import ForbiddenError, scan
from heldout.graph.tape import Tape


def small() -> onnx.ModelProto:
    """y = x + 1."""
    tape = Tape()
    x = tape.input("x", "double")
    tape.output("prediction", tape.op("Add", x, tape.const(np.array(1.0))), "double")
    return onnx.ModelProto.FromString(tape.build())


def forest(nodes: int) -> bytes:
    """A tree ensemble with long lists of numbers."""
    tape = Tape()
    x = tape.input("x", "double")
    many = list(range(nodes))
    y = tape.ml(
        "TreeEnsemble", x, nodes_featureids=[0] * nodes, nodes_truenodeids=many,
        nodes_falsenodeids=many, nodes_trueleafs=[1] * nodes, nodes_falseleafs=[1] * nodes,
        leaf_targetids=[0] * nodes, nodes_missing_value_tracks_true=[1] * nodes, n_targets=1,
        nodes_splits=helper.make_tensor("s", TensorProto.DOUBLE, [nodes], [0.5] * nodes),
        nodes_modes=helper.make_tensor("m", TensorProto.UINT8, [nodes], [0] * nodes),
        leaf_weights=helper.make_tensor("w", TensorProto.DOUBLE, [nodes], [0.5] * nodes),
        tree_roots=[0], some_floats=[0.5] * 100,
    )  # fmt: skip
    tape.output("prediction", y, "double")
    return b"".join([_unchecked(tape)])


def _unchecked(tape: Tape) -> bytes:
    graph = helper.make_graph(tape._nodes, "g", tape._inputs, tape._outputs, tape._initializers)
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid("ai.onnx.ml", 5)]
    return helper.make_model(graph, opset_imports=opsets).SerializeToString()


def test_what_the_tape_writes_passes() -> None:
    """Versions by domain are told."""
    assert scan(small().SerializeToString()) == {"": 21, "ai.onnx.ml": 5}


def test_a_large_forest_is_quick() -> None:
    """Runs of unpacked numbers are stepped over, not walked."""
    from time import process_time

    model = forest(300_000)
    start = process_time()
    scan(model)
    assert process_time() - start < 0.5


def test_external_data() -> None:
    """In an initializer and in an attribute's tensor."""
    model = small()
    tensor = model.graph.initializer[0]
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")
    with pytest.raises(ForbiddenError, match="outside the file"):
        scan(model.SerializeToString())
    model = small()
    model.graph.node[0].attribute.append(helper.make_attribute("value", tensor))
    with pytest.raises(ForbiddenError, match="outside the file"):
        scan(model.SerializeToString())


def test_foreign_operators_domains_functions_and_subgraphs() -> None:
    """Whatever heldout does not write."""
    model = small()
    model.graph.node[0].op_type = "If"
    with pytest.raises(ForbiddenError, match='"If"'):
        scan(model.SerializeToString())
    model = small()
    model.graph.node[0].domain = "com.microsoft"
    with pytest.raises(ForbiddenError, match=r"com\.microsoft"):
        scan(model.SerializeToString())
    model = small()
    model.opset_import.append(helper.make_opsetid("evil", 1))
    with pytest.raises(ForbiddenError, match="evil"):
        scan(model.SerializeToString())
    model = small()
    model.functions.append(helper.make_function("d", "f", ["a"], ["a"], [], []))
    with pytest.raises(ForbiddenError, match="functions"):
        scan(model.SerializeToString())
    model = small()
    model.graph.node[0].attribute.append(helper.make_attribute("body", small().graph))
    with pytest.raises(ForbiddenError, match="subgraph"):
        scan(model.SerializeToString())
    model = small()
    model.graph.sparse_initializer.append(onnx.SparseTensorProto())
    with pytest.raises(ForbiddenError, match="unknown part of the graph"):
        scan(model.SerializeToString())
    model = small()
    model.training_info.add()
    with pytest.raises(ForbiddenError, match="training"):
        scan(model.SerializeToString())


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_damaged_bytes_are_refused_or_pass(data: st.DataObject) -> None:
    """Never another error, never an endless walk."""
    raw = bytearray(small().SerializeToString())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(ForbiddenError):
        scan(bytes(raw))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes(raw: bytes) -> None:
    """Refused, with our own error: no short text is a model with a graph of ours."""
    with contextlib.suppress(ForbiddenError):
        assert isinstance(scan(raw), dict)


def test_every_allowed_operator_exists() -> None:
    """A slip of the pen would be a hole or a wall."""
    for domain, names in ALLOWED.items():
        for name in names:
            assert onnx.defs.has(name, domain), name
