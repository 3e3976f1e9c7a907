"""A node, or a few, for each operation of JAX that layers are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from heldout.models.nets.windows import WINDOWS
from heldout.models.nets.writer import UnwritableError, Value, Writer

Operation = Callable[[Writer, Any, list[Value]], list[Value]]

SAME = {
    "add": "Add", "add_any": "Add", "sub": "Sub", "mul": "Mul", "div": "Div", "pow": "Pow",
    "max": "Max", "min": "Min", "neg": "Neg", "abs": "Abs", "sign": "Sign", "exp": "Exp",
    "log": "Log", "sqrt": "Sqrt", "tanh": "Tanh", "logistic": "Sigmoid", "erf": "Erf",
    "floor": "Floor", "ceil": "Ceil", "sin": "Sin", "cos": "Cos", "tan": "Tan", "eq": "Equal",
    "lt": "Less", "le": "LessOrEqual", "gt": "Greater", "ge": "GreaterOrEqual",
}  # fmt: skip
"""One node that does the same."""
LOGIC = {"and": "And", "or": "Or", "xor": "Xor", "not": "Not"}
PASSED = ("stop_gradient", "copy", "copy_p", "optimization_barrier", "sharding_constraint")
REDUCED = {
    "reduce_sum": "ReduceSum",
    "reduce_max": "ReduceMax",
    "reduce_min": "ReduceMin",
    "reduce_prod": "ReduceProd",
}


def _node(kind: str) -> Operation:
    return lambda w, _step, given: [w.op(kind, *given)]


def _logic(kind: str) -> Operation:
    def write(w: Writer, step: Any, given: list[Value]) -> list[Value]:
        if any(v.aval.dtype != bool for v in step.invars):
            raise UnwritableError(f"it uses {kind} on whole numbers")
        return [w.op(kind, *given)]

    return write


def _one(step: Any, value: float) -> Value:
    return np.asarray(value, step.invars[0].aval.dtype)


def _square(w: Writer, _step: Any, given: list[Value]) -> list[Value]:
    return [w.op("Mul", given[0], given[0])]


def _rsqrt(w: Writer, _step: Any, given: list[Value]) -> list[Value]:
    return [w.op("Reciprocal", w.op("Sqrt", given[0]))]


def _log1p(w: Writer, step: Any, given: list[Value]) -> list[Value]:
    return [w.op("Log", w.op("Add", given[0], _one(step, 1.0)))]


def _expm1(w: Writer, step: Any, given: list[Value]) -> list[Value]:
    return [w.op("Sub", w.op("Exp", given[0]), _one(step, 1.0))]


def _exp2(w: Writer, step: Any, given: list[Value]) -> list[Value]:
    return [w.op("Pow", _one(step, 2.0), given[0])]


def _erfc(w: Writer, step: Any, given: list[Value]) -> list[Value]:
    return [w.op("Sub", _one(step, 1.0), w.op("Erf", given[0]))]


def _integer_pow(w: Writer, step: Any, given: list[Value]) -> list[Value]:
    power = int(step.params["y"])
    if power == 2:
        return _square(w, step, given)
    return [w.op("Pow", given[0], _one(step, float(power)))]


def _rem(w: Writer, _step: Any, given: list[Value]) -> list[Value]:
    return [w.op("Mod", *given, fmod=1)]


def _round(w: Writer, _step: Any, given: list[Value]) -> list[Value]:
    return [w.op("Round", given[0])]


def _unequal(w: Writer, _step: Any, given: list[Value]) -> list[Value]:
    return [w.op("Not", w.op("Equal", *given))]


def _finite(w: Writer, _step: Any, given: list[Value]) -> list[Value]:
    return [w.op("Not", w.op("Or", w.op("IsInf", given[0]), w.op("IsNaN", given[0])))]


def _select(w: Writer, step: Any, given: list[Value]) -> list[Value]:
    if len(given) != 3 or step.invars[0].aval.dtype != bool:
        raise UnwritableError("it chooses among more than two")
    return [w.op("Where", given[0], given[2], given[1])]


def _clamp(w: Writer, _step: Any, given: list[Value]) -> list[Value]:
    low, value, high = given
    return [w.op("Min", w.op("Max", value, low), high)]


def _cast(w: Writer, step: Any, given: list[Value]) -> list[Value]:
    return [w.cast(given[0], step.params["new_dtype"])]


def _passed(_w: Writer, _step: Any, given: list[Value]) -> list[Value]:
    return list(given)


def _reduce(kind: str) -> Operation:
    return lambda w, step, given: [w.op(kind, given[0], w.whole(*step.params["axes"]), keepdims=0)]


def _every(kind: str) -> Operation:
    def write(w: Writer, step: Any, given: list[Value]) -> list[Value]:
        counted = w.cast(given[0], np.int32)
        return [w.cast(w.op(kind, counted, w.whole(*step.params["axes"]), keepdims=0), bool)]

    return write


def _arg(kind: str) -> Operation:
    def write(w: Writer, step: Any, given: list[Value]) -> list[Value]:
        (axis,) = step.params["axes"]
        found = w.op(kind, given[0], axis=int(axis), keepdims=0)
        return [w.cast(found, step.params["index_dtype"])]

    return write


def _cumsum(w: Writer, step: Any, given: list[Value]) -> list[Value]:
    axis, reverse = np.array(step.params["axis"], np.int64), int(step.params["reverse"])
    return [w.op("CumSum", given[0], axis, reverse=reverse)]


def _dot(w: Writer, step: Any, given: list[Value]) -> list[Value]:
    """A matrix product where it is one, else Einsum."""
    (left, right), (left_batch, right_batch) = step.params["dimension_numbers"]
    ranks = [len(v.aval.shape) for v in step.invars]
    plain = not left_batch and tuple(left) == (ranks[0] - 1,) and tuple(right) == (0,)
    if plain and ranks[1] == 2 and ranks[0] >= 2:
        return [w.op("MatMul", *given)]
    letters = iter("abcdefghijklmnopqrstuvwxyz")
    names = [["" for _ in range(rank)] for rank in ranks]
    for pairs in (zip(left_batch, right_batch, strict=True), zip(left, right, strict=True)):
        for i, j in pairs:
            names[0][i] = names[1][j] = next(letters)
    free = []
    for side, inside in zip(names, (left, right), strict=True):
        for i, letter in enumerate(side):
            side[i] = letter or next(letters)
        free.append([s for i, s in enumerate(side) if i not in inside])
    batch = [names[0][i] for i in left_batch]
    out = batch + [s for side in free for s in side if s not in batch]
    told = f"{''.join(names[0])},{''.join(names[1])}->{''.join(out)}"
    return [w.op("Einsum", *given, equation=told)]


def _reshape(w: Writer, step: Any, given: list[Value]) -> list[Value]:
    sizes = list(step.params["new_sizes"])
    free = [i for i, s in enumerate(sizes) if not isinstance(s, int)]
    if len(free) == 1:
        sizes[free[0]] = -1
    return [w.op("Reshape", given[0], w.shape(sizes))]


def _squeeze(w: Writer, step: Any, given: list[Value]) -> list[Value]:
    axes = step.params["dimensions"]
    return [w.op("Squeeze", given[0], w.whole(*axes))] if axes else list(given)


def _expand_dims(w: Writer, step: Any, given: list[Value]) -> list[Value]:
    return [w.op("Unsqueeze", given[0], w.whole(*step.params["dimensions"]))]


def _broadcast(w: Writer, step: Any, given: list[Value]) -> list[Value]:
    if len(given) > 1:
        raise UnwritableError("a shape depends on the data")
    value, wanted = given[0], step.params["shape"]
    places = step.params["broadcast_dimensions"]
    own = dict(zip(places, step.invars[0].aval.shape, strict=True))
    missing = [i for i in range(len(wanted)) if i not in own]
    if missing:
        value = w.op("Unsqueeze", value, w.whole(*missing))
    if any(own.get(i, 1) != size for i, size in enumerate(wanted)):
        value = w.op("Expand", value, w.shape(wanted))
    return [value]


def _transpose(w: Writer, step: Any, given: list[Value]) -> list[Value]:
    return [w.transpose(given[0], step.params["permutation"])]


def _concatenate(w: Writer, step: Any, given: list[Value]) -> list[Value]:
    return [w.op("Concat", *given, axis=int(step.params["dimension"]))]


def _stack(w: Writer, step: Any, given: list[Value]) -> list[Value]:
    axis = int(step.params["axis"])
    raised = [w.op("Unsqueeze", v, w.whole(axis)) for v in given]
    return [w.op("Concat", *raised, axis=axis)]


def _unstack(w: Writer, step: Any, given: list[Value]) -> list[Value]:
    axis = int(step.params["axis"])
    places = range(len(step.outvars))
    return [w.op("Gather", given[0], np.array(i, np.int64), axis=axis) for i in places]


def sliced(w: Writer, value: Value, cuts: Sequence[tuple[int, int, int, int]]) -> Value:
    """``cuts``: axis, start, end, step."""
    if not cuts:
        return value
    axes, starts, ends, steps = (w.whole(*part) for part in zip(*cuts, strict=True))
    return w.op("Slice", value, starts, ends, axes, steps)


def _slice(w: Writer, step: Any, given: list[Value]) -> list[Value]:
    p, shape = step.params, step.invars[0].aval.shape
    strides = p["strides"] or (1,) * len(shape)
    cuts = [
        (i, int(a), int(b), int(s))
        for i, (a, b, s) in enumerate(
            zip(p["start_indices"], p["limit_indices"], strides, strict=True)
        )
        if isinstance(shape[i], int) and (a, b, s) != (0, shape[i], 1)
    ]
    return [sliced(w, given[0], cuts)]


def _split(w: Writer, step: Any, given: list[Value]) -> list[Value]:
    axis, start, made = int(step.params["axis"]), 0, []
    for size in step.params["sizes"]:
        made.append(sliced(w, given[0], [(axis, start, start + int(size), 1)]))
        start += int(size)
    return made


def _rev(w: Writer, step: Any, given: list[Value]) -> list[Value]:
    least = np.iinfo(np.int64).min
    return [sliced(w, given[0], [(int(i), -1, least, -1) for i in step.params["dimensions"]])]


def _pad(w: Writer, step: Any, given: list[Value]) -> list[Value]:
    sides = step.params["padding_config"]
    if any(between for _, _, between in sides) or any(a < 0 or b < 0 for a, b, _ in sides):
        raise UnwritableError("it pads between values, or cuts by padding")
    pads = [int(a) for a, _, _ in sides] + [int(b) for _, b, _ in sides]
    return [w.op("Pad", given[0], w.whole(*pads), given[1], mode="constant")]


def _dynamic_slice(w: Writer, step: Any, given: list[Value]) -> list[Value]:
    starts = [_known(v) for v in given[1:]]
    return [_window(w, given[0], step.invars[0].aval.shape, starts, step.params["slice_sizes"])]


def _window(
    w: Writer, value: Value, shape: Sequence[Any], starts: Sequence[int], sizes: Sequence[Any]
) -> Value:
    cuts = []
    for i, (start, size) in enumerate(zip(starts, sizes, strict=True)):
        if size != shape[i]:
            first = min(max(int(start), 0), int(shape[i]) - int(size))
            cuts.append((i, first, first + int(size), 1))
    return sliced(w, value, cuts)


def _known(value: Value) -> int:
    if isinstance(value, str):
        raise UnwritableError("where it cuts depends on the data")
    return int(value)


def _gather(w: Writer, step: Any, given: list[Value]) -> list[Value]:
    """Entries of one axis by number (an embedding), or a fixed window."""
    p, shape = step.params, step.invars[0].aval.shape
    numbers, value, at = p["dimension_numbers"], *given
    sizes, gone = p["slice_sizes"], tuple(numbers.collapsed_slice_dims)
    if not isinstance(at, str) and at.ndim == 1 and not numbers.operand_batching_dims:
        starts = [0] * len(shape)
        for place, start in zip(numbers.start_index_map, at.tolist(), strict=True):
            starts[place] = int(start)
        cut = _window(w, value, shape, starts, sizes)
        return [w.op("Squeeze", cut, w.whole(*gone)) if gone else cut]
    whole = all(i in gone or sizes[i] == shape[i] for i in range(len(shape)))
    if (
        numbers.operand_batching_dims
        or len(gone) != 1
        or gone != numbers.start_index_map
        or not whole
    ):
        raise UnwritableError("it picks entries along several axes at once")
    (axis,) = gone
    rank = len(step.invars[1].aval.shape) - 1
    at = w.op("Squeeze", at, w.whole(rank)) if isinstance(at, str) else at[..., 0]
    last = np.asarray(shape[axis] - 1, step.invars[1].aval.dtype)
    at = w.op("Min", w.op("Max", at, np.zeros_like(last)), last)
    taken = w.op("Gather", value, at, axis=axis)
    kept = iter([i for i in range(len(shape)) if i != axis])
    here = {i: j for j, i in enumerate([*range(axis), *range(axis + 1, len(shape))])}
    order, batch = [], iter(range(axis, axis + rank))
    for place in range(len(step.outvars[0].aval.shape)):
        if place in numbers.offset_dims:
            i = here[next(kept)]
            order.append(i if i < axis else i + rank)
        else:
            order.append(next(batch))
    return [w.transpose(taken, order)]


OPERATIONS: dict[str, Operation] = {
    **{name: _node(kind) for name, kind in SAME.items()},
    **{name: _logic(kind) for name, kind in LOGIC.items()},
    **dict.fromkeys(PASSED, _passed),
    **{name: _reduce(kind) for name, kind in REDUCED.items()},
    "reduce_and": _every("ReduceMin"),
    "reduce_or": _every("ReduceMax"),
    "argmax": _arg("ArgMax"),
    "argmin": _arg("ArgMin"),
    "square": _square,
    "rsqrt": _rsqrt,
    "log1p": _log1p,
    "expm1": _expm1,
    "exp2": _exp2,
    "erfc": _erfc,
    "integer_pow": _integer_pow,
    "rem": _rem,
    "round": _round,
    "ne": _unequal,
    "is_finite": _finite,
    "select_n": _select,
    "clamp": _clamp,
    "convert_element_type": _cast,
    "cumsum": _cumsum,
    "dot_general": _dot,
    "reshape": _reshape,
    "squeeze": _squeeze,
    "expand_dims": _expand_dims,
    "broadcast_in_dim": _broadcast,
    "transpose": _transpose,
    "concatenate": _concatenate,
    "stack": _stack,
    "unstack": _unstack,
    "slice": _slice,
    "split": _split,
    "rev": _rev,
    "pad": _pad,
    "dynamic_slice": _dynamic_slice,
    "gather": _gather,
    **WINDOWS,
}
