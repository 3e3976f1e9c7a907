"""Keras layers of the networks for tables; each has the same formula on a tape in ``graphs``.

A fold's own numbers (edges of bins) are weights that are not trained, so that all folds share one
compiled program.
"""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
from keras import ops

from heldout.models.nets.initial import Drawn


def uniform() -> Any:
    """Within 1 / sqrt(inputs) of 0."""
    return Drawn(keras.initializers.VarianceScaling(1 / 3, "fan_in", "uniform"))


def within(limit: float) -> Any:
    """Evenly between -limit and limit."""
    return Drawn(keras.initializers.RandomUniform(-limit, limit))


def normal(deviation: float = 1.0) -> Any:
    """Around 0."""
    return Drawn(keras.initializers.RandomNormal(0.0, deviation))


class Scale(keras.layers.Layer):  # type: ignore[misc,unused-ignore]
    """A factor for every input, trained, 1 at first: (n, d) to (n, d)."""

    def build(self, shape: Any) -> None:
        """One weight an input."""
        self.factor = self.add_weight(name="factor", shape=(shape[-1],), initializer="ones")

    def call(self, x: Any) -> Any:
        """x times the factors."""
        return x * self.factor


class NtkDense(keras.layers.Layer):  # type: ignore[misc,unused-ignore]
    """x W / sqrt(d) + b, W from N(0, 1): the neural-tangent parametrization, in which one learning
    rate suits all widths (Jacot, Gabriel and Hongler 2018)."""

    def __init__(self, units: int, **more: Any) -> None:
        super().__init__(**more)
        self.units = units

    def build(self, shape: Any) -> None:
        """Kernel (d, units), bias (units,)."""
        self.kernel = self.add_weight(
            name="kernel", shape=(shape[-1], self.units), initializer=normal()
        )
        self.bias = self.add_weight(name="bias", shape=(self.units,), initializer=normal())
        self.by = 1.0 / math.sqrt(shape[-1])

    def call(self, x: Any) -> Any:
        """(n, d) to (n, units)."""
        return ops.matmul(x, self.kernel) * self.by + self.bias


class Bend(keras.layers.Layer):  # type: ignore[misc,unused-ignore]
    """x + a (f(x) - x) with a trained share ``a`` a unit, 1 at first; f is "selu" or "mish"."""

    def __init__(self, function: str, **more: Any) -> None:
        super().__init__(**more)
        self.function = function

    def build(self, shape: Any) -> None:
        """One share a unit."""
        self.share = self.add_weight(name="share", shape=(shape[-1],), initializer="ones")

    def call(self, x: Any) -> Any:
        """(n, d) to (n, d)."""
        bent = ops.selu(x) if self.function == "selu" else x * ops.tanh(ops.softplus(x))
        return x + self.share * (bent - x)


class Periodic(keras.layers.Layer):  # type: ignore[misc,unused-ignore]
    """Every number x becomes x and ``outputs`` sums of cosines: W2 cos(2 pi (w1 x + b1)) + b2
    (the embedding "PBLD" of RealMLP): (n, d) to (n, d * (1 + outputs))."""

    def __init__(self, frequencies: int, outputs: int, sigma: float, **more: Any) -> None:
        super().__init__(**more)
        self.frequencies, self.outputs, self.sigma = frequencies, outputs, sigma

    def build(self, shape: Any) -> None:
        """Weights for each number of its own."""
        d, k, out = shape[-1], self.frequencies, self.outputs
        circle = within(math.pi)
        spread = within(1 / math.sqrt(k))
        add = self.add_weight
        self.rate = add(name="rate", shape=(d, k), initializer=normal(self.sigma))
        self.phase = add(name="phase", shape=(d, k), initializer=circle)
        self.mix = add(name="mix", shape=(d, k, out), initializer=spread)
        self.shift = add(name="shift", shape=(d, out), initializer=spread)

    def call(self, x: Any) -> Any:
        """The number itself first, then its waves."""
        waves = ops.cos((x[:, :, None] * self.rate + self.phase) * (2 * math.pi))
        made = ops.einsum("ndk,dko->ndo", waves, self.mix) + self.shift
        both = ops.concatenate([x[:, :, None], made], axis=2)
        return ops.reshape(both, (-1, x.shape[1] * (1 + self.outputs)))


