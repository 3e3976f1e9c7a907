"""Tape: write an ONNX graph the way one writes NumPy.

Equal nodes and equal constants are merged, so that a column shared by several views is coded
once. Opset 21, ai.onnx.ml 5, IR 10; no external data, no functions, no subgraphs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from heldout.core.arrays import Array

OPSET, ML_OPSET, IR = 21, 5, 10
_TYPES = {
    "double": TensorProto.DOUBLE,
    "float": TensorProto.FLOAT,
    "int64": TensorProto.INT64,
    "int32": TensorProto.INT32,
    "bool": TensorProto.BOOL,
    "string": TensorProto.STRING,
    "uint8": TensorProto.UINT8,
}


class Tape:
    """Records nodes; names are given by the tape, so equal models give equal bytes.

    >>> tape = Tape()
    >>> x = tape.input("x", "double")
    >>> two = tape.const(np.array(2.0))
    >>> tape.op("Mul", x, two) == tape.op("Mul", x, two)
    True
    """

    def __init__(self) -> None:
        self._inputs: list[Any] = []
        self._outputs: list[Any] = []
        self._nodes: list[Any] = []
        self._constants: dict[bytes, str] = {}
        self._initializers: list[Any] = []
        self._seen: dict[bytes, tuple[str, ...]] = {}
        self._taken: set[str] = set()
        self._count = 0
        self.tree_nodes = 0

    def input(self, name: str, dtype: str, shape: Sequence[int | None] = (None, 1)) -> str:
        """A graph input; ``None`` is the free batch axis "N"."""
        if name not in self._taken:
            if name[:1] in "vc" and name[1:].isdigit() and (self._nodes or self._constants):
                raise ValueError(f"declare input {name!r} before anything is written on the tape")
            self._taken.add(name)
            dims = ["N" if d is None else d for d in shape]
            self._inputs.append(helper.make_tensor_value_info(name, _TYPES[dtype], dims))
        return name

    def output(
        self, name: str, value: str, dtype: str, shape: Sequence[int | None] = (None, 1)
    ) -> None:
        """Publish ``value`` under ``name``."""
        self._nodes.append(helper.make_node("Identity", [value], [name]))
        dims = ["N" if d is None else d for d in shape]
        self._outputs.append(helper.make_tensor_value_info(name, _TYPES[dtype], dims))

    def const(self, array: Array | np.generic | float | Sequence[Any], dtype: Any = None) -> str:
        """An initializer; equal arrays are stored once."""
        values = np.asarray(array, dtype=dtype)
        if values.dtype.kind in "UO":
            values = values.astype(object)
            body = "\x1f".join(map(str, values.ravel())).encode("utf-8", "surrogatepass")
        else:
            values = np.ascontiguousarray(values)
            body = values.tobytes()
        key = hashlib.sha256(
            f"{values.dtype.str}{np.asarray(array).shape}".encode() + b"\0" + body
        ).digest()
        if key not in self._constants:
            name = self._fresh("c")
            shaped = values.reshape(np.asarray(array).shape)
            self._initializers.append(numpy_helper.from_array(shaped, name))
            self._constants[key] = name
        return self._constants[key]

    def _fresh(self, letter: str) -> str:
        """A name that no input has: columns may be called v1 or c1."""
        while True:
            name = f"{letter}{self._count}"
            self._count += 1
            if name not in self._taken:
                return name

    def op(self, kind: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """Append a node with one output and return the output's name."""
        return self.ops(kind, *inputs, domain=domain, outputs=1, **attributes)[0]

    def ops(
        self, kind: str, *inputs: str, outputs: int, domain: str = "", **attributes: Any
    ) -> tuple[str, ...]:
        """Append a node with several outputs."""
        node = helper.make_node(kind, list(inputs), [], domain=domain, **attributes)
        key = hashlib.sha256(node.SerializeToString(deterministic=True) + bytes([outputs])).digest()
        if key not in self._seen:
            names = tuple(self._fresh("v") for _ in range(outputs))
            node.output.extend(names)
            self._nodes.append(node)
            self._seen[key] = names
        return self._seen[key]

    def ml(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """A node of the ai.onnx.ml domain."""
        return self.op(kind, *inputs, domain="ai.onnx.ml", **attributes)

    @staticmethod
    def tensor(array: Array) -> Any:
        """An array as the value of an attribute (thresholds and leaves of trees)."""
        return numpy_helper.from_array(np.ascontiguousarray(array))

    def cast(self, value: str, dtype: str) -> str:
        """Cast to a named type."""
        return self.op("Cast", value, to=_TYPES[dtype])

    def concat(self, values: Sequence[str], axis: int = 1) -> str:
        """Join along an axis; one value passes through."""
        return values[0] if len(values) == 1 else self.op("Concat", *values, axis=axis)

    def build(self) -> bytes:
        """The serialized model, checked."""
        graph = helper.make_graph(
            self._nodes, "heldout", self._inputs, self._outputs, self._initializers
        )
        model = helper.make_model(
            graph,
            ir_version=IR,
            producer_name="heldout",
            opset_imports=[
                helper.make_opsetid("", OPSET),
                helper.make_opsetid("ai.onnx.ml", ML_OPSET),
            ],
        )
        onnx.checker.check_model(model)
        return bytes(model.SerializeToString(deterministic=True))
