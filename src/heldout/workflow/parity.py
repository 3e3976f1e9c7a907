"""Compare the graph with the training side before a bundle is written (contract 5).

Preparation must agree bit for bit; members within the tolerance of their card, relative to
max(1, value, scale); decisions at the shipped threshold may not flip on open samples.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from heldout.core.arrays import Array, Doubles
from heldout.graph.inputs import input_name
from heldout.models.assemble import Assembled, Member
from heldout.models.card import MODELS
from heldout.primitives.recipe import Recipe
from heldout.tables.table import Columns


@dataclass(frozen=True)
class Parity:
    """``failed`` members with the reason; ``largest`` relative difference over all rows."""

    rows: int
    largest: float
    over: int  # rows that differ by more than 1e-6
    failed: Mapping[int, str] = field(default_factory=dict)
    preparation: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The certificate, with the runtime that was compared."""
        import onnxruntime

        return {
            "rows": self.rows,
            "largest": self.largest,
            "over": self.over,
            "runtimes": {"onnxruntime": onnxruntime.__version__, "numpy": np.__version__},
        }


def run_graph(model: bytes, columns: Columns) -> dict[str, Array]:
    """All outputs of a graph for raw columns, once."""
    return opened(model)(columns)


def opened(model: bytes) -> Callable[[Columns], dict[str, Array]]:
    """A graph ready to be asked many times; flat columns are fed as (rows, 1). Opening a large
    one costs more than asking it."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    names = [o.name for o in session.get_outputs()]

    def ask(columns: Columns) -> dict[str, Array]:
        by_input = {input_name(column): values for column, values in columns.items()}
        feeds = {i.name: _shaped(by_input[i.name]) for i in session.get_inputs()}
        return dict(zip(names, session.run(names, feeds), strict=True))

    return ask


def _shaped(values: Array) -> Array:
    """(rows,) as (rows, 1); images keep their shape."""
    return values.reshape(-1, 1) if values.ndim == 1 else values


def compare(
    assembled: Assembled,
    columns: Columns,
    recipes: Mapping[str, Recipe],
    members: Sequence[Member],
    trained: Sequence[Doubles],
    scale: float,
) -> Parity:
    """Part by part and member by member, on open and hostile rows together."""
    outputs = run_graph(assembled.model, columns)
    preparation = ""
    for view, recipe in recipes.items():
        for part, made in recipe.transform(columns).parts.items():
            name = f"part.{view}.{part}"
            if name in outputs and not _same_bits(outputs[name], made.values):
                preparation = _where(view, part, made, outputs[name])
    failed: dict[int, str] = {}
    differences = [np.zeros(len(next(iter(columns.values()))))]
    for number, (member, expected) in enumerate(zip(members, trained, strict=True)):
        got = outputs[f"member.{number}"]
        gap = np.abs(got - expected) / np.maximum(1.0, np.maximum(np.abs(expected), scale))
        worst = float(np.nanmax(gap, initial=0.0))
        limit = MODELS.get(member.card).tolerance
        if worst > limit or np.isnan(got).any():
            failed[number] = f"differs by {worst:.3g}, allowed {limit:.3g}"
        else:
            differences.append(gap.max(axis=1))
    each = np.max(differences, axis=0)
    return Parity(len(each), float(each.max()), int((each > 1e-6).sum()), failed, preparation)


def _same_bits(a: Array, b: Array) -> bool:
    """Equal, where NaN equals NaN; the sign of zero does not count."""
    return a.shape == b.shape and bool(np.array_equal(a, b, equal_nan=a.dtype.kind == "f"))


def _where(view: str, part: str, made: Any, got: Array) -> str:
    """Name the column and the step that differ."""
    if made.values.shape != got.shape:
        return f"view {view}, part {part}: shapes {made.values.shape} and {got.shape}"
    same = (made.values == got) | (np.isnan(made.values) & np.isnan(got))
    rows, features = np.nonzero(~same)
    feature = int(features[0])
    name = made.names[feature] if made.names else str(feature)
    origin = made.origins[feature] if made.origins else "?"
    return (
        f"column {origin}, step {name} of view {view}: {made.values[rows[0], feature]!r} in"
        f" training, {got[rows[0], feature]!r} in the graph"
    )
