"""A piece of graph written down as arrays, to be put on a tape later: a network of a person's own
is followed where it is trained, and becomes part of the bundle where neither Keras nor the
person's file is needed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from heldout.core.arrays import Array

if TYPE_CHECKING:
    from heldout.graph.tape import Tape

Node = tuple[str, list[str], dict[str, Any]]


class Recorder:
    """Names as on a tape: inputs "i0", constants "c0", results "v0".

    >>> r = Recorder()
    >>> out = r.op("Add", r.input(0), r.const(np.float32(1)))
    >>> sorted(r.arrays(out))
    ['graph', 'graph.c0']
    """

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.constants: list[Array] = []
        self._names: dict[tuple[Any, ...], str] = {}

    def input(self, number: int) -> str:
        """The name of an input."""
        return f"i{number}"

    def const(self, values: Any) -> str:
        """An array that does not depend on the row; equal ones are kept once."""
        array = np.asarray(values)
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self._names:
            self._names[key] = f"c{len(self.constants)}"
            self.constants.append(array)
        return self._names[key]

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """A node with one result; ``to`` of a Cast is a name of the tape's types."""
        self.nodes.append((kind, list(inputs), attributes))
        return f"v{len(self.nodes) - 1}"

    def arrays(self, output: str) -> dict[str, Array]:
        """What ``output`` depends on: "graph" is JSON as bytes, "graph.c0" and so on constants."""
        wanted, kept = {output}, []
        for i in reversed(range(len(self.nodes))):
            if f"v{i}" in wanted:
                kept.append([f"v{i}", *self.nodes[i]])
                wanted.update(self.nodes[i][1])
        told = json.dumps({"nodes": kept[::-1], "output": output}, sort_keys=True).encode()
        made: dict[str, Array] = {"graph": np.frombuffer(told, np.uint8).copy()}
        for i, array in enumerate(self.constants):
            if f"c{i}" in wanted:
                made[f"graph.c{i}"] = array
        return made


def replay(state: Mapping[str, Array], tape: Tape, inputs: Sequence[str]) -> str:
    """Write the recorded nodes on a tape; the name of the output there."""
    told = json.loads(state["graph"].tobytes())
    names = {f"i{i}": name for i, name in enumerate(inputs)}

    def named(name: str) -> str:
        if name not in names:  # a constant, when it is first used
            names[name] = tape.const(state[f"graph.{name}"])
        return names[name]

    for result, kind, given, attributes in told["nodes"]:
        own = [named(name) for name in given]
        if kind == "Cast":
            names[result] = tape.cast(own[0], attributes["to"])
        else:
            names[result] = tape.op(kind, *own, **attributes)
    return named(told["output"])
