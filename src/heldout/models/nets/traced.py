"""Any network as a graph: what Keras and a person's own layers compute on JAX is followed step by
step, with a free number of rows, and each step is written down as a node.

Loops of a fixed length (recurrent layers) are unrolled; what depends on no input is worked out
here and becomes a constant. What no node exists for is named in ``UnwritableError``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import export

from heldout.core.arrays import Array
from heldout.models.nets.operations import OPERATIONS
from heldout.models.nets.record import Recorder
from heldout.models.nets.writer import UnwritableError, Value, Writer

INSIDE = ("jaxpr", "call_jaxpr", "fun_jaxpr")
MOST_NODES = 20_000


def trace(
    function: Callable[..., Any], inputs: Sequence[tuple[tuple[int, ...], str]]
) -> dict[str, Array]:
    """``function`` of arrays (rows, ...) to one array (rows, ...) as arrays for ``replay``;
    ``inputs`` are shapes of a row with their dtypes. Raises UnwritableError."""
    (rows,) = export.symbolic_shape("rows")
    struct: Any = jax.ShapeDtypeStruct
    given = [struct((rows, *shape), dtype) for shape, dtype in inputs]
    try:
        closed = jax.make_jaxpr(function)(*given)
    except Exception as error:
        words = str(error).strip().split("\n")[0]
        raise UnwritableError(
            f"it cannot be followed with a free number of rows: {words}"
        ) from error
    writer = Writer(Recorder(), rows)
    names: list[Value] = [writer.recorder.input(i) for i in range(len(given))]
    results = _Walk(writer).run(closed.jaxpr, _arrays(closed.consts), names)
    if len(results) != 1:
        raise UnwritableError(f"it has {len(results)} outputs")
    return writer.recorder.arrays(writer.name(results[0]))


def _arrays(values: Sequence[Any]) -> list[Array]:
    return [np.asarray(v) for v in values]


@dataclass
class _Walk:
    writer: Writer

    def run(self, jaxpr: Any, constants: Sequence[Value], inputs: Sequence[Value]) -> list[Value]:
        """The results of a piece, given what enters it."""
        known: dict[Any, Value] = {}
        known.update(zip(jaxpr.constvars, constants, strict=True))
        known.update(zip(jaxpr.invars, inputs, strict=True))

        def value(variable: Any) -> Value:
            if hasattr(variable, "val"):
                return np.asarray(variable.val, dtype=variable.aval.dtype)
            return known[variable]

        for step in jaxpr.eqns:
            found = self.step(step, [value(v) for v in step.invars])
            known.update(zip(step.outvars, found, strict=True))
            if len(self.writer.recorder.nodes) > MOST_NODES:
                raise UnwritableError(f"it takes more than {MOST_NODES:,} steps")
        return [value(v) for v in jaxpr.outvars]

    def step(self, step: Any, given: list[Value]) -> list[Value]:
        """One step: a piece inside, a loop, a constant, or a node."""
        name = step.primitive.name
        if name == "scan":
            return self._scan(step, given)
        inside = next((step.params[k] for k in INSIDE if k in step.params), None)
        if inside is not None and name != "while":
            piece = getattr(inside, "jaxpr", inside)
            return self.run(piece, _arrays(getattr(inside, "consts", ())), given)
        if all(isinstance(v, np.ndarray) for v in given) and self._fixed(step):
            return _worked_out(step, given)
        if name not in OPERATIONS:
            raise UnwritableError(f"it uses the operation {name}, for which no node is known")
        return OPERATIONS[name](self.writer, step, given)

    def _fixed(self, step: Any) -> bool:
        return all(isinstance(d, int) for v in step.outvars for d in v.aval.shape)

    def _scan(self, step: Any, given: list[Value]) -> list[Value]:
        """Every pass written out: constants, what is carried, and a slice of the rest."""
        p, w = step.params, self.writer
        first, then = p["num_consts"], p["num_consts"] + p["num_carry"]
        fixed, carried, series = given[:first], given[first:then], given[then:]
        piece, length = p["jaxpr"], int(p["length"])
        stacked: list[list[Value]] = [[] for _ in range(len(step.outvars) - len(carried))]
        order = range(length - 1, -1, -1) if p["reverse"] else range(length)
        for t in order:
            now = [w.at(part, t) for part in series]
            made = self.run(piece.jaxpr, _arrays(piece.consts), [*fixed, *carried, *now])
            carried = made[: len(carried)]
            for kept, value in zip(stacked, made[len(carried) :], strict=True):
                kept.append(value)
        joined = [w.stack(kept[::-1] if p["reverse"] else kept) for kept in stacked]
        return [*carried, *joined]


def _worked_out(step: Any, given: list[Value]) -> list[Value]:
    """The step done now, by JAX."""
    made = step.primitive.bind(*(jnp.asarray(v) for v in given), **step.params)
    return list(_arrays(made if step.primitive.multiple_results else [made]))
