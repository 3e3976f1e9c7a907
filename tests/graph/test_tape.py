"""The tape: equal nodes once, equal bytes, names that no column can take."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest

from heldout.graph.inputs import declare, input_name
from heldout.graph.tape import Tape
from heldout.tables.schema import Column, Schema


def build() -> bytes:
    tape = Tape()
    x = tape.input("x", "double")
    y = tape.op("Mul", x, tape.const(np.array(2.0)))
    z = tape.op("Mul", x, tape.const(np.array(2.0)))
    tape.output("y", tape.op("Add", y, z), "double")
    return tape.build()


def test_equal_models_give_equal_bytes() -> None:
    assert build() == build()


def test_equal_nodes_and_constants_are_written_once() -> None:
    tape = Tape()
    x = tape.input("x", "double")
    assert tape.const([1.0], np.float64) == tape.const(np.array([1.0]))
    assert tape.const([1.0], np.float64) != tape.const([1.0], np.float32)
    assert tape.const([0.0], np.float64) != tape.const([-0.0], np.float64)
    assert tape.cast(x, "float") == tape.cast(x, "float")


def test_columns_may_be_called_like_anything() -> None:
    names = ["v0", "c1", "v3", "prediction", "probability", "a b", "é", "", "x/y", "lower"]
    schema = Schema(tuple(Column(name, "number") for name in names))
    tape = Tape()
    inputs = declare(tape, schema)
    doubled = [tape.op("Mul", x, tape.const(np.float64(i))) for i, x in enumerate(inputs.values())]
    tape.output("prediction", tape.op("Sum", *doubled), "double")
    session = onnxruntime.InferenceSession(tape.build())
    feed = {input_name(name): np.full((2, 1), 1.0) for name in names}
    assert session.run(None, feed)[0].ravel().tolist() == [45.0, 45.0]


def test_inputs_that_could_collide_must_come_first() -> None:
    tape = Tape()
    tape.const(np.float64(1))
    with pytest.raises(ValueError, match="before anything"):
        tape.input("v0", "double")


def test_kinds_have_their_tensor_types() -> None:
    kinds = ("number", "boolean", "category", "text", "date", "image")
    tape = Tape()
    inputs = declare(tape, Schema(tuple(Column(kind, kind, size=(8, 16)) for kind in kinds)))
    assert list(inputs) == list(kinds)
    for name, x in inputs.items():
        tape.output(f"out {name}", x, {"date": "int64"}.get(name, "double")) if name in (
            "number",
            "date",
        ) else None
    session = onnxruntime.InferenceSession(tape.build())
    types = {i.name: i.type for i in session.get_inputs()}
    assert types["number"] == types["boolean"] == "tensor(double)"
    assert types["category"] == types["text"] == "tensor(string)"
    assert types["date"] == "tensor(int64)"
    assert types["image"] == "tensor(uint8)"
    assert session.get_inputs()[5].shape == ["N", 8, 16, 3]
