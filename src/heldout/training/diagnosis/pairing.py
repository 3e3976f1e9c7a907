"""Last layer, loss and target must fit together (LOSS-02 to LOSS-06): if not, the reason in words.

Softmax makes classes exclude one another; sigmoid keeps an answer between 0 and 1; the sparse
loss wants the number of the class and the other one column a class. A wrong pairing often trains
without an error and learns nonsense, therefore it is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from heldout.core.arrays import Array
from heldout.core.errors import HeldoutError
from heldout.training.data import Data, leaves
from heldout.training.diagnosis import layers

ALIASES = {
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
    "bce": "binary_crossentropy",
    "binary_cross_entropy": "binary_crossentropy",
}
BOUNDED = {
    "sigmoid": (0.0, 1.0),
    "hard_sigmoid": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
    "softmax": (0.0, 1.0),
}


@dataclass(frozen=True)
class Mismatch:
    """``kind`` "pairing" or "shape"; what does not fit, why it matters, what to do instead."""

    kind: str
    what: str
    why: str
    do: str


@dataclass(frozen=True)
class Head:
    """The last layer: its activation and units; the loss, and whether it takes raw scores."""

    activation: str
    units: int
    loss: str
    logits: bool


def loss_name(model: Any) -> str:
    """The loss in the form "mean_squared_error"; "" for one's own or for several.

    >>> ALIASES["mse"]
    'mean_squared_error'
    """
    own = getattr(model, "loss", None)
    if isinstance(own, (list, tuple)) and len(own) == 1:
        own = own[0]
    if own is None or isinstance(own, (list, tuple, dict)):
        return ""
    name = own if isinstance(own, str) else getattr(own, "name", getattr(own, "__name__", ""))
    name = "".join(f"_{c.lower()}" if c.isupper() else c for c in str(name)).lstrip("_")
    return ALIASES.get(name, name)


def head_of(model: Any) -> Head | None:
    """Of a model with one output whose last layer can be seen."""
    outputs = getattr(model, "outputs", None)
    if not outputs or len(outputs) != 1:
        return None
    history = getattr(outputs[0], "_keras_history", None)
    last = getattr(history, "operation", None)
    while last is not None and hasattr(last, "get_compile_config"):
        inside = list(layers.flat(last))
        last = inside[-1] if inside else None
    if last is None or layers.kind(last) not in (*layers.WEIGHTED, "Activation", "Softmax"):
        return None
    own = getattr(model, "loss", None)
    told = getattr(own, "_fn_kwargs", {}) if own is not None else {}
    logits = bool(told.get("from_logits", getattr(own, "from_logits", False)))
    return Head(layers.activation(last), int(outputs[0].shape[-1] or 0), loss_name(model), logits)


def mismatches(model: Any, data: Data) -> list[Mismatch]:
    """All that does not fit; empty where nothing is known to be wrong."""
    found = _inputs(model, data)
    head = head_of(model)
    if head is None or not isinstance(data.y, np.ndarray) or data.y.ndim > 2 or not len(data.y):
        return found
    y = data.y
    if head.loss == "binary_crossentropy":
        return found + _binary(head, y)
    if head.loss == "sparse_categorical_crossentropy":
        return found + _sparse(head, y)
    if head.loss == "categorical_crossentropy":
        return found + _categorical(head, y)
    if head.loss.startswith(("mean_", "huber", "log_cosh")):
        return found + _numbers(head, y)
    return found


def refuse(model: Any, data: Data) -> None:
    """Raise H268 or H269 for the first thing that does not fit."""
    for bad in mismatches(model, data):
        code = "H268" if bad.kind == "pairing" else "H269"
        raise HeldoutError(code, bad.what, why=bad.why, do=[bad.do])


def _inputs(model: Any, data: Data) -> list[Mismatch]:
    """Shapes of inputs, in words."""
    wanted = getattr(model, "inputs", None)
    given = leaves(data.x)
    if not wanted:
        return []
    if len(wanted) != len(given):
        what = f"the network has {len(wanted)} inputs, the data {len(given)} arrays"
        return [Mismatch("shape", what, "each input takes one array", "pass a tuple of arrays")]
    if isinstance(data.x, dict):
        return []  # found by name, in an order of its own
    found = []
    for tensor, array in zip(wanted, given, strict=True):
        shape = tuple(tensor.shape[1:])
        fits = len(shape) == array.ndim - 1 and all(
            a is None or a == b for a, b in zip(shape, array.shape[1:], strict=True)
        )
        if not fits and not (shape == (1,) and array.ndim == 1):
            found.append(_shape(str(tensor.name), shape, array.shape[1:]))
    return found


def _shape(name: str, wanted: tuple[Any, ...], given: tuple[int, ...]) -> Mismatch:
    what = f'input "{name}" takes {_words(wanted)} a row, the data have {_words(given)}'
    if len(wanted) == 3 and len(given) == 2 and wanted[:2] == given:
        do = "add the axis of channels: x[..., None]"
    elif len(wanted) == len(given):
        do = f"build the network with keras.Input({given})"
    elif len(wanted) == 1:
        do = "put keras.layers.Flatten() first, or reshape the data to (rows, columns)"
    else:
        do = f"reshape the data to (rows, {', '.join(map(str, wanted))})"
    return Mismatch(
        "shape", what, "the weights of the first layer have one row an input number", do
    )


def _words(shape: tuple[Any, ...]) -> str:
    if not shape:
        return "one number"
    if len(shape) == 1:
        return f"{shape[0]} numbers"
    return " x ".join("any" if k is None else str(k) for k in shape)


def _width(y: Array) -> int:
    return 1 if y.ndim == 1 else int(y.shape[1])


def _range(y: Array) -> tuple[float, float]:
    finite = y[np.isfinite(y)] if y.dtype.kind == "f" else y
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)


def _pair(what: str, why: str, do: str) -> Mismatch:
    return Mismatch("pairing", what, why, do)


def _scores(head: Head, wanted: str) -> list[Mismatch]:
    """Raw scores or probabilities, never both or neither."""
    if head.logits and head.activation in ("sigmoid", "softmax"):
        return [
            _pair(
                f"{head.activation} as last layer and a loss with from_logits=True",
                f"the loss applies {head.activation} a second time: answers are flattened",
                "leave the activation out, or from_logits",
            )
        ]
    if not head.logits and head.activation not in ("sigmoid", "softmax", "hard_sigmoid"):
        return [
            _pair(
                f"a last layer with activation {head.activation} and {head.loss} of probabilities",
                "the loss takes the logarithm of the answer, which must lie between 0 and 1",
                f'end with activation="{wanted}", or pass the loss with from_logits=True',
            )
        ]
    return []


def _columns(head: Head, y: Array) -> list[Mismatch]:
    """As many columns of the target as units."""
    if _width(y) == head.units:
        return []
    return [
        Mismatch(
            "shape",
            f"the last layer gives {head.units} numbers a row, the target has {_width(y)}",
            "answer and truth are compared number by number",
            f"end with keras.layers.Dense({_width(y)})",
        )
    ]


def _binary(head: Head, y: Array) -> list[Mismatch]:
    low, high = _range(y)
    if low < 0 or high > 1:
        return [
            _pair(
                f"binary cross-entropy and a target from {low:g} to {high:g}",
                "it compares probabilities: the truth must be 0 or 1",
                "code two classes as 0 and 1; for more classes use softmax and"
                " sparse_categorical_crossentropy; for numbers mean_squared_error",
            )
        ]
    if head.activation == "softmax":
        several = _width(y) > 1 and not np.allclose(y.sum(axis=1), 1)
        what = "softmax with one unit" if head.units == 1 else "softmax with binary cross-entropy"
        if several:
            what, why = (
                "softmax for several labels a row",
                "softmax makes the labels share a probability of 1: no two can be sure at once",
            )
        elif head.units == 1:
            why = "softmax over one number is always 1: nothing can be learned"
        else:
            why = "softmax makes the classes share a probability of 1, the loss treats each alone"
        do = 'activation="sigmoid" and binary_crossentropy'
        if head.units > 1 and not several:
            do = "categorical_crossentropy for classes that exclude each other"
        return [_pair(what, why, do)]
    return _columns(head, y) + _scores(head, "sigmoid")


def _sparse(head: Head, y: Array) -> list[Mismatch]:
    if _width(y) > 1:
        return [
            _pair(
                f"the sparse loss and a target of {_width(y)} columns",
                "the sparse loss takes the number of the class, one a row",
                "categorical_crossentropy for one column a class, or y.argmax(axis=1)",
            )
        ]
    low, high = _range(y)
    if y.dtype.kind == "f" and not np.all(np.mod(y[np.isfinite(y)], 1) == 0):
        return [
            _pair(
                "the sparse loss and a target with fractions",
                "it takes the number of a class",
                "code classes as 0, 1, 2 ...; for numbers mean_squared_error",
            )
        ]
    if head.units == 1 or low < 0 or high >= head.units:
        return [
            _pair(
                f"classes {low:g} to {high:g} and a last layer with {head.units} units",
                "there is one unit a class, counted from 0",
                f'end with keras.layers.Dense({int(high - min(low, 0)) + 1}, activation="softmax")'
                + (" and count from 0" if low else ""),
            )
        ]
    return _not_exclusive(head) + _scores(head, "softmax")


def _categorical(head: Head, y: Array) -> list[Mismatch]:
    if _width(y) == 1:
        return [
            _pair(
                "categorical cross-entropy and a target of one column",
                "it wants one column a class",
                "sparse_categorical_crossentropy takes the number of the class"
                if head.units > 1
                else 'two classes: one unit, activation="sigmoid", binary_crossentropy',
            )
        ]
    if _columns(head, y):
        return _columns(head, y)
    if not np.allclose(y.sum(axis=1), 1, atol=1e-3):
        return [
            _pair(
                "categorical cross-entropy for several labels a row",
                "the rows of the target do not sum to 1: labels do not exclude each other, and"
                " softmax would make them share a probability of 1",
                'activation="sigmoid" and binary_crossentropy',
            )
        ]
    return _not_exclusive(head) + _scores(head, "softmax")


def _not_exclusive(head: Head) -> list[Mismatch]:
    if head.activation != "sigmoid":
        return []
    return [
        _pair(
            f"sigmoid with {head.loss}",
            "classes exclude each other, so that their probabilities must sum to 1",
            'activation="softmax"',
        )
    ]


def _numbers(head: Head, y: Array) -> list[Mismatch]:
    wrong = _columns(head, y)
    if wrong:
        return wrong
    low, high = _range(y)
    bounds = BOUNDED.get(head.activation)
    if head.activation == "relu" and low < 0:
        bounds = (0.0, float("inf"))
    if bounds and (low < bounds[0] or high > bounds[1]):
        return [
            _pair(
                f"{head.activation} as last layer and a target from {low:.4g} to {high:.4g}",
                f"{head.activation} cannot answer outside {bounds[0]:g} to {bounds[1]:g}",
                "end without an activation: a number is not bounded (sigmoid only for 0 to 1)",
            )
        ]
    return []