class Piecewise(keras.layers.Layer):  # type: ignore[misc,unused-ignore]
    """Every number as a curve of straight pieces with ``width`` outputs: (n, d) to (n, d * width).

    Bin b of a number holds clip((x - left) * slope, low, high); a linear layer mixes the bins, and
    beside it stands x w + b; the mix starts at 0 (Gorishniy, Rubachev and Babenko 2022).
    """

    def __init__(self, bins: int, width: int, **more: Any) -> None:
        super().__init__(**more)
        self.bins, self.width = bins, width

    def build(self, shape: Any) -> None:
        """``left``, ``slope``, ``low``, ``high`` (d, bins) are the fold's own."""
        d, b, w = shape[-1], self.bins, self.width
        for name in ("left", "slope", "low", "high"):
            made = self.add_weight(
                name=name, shape=(d, b), initializer="zeros", trainable=False, dtype="float32"
            )
            setattr(self, name, made)
        around = within(1.0)
        self.mix = self.add_weight(name="mix", shape=(d, b, w), initializer="zeros")
        self.line = self.add_weight(name="line", shape=(d, w), initializer=around)
        self.shift = self.add_weight(name="shift", shape=(d, w), initializer=around)

    def call(self, x: Any) -> Any:
        """(n, d) to (n, d * width)."""
        number = x[:, :, None]
        part = (number - self.left) * self.slope
        part = ops.minimum(ops.maximum(part, self.low), self.high)
        made = ops.einsum("ndb,dbw->ndw", part, self.mix) + number * self.line + self.shift
        return ops.reshape(made, (-1, x.shape[1] * self.width))


class Members(keras.layers.Layer):  # type: ignore[misc,unused-ignore]
    """One input for each of ``k`` members, each with factors of its own: (n, d) to (n, k, d).

    Columns of one origin (``chunks``: how many each) share a factor, from N(0, 1) or, with
    ``signs``, -1 or 1: what makes the members differ (Gorishniy, Kotelnikov and Babenko 2024).
    """

    def __init__(self, k: int, chunks: tuple[int, ...], signs: bool, **more: Any) -> None:
        super().__init__(**more)
        self.k, self.chunks, self.signs = k, tuple(chunks), signs

    def build(self, shape: Any) -> None:
        """Factors (k, d)."""
        self.factor = self.add_weight(
            name="factor", shape=(self.k, shape[-1]), initializer=self._draw
        )

    def _draw(self, _shape: Any, dtype: Any = None) -> Any:
        del dtype
        drawn = normal()((self.k, len(self.chunks)))
        drawn = np.where(drawn < 0, -1.0, 1.0) if self.signs else drawn
        chunk = np.repeat(np.arange(len(self.chunks)), self.chunks)
        return drawn[:, chunk].astype(np.float32)

    def call(self, x: Any) -> Any:
        """x times each member's factors."""
        return x[:, None, :] * self.factor


class MemberDense(keras.layers.Layer):  # type: ignore[misc,unused-ignore]
    """A dense layer that members share: (n, k, d) to (n, k, units).

    With ``own`` every member has factors before (``before``) and after (``after``), 1 at first,
    and its own bias (BatchEnsemble, Wen, Tran and Ba 2020); without, nothing but the input differs.
    """

    def __init__(self, units: int, own: bool, **more: Any) -> None:
        super().__init__(**more)
        self.units, self.own = units, own

    def build(self, shape: Any) -> None:
        """One kernel (d, units)."""
        k, d = shape[-2:]
        self.kernel = self.add_weight(name="kernel", shape=(d, self.units), initializer=uniform())
        rows = (k, self.units) if self.own else (self.units,)
        spread = within(1 / math.sqrt(d))
        self.bias = self.add_weight(name="bias", shape=rows, initializer=spread)
        if self.own:
            self.before = self.add_weight(name="before", shape=(k, d), initializer="ones")
            self.after = self.add_weight(name="after", shape=(k, self.units), initializer="ones")

    def call(self, x: Any) -> Any:
        """One product for all members."""
        if not self.own:
            return ops.matmul(x, self.kernel) + self.bias
        return ops.matmul(x * self.before, self.kernel) * self.after + self.bias


class MemberHeads(keras.layers.Layer):  # type: ignore[misc,unused-ignore]
    """A last layer for each member: (n, k, d) to (n, k, units)."""

    def __init__(self, units: int, **more: Any) -> None:
        super().__init__(**more)
        self.units = units

    def build(self, shape: Any) -> None:
        """Kernels (k, d, units)."""
        k, d = shape[-2:]
        spread = within(1 / math.sqrt(d))
        self.kernel = self.add_weight(name="kernel", shape=(k, d, self.units), initializer=spread)
        self.bias = self.add_weight(name="bias", shape=(k, self.units), initializer=spread)

    def call(self, x: Any) -> Any:
        """Member by member."""
        return ops.einsum("nkd,kdu->nku", x, self.kernel) + self.bias


class Table(keras.layers.Layer):  # type: ignore[misc,unused-ignore]
    """A linear model on one-hot codes, written as a table: (n, c) numbers of its rows to the sums
    (n, units) of those rows; all 0 at first, with an L1 penalty whose strength is a setting."""

    def __init__(self, rows: int, units: int, l1: float, **more: Any) -> None:
        super().__init__(**more)
        self.rows, self.units, self.l1 = rows, units, l1

    def build(self, _shape: Any) -> None:
        """One row for each level of each column and for each crossed pair."""
        self.table = self.add_weight(
            name="table",
            shape=(self.rows, self.units),
            initializer="zeros",
            regularizer=keras.regularizers.L1(self.l1) if self.l1 > 0 else None,
        )

    def call(self, codes: Any) -> Any:
        """The sum of the rows."""
        return ops.sum(ops.take(self.table, codes, axis=0), axis=1)
