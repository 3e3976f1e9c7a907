"""Operations on windows as nodes: convolution and pooling. ONNX puts channels second."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from heldout.models.nets.writer import UnwritableError, Value, Writer


def convolution(w: Writer, step: Any, given: list[Value]) -> list[Value]:
    """Of any rank, with strides, dilation, groups."""
    p = step.params
    if p["batch_group_count"] != 1 or any(d != 1 for d in p["lhs_dilation"]):
        raise UnwritableError("it uses a transposed convolution")
    where = p["dimension_numbers"]
    x = w.transpose(given[0], where.lhs_spec)
    kernel = w.transpose(given[1], where.rhs_spec)
    sides = p["padding"]
    if any(a < 0 or b < 0 for a, b in sides):
        raise UnwritableError("a convolution cuts its input")
    shape = step.invars[1].aval.shape
    made = w.op(
        "Conv",
        x,
        kernel,
        kernel_shape=[int(shape[i]) for i in where.rhs_spec[2:]],
        strides=[int(s) for s in p["window_strides"]],
        dilations=[int(d) for d in p["rhs_dilation"]],
        pads=[int(a) for a, _ in sides] + [int(b) for _, b in sides],
        group=int(p["feature_group_count"]),
    )
    return [w.transpose(made, np.argsort(where.out_spec).tolist())]


def _pool(kind: str) -> Callable[[Writer, Any, list[Value]], list[Value]]:
    def write(w: Writer, step: Any, given: list[Value]) -> list[Value]:
        p = step.params
        windows, strides, sides = p["window_dimensions"], p["window_strides"], p["padding"]
        still = [
            i
            for i in range(1, len(windows))
            if (windows[i], strides[i], tuple(sides[i])) == (1, 1, (0, 0))
        ]
        odd = any(d != 1 for d in (*p["base_dilation"], *p["window_dilation"]))
        if not still or odd or windows[0] != 1 or len(windows) < 3:
            raise UnwritableError("it pools in a way for which no node is known")
        order = [0, still[-1], *(i for i in range(1, len(windows)) if i != still[-1])]
        places = order[2:]
        more = {"count_include_pad": 1} if kind == "AveragePool" else {}
        made = w.op(
            kind,
            w.transpose(given[0], order),
            kernel_shape=[int(windows[i]) for i in places],
            strides=[int(strides[i]) for i in places],
            pads=[int(sides[i][0]) for i in places] + [int(sides[i][1]) for i in places],
            **more,
        )
        if kind == "AveragePool":  # the sum of a window
            made = w.op("Mul", made, np.asarray(math.prod(windows), np.float32))
        return [w.transpose(made, np.argsort(order).tolist())]

    return write


WINDOWS: dict[str, Callable[[Writer, Any, list[Value]], list[Value]]] = {
    "conv_general_dilated": convolution,
    "reduce_window_max": _pool("MaxPool"),
    "reduce_window_sum": _pool("AveragePool"),
}
