"""What the layers of a model are: their order, activations, places without a nonlinearity."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

SCALERS = ("Normalization", "Rescaling", "BatchNormalization", "LayerNormalization")
WEIGHTED = ("Dense", "Conv1D", "Conv2D", "Conv3D", "EinsumDense")
PASSIVE = ("Dropout", "Flatten", "Reshape", "InputLayer", "GaussianNoise", "AlphaDropout")


def flat(model: Any) -> Iterator[Any]:
    """The layers in their order, those of nested models in place; not those inside of others
    (a cell of a recurrent layer runs in a loop and cannot be listened to)."""
    import keras

    for layer in getattr(model, "layers", []):
        if isinstance(layer, keras.Model):
            yield from flat(layer)
        else:
            yield layer


def kind(layer: Any) -> str:
    """The class's name."""
    return type(layer).__name__


def activation(layer: Any) -> str:
    """The name of what is applied last in the layer: "linear" where nothing is.

    A layer that is an activation (``ReLU``, ``Activation("tanh")``) has its own name.
    """
    own = getattr(layer, "activation", None)
    if own is not None:
        return str(getattr(own, "__name__", type(own).__name__)).lower()
    named = {"ReLU": "relu", "LeakyReLU": "leaky_relu", "PReLU": "prelu", "ELU": "elu"}
    return named.get(kind(layer), "softmax" if kind(layer) == "Softmax" else "linear")


def units(layer: Any) -> int:
    """Numbers that the layer gives out for a row, the last axis alone; 0 where it is not known."""
    try:
        shape = layer.output.shape
    except (AttributeError, ValueError):
        return int(getattr(layer, "units", 0) or getattr(layer, "filters", 0) or 0)
    return int(shape[-1] or 0) if len(shape) > 1 else 0


def chains(model: Any) -> list[list[Any]]:
    """Layers that feed one another directly, one after the other: branches are chains of their
    own, so that only true neighbors are compared."""
    follows: dict[int, list[Any]] = {}
    found = list(flat(model))
    known = {id(layer): layer for layer in found}
    for layer in found:
        for node in getattr(layer, "_inbound_nodes", []):
            for parent in getattr(node, "parent_nodes", []):
                before = known.get(id(parent.operation))
                if before is not None and layer not in follows.setdefault(id(before), []):
                    follows[id(before)].append(layer)
    return [[known[before], after] for before, many in follows.items() for after in many]


def linear_pairs(model: Any) -> tuple[tuple[str, str], ...]:
    """Adjacent weighted layers whose first has no nonlinearity: their product is one layer
    (MODEL-20). Layers that only pass on stand between without a difference."""
    after: dict[int, list[Any]] = {}
    for before, layer in chains(model):
        after.setdefault(id(before), []).append(layer)
    found = []
    for layer in flat(model):
        if kind(layer) not in WEIGHTED or activation(layer) != "linear":
            continue
        following = list(after.get(id(layer), []))
        while following:
            other = following.pop()
            if kind(other) in PASSIVE:
                following += after.get(id(other), [])
            elif kind(other) in WEIGHTED and kind(other) == kind(layer):
                found.append((str(layer.name), str(other.name)))
    return tuple(dict.fromkeys(found))


def narrow(model: Any) -> tuple[tuple[str, int, int], ...]:
    """Hidden dense layers with fewer units than the output: what they drop never comes back
    (MODEL-21). An autoencoder squeezes on purpose: where the output is as wide as the input,
    nothing is said."""
    dense = [layer for layer in flat(model) if kind(layer) == "Dense"]
    if len(dense) < 2:
        return ()
    outputs = int(dense[-1].units)
    shape = getattr(model, "input_shape", None)
    if isinstance(shape, tuple) and len(shape) == 2 and shape[1] == outputs:
        return ()
    return tuple(
        (str(layer.name), int(layer.units), outputs)
        for layer in dense[:-1]
        if layer.units < outputs - 1
    )


def dropout(model: Any) -> float:
    """The highest rate, 0 where there is none."""
    rates = [float(x.rate) for x in flat(model) if "Dropout" in kind(x) and hasattr(x, "rate")]
    return max(rates, default=0.0)


def normalized(model: Any) -> bool:
    """Whether the first layer that computes brings inputs to one scale."""
    for layer in flat(model):
        if kind(layer) not in PASSIVE:
            return kind(layer) in SCALERS
    return False
