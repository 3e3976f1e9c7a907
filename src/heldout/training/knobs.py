"""Settings that are inputs of the compiled program ("knobs").

While the program is traced, the attribute that holds a setting (a Dropout's ``rate``, a
regularizer's ``l2``, an optimizer's ``weight_decay`` ...) is replaced by a stand-in for the
program's input and put back afterwards. The person's own layers are used as they are: no clone,
no other class, the same variables.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

NAMES = (
    "learning_rate",
    "dropout",
    "l1",
    "l2",
    "label_smoothing",
    "weight_decay",
    "clipnorm",
    "global_clipnorm",
    "beta_1",
    "beta_2",
    "epsilon",
)
"""Settings that are found in any model; "LAYER.attribute" names one layer's own."""

UNBOUNDED = 1e30  # a norm that clips nothing

Slot = tuple[Any, str]

LOCK = threading.RLock()  # held by whoever changes a model, if only for the length of a trace


class Knob:
    """A stand-in for a number that is not known while tracing.

    Layers ask ``if self.rate > 0`` in Python; the answer is yes: the setting is in use. All
    arithmetic happens inside the program.
    """

    def __init__(self, value: Any) -> None:
        self.value = value

    def __jax_array__(self) -> Any:
        return self.value

    @property
    def dtype(self) -> Any:
        """Of the program's input."""
        return self.value.dtype

    @property
    def shape(self) -> Any:
        """Of the program's input: ()."""
        return self.value.shape

    def __bool__(self) -> bool:
        return True

    def __gt__(self, other: Any) -> Any:
        return True if other == 0 else self.value > other

    def __ge__(self, other: Any) -> Any:
        return True if other == 0 else self.value >= other

    def __lt__(self, other: Any) -> Any:
        return False if other == 0 else self.value < other

    def __le__(self, other: Any) -> Any:
        return False if other == 0 else self.value <= other

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def __add__(self, other: Any) -> Any:
        return self.value + other

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return self.value - other

    def __rsub__(self, other: Any) -> Any:
        return other - self.value

    def __mul__(self, other: Any) -> Any:
        return self.value * other

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        return self.value / other

    def __rtruediv__(self, other: Any) -> Any:
        return other / self.value

    def __pow__(self, other: Any) -> Any:
        return self.value**other

    def __neg__(self) -> Any:
        return -self.value


def slots(model: Any, name: str) -> list[Slot]:
    """Where the setting lives in a compiled model: (object, attribute).

    Raises ValueError with a reason where the model has no such setting.
    """
    if "." in name:
        found = _of_layer(model, name)
    elif name == "dropout":
        found = [(layer, "rate") for layer in layers(model) if _drops(layer)]
    elif name in ("l1", "l2"):
        found = [(r, name) for r in _regularizers(model) if hasattr(r, name)]
    elif name == "label_smoothing":
        found = [(part, name) for part in _losses(model) if hasattr(part, name)]
    elif name in NAMES and hasattr(_optimizer(model), name):
        found = [(_optimizer(model), name)]
    else:
        found = []
    if not found:
        raise ValueError(f"the model has no setting {name!r}{_hint(name)}")
    return found


def known(model: Any, name: str) -> bool:
    """Whether the setting can be an input of the program."""
    try:
        return name == "learning_rate" or bool(slots(model, name))
    except ValueError:
        return False


def present(model: Any, name: str) -> float:
    """The number that the model was built with."""
    owner, attribute = slots(model, name)[0]
    value = getattr(owner, attribute)
    if value is None:
        return UNBOUNDED if "clip" in name else 0.0
    return float(value)


@contextlib.contextmanager
def bound(model: Any, values: Mapping[str, Any]) -> Iterator[None]:
    """Let these settings be stand-ins for the program's inputs, then put back what was there."""
    before: list[tuple[Any, str, Any]] = []
    LOCK.acquire()
    try:
        for name, value in values.items():
            for owner, attribute in slots(model, name):
                before += replace(owner, attribute, Knob(value))
        yield
    finally:
        for owner, attribute, value in reversed(before):
            if isinstance(owner, dict):
                owner[attribute] = value
            else:
                object.__setattr__(owner, attribute, value)
        LOCK.release()


def replace(owner: Any, attribute: str, knob: Any) -> list[tuple[Any, str, Any]]:
    """Past Keras' own ``__setattr__``, which tracks; a loss keeps its numbers in a dict."""
    before = [(owner, attribute, getattr(owner, attribute))]
    object.__setattr__(owner, attribute, knob)
    kept = getattr(owner, "_fn_kwargs", None)
    if isinstance(kept, dict) and attribute in kept:
        before.append((kept, attribute, kept[attribute]))
        kept[attribute] = knob
    return before


def layers(model: Any) -> list[Any]:
    """The model's layers, those inside of others too, each once."""
    return list(dict.fromkeys(model._flatten_layers()))


def _drops(layer: Any) -> bool:
    """A dropout layer that draws masks; one built with rate 0 has no masks to draw."""
    import keras

    kinds = (keras.layers.Dropout, keras.layers.GaussianDropout, keras.layers.AlphaDropout)
    return isinstance(layer, kinds) and hasattr(layer, "seed_generator")


def _regularizers(model: Any) -> list[Any]:
    found: list[Any] = []
    for layer in layers(model):
        own = getattr(layer, "_trainable_variables", [])
        found += [v.regularizer for v in own if v.regularizer is not None]
    return list({id(r): r for r in found}.values())


def _losses(model: Any) -> list[Any]:
    given = model.loss
    many = given.values() if isinstance(given, Mapping) else given
    parts: Sequence[Any] = list(many) if isinstance(many, Sequence | type({}.values())) else [given]
    return [part for part in parts if not isinstance(part, str)]


def _optimizer(model: Any) -> Any:
    """The one that does the work: a loss scaler wraps another."""
    return inner(model.optimizer)


def inner(optimizer: Any) -> Any:
    """The optimizer itself, without a loss scaler around it."""
    return getattr(optimizer, "inner_optimizer", optimizer)


def _of_layer(model: Any, name: str) -> list[Slot]:
    layer_name, attribute = name.rsplit(".", 1)
    return [
        (layer, attribute)
        for layer in layers(model)
        if layer.name == layer_name and hasattr(layer, attribute)
    ]


def _hint(name: str) -> str:
    hints = {
        "dropout": ": it has no Dropout layer that was built with a rate above 0",
        "l1": ": no layer was built with an L1 or L1L2 regularizer",
        "l2": ": no layer was built with an L2 or L1L2 regularizer",
        "label_smoothing": ": pass the loss as an object, such as keras.losses.BinaryCrossentropy()",
    }
    return hints.get(name, "")
