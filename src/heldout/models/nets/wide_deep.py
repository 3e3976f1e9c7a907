"""Wide and deep: a linear model on categories and their pairs, and a dense network, trained
together (Cheng et al. 2016). The wide part remembers, the deep part generalizes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from heldout.core.arrays import Array, Ints
from heldout.models.nets import dense, graphs
from heldout.models.nets.dense import Layout
from heldout.models.nets.layers import Table
from heldout.primitives.block import Block

if TYPE_CHECKING:
    from heldout.graph.tape import Tape


@dataclass(frozen=True)
class Wide:
    """Rows of the wide part's table: for each column of codes its levels, then for each crossed
    pair (i, j) ``buckets`` rows, of which (code i * levels j + code j) mod buckets is taken."""

    sizes: tuple[int, ...]
    pairs: tuple[tuple[int, int], ...]
    buckets: tuple[int, ...]

    @classmethod
    def of(cls, sizes: tuple[int, ...], most_pairs: int, most_buckets: int) -> Wide:
        """Pairs with few combinations first: those have rows enough to learn from.

        >>> Wide.of((3, 100, 4), 2, 200)
        Wide(sizes=(3, 100, 4), pairs=((0, 2), (0, 1)), buckets=(12, 200))
        """
        every = sorted(combinations(range(len(sizes)), 2), key=lambda p: sizes[p[0]] * sizes[p[1]])
        pairs = tuple(every[:most_pairs])
        buckets = tuple(min(sizes[i] * sizes[j], most_buckets) for i, j in pairs)
        return cls(sizes, pairs, buckets)

    @property
    def rows(self) -> int:
        """Of the table."""
        return sum(self.sizes) + sum(self.buckets)

    @property
    def starts(self) -> Ints:
        """Where each column, then each pair, begins."""
        return np.cumsum([0, *self.sizes, *self.buckets])[:-1].astype(np.int32)

    def codes(self, block: Block) -> Array:
        """int32 (n, columns + pairs): rows of the table."""
        own = block.parts["codes"].values.astype(np.int32)
        if self.pairs:
            a, b = np.array(self.pairs).T
            crossed = own[:, a] * np.array(self.sizes, np.int32)[b] + own[:, b]
            own = np.concatenate([own, crossed % np.array(self.buckets, np.int32)], axis=1)
        return np.ascontiguousarray((own + self.starts).astype(np.int32))

    def codes_onnx(self, tape: Tape, codes: str) -> str:
        """The same on a tape."""
        made = [codes]
        if self.pairs:
            a, b = np.array(self.pairs, dtype=np.int64).T
            left = tape.op("Gather", codes, tape.const(a), axis=1)
            right = tape.op("Gather", codes, tape.const(b), axis=1)
            sizes = np.array(self.sizes, np.int32)[b]
            crossed = tape.op("Add", tape.op("Mul", left, tape.const(sizes)), right)
            made.append(tape.op("Mod", crossed, tape.const(np.array(self.buckets, np.int32))))
        return tape.op("Add", tape.concat(made), tape.const(self.starts))

    def arrays(self) -> dict[str, Array]:
        """For the state of a fitted model."""
        return {
            "wide.sizes": np.array(self.sizes, np.int64),
            "wide.pairs": np.array(self.pairs, np.int64).reshape(-1, 2),
            "wide.buckets": np.array(self.buckets, np.int64),
        }

    @classmethod
    def from_arrays(cls, state: Mapping[str, Array]) -> Wide:
        """The inverse of ``arrays``."""
        pairs = tuple((int(i), int(j)) for i, j in state["wide.pairs"])
        sizes, buckets = (tuple(state[f"wide.{n}"].tolist()) for n in ("sizes", "buckets"))
        return cls(sizes, pairs, buckets)


def inputs(layout: Layout, wide: Wide, block: Block) -> tuple[Array, ...]:
    """Those of the dense network, then the rows of the table where there are categories."""
    made = layout.inputs(block)
    return (*made, wide.codes(block)) if wide.sizes else made


def build(
    layout: Layout, wide: Wide, units: tuple[int, ...], dropout: float, l1: float, outputs: int
) -> Any:
    """The scores of both parts, added."""
    deep = dense.build(layout, units, dropout, outputs)
    linear = keras.layers.Dense(outputs, use_bias=False, kernel_initializer="zeros", name="line")
    parts = [deep.output, linear(deep.inputs[0])]
    given = list(deep.inputs)
    if wide.sizes:
        codes = keras.Input((len(wide.sizes) + len(wide.pairs),), dtype="int32", name="wide")
        given.append(codes)
        parts.append(Table(wide.rows, outputs, l1, name="table")(codes))
    made = keras.layers.Add()(parts)
    return keras.Model(given if len(given) > 1 else given[0], made)


def to_onnx(state: Mapping[str, Array], tape: Tape, parts: Mapping[str, str]) -> str:
    """The raw scores [N, units] in float32."""
    x, _ = Layout.from_arrays(state).inputs_onnx(tape, parts)
    made = tape.op("MatMul", x, tape.const(state["line.kernel"]))
    made = tape.op("Add", dense.to_onnx(state, tape, parts), made)
    wide = Wide.from_arrays(state)
    if wide.sizes:
        made = tape.op(
            "Add", made, graphs.table(tape, wide.codes_onnx(tape, parts["codes"]), state, "table")
        )
    return made
