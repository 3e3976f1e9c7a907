"""Half precision in the arithmetic, float32 in the weights ("mixed precision").

While a training step is traced, the layers compute in the asked type; weights, optimizer, the last
layer, the loss and all judging stay in float32, and so does the model that is handed back.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import keras

from heldout.training.knobs import layers

KINDS = ("auto", "float32", "bfloat16", "float16")


def chosen(asked: str, accelerator: bool) -> tuple[str, str]:
    """The type of the arithmetic, and why.

    >>> chosen("auto", accelerator=False)[0], chosen("auto", accelerator=True)[0]
    ('float32', 'bfloat16')
    """
    if asked not in KINDS:
        raise ValueError(f"precision {asked!r} is none of {', '.join(KINDS)}")
    if asked != "auto":
        return asked, f"arithmetic in {asked}, as asked"
    if accelerator:
        return "bfloat16", "arithmetic in bfloat16, weights in float32: the device is made for it"
    return "float32", "arithmetic in float32: a CPU gains nothing from half precision"


def scaled(model: Any, kind: str) -> Any:
    """The optimizer to train with: float16 loses small gradients unless the loss is scaled up
    before and they are scaled down after; the factor adapts itself."""
    wrapped = isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer)
    if kind != "float16" or wrapped:
        return model.optimizer
    return keras.optimizers.LossScaleOptimizer(model.optimizer)


@contextlib.contextmanager
def mixed(model: Any, kind: str) -> Iterator[None]:
    """Let every layer but the last compute in ``kind``."""
    if kind == "float32":
        yield
        return
    policy = keras.dtype_policies.DTypePolicy(f"mixed_{kind}")
    last = {id(layer) for layer in _last(model)}
    before = []
    for layer in layers(model):
        own = layer.__dict__.get("_dtype_policy")
        if id(layer) not in last and getattr(own, "name", "") == "float32":
            before.append((layer, own))
            object.__setattr__(layer, "_dtype_policy", policy)
    try:
        yield
    finally:
        for layer, own in before:
            object.__setattr__(layer, "_dtype_policy", own)


def _last(model: Any) -> list[Any]:
    """The model, and the layers from which its outputs come."""
    found = [model]
    with contextlib.suppress(AttributeError, ValueError):
        for output in keras.tree.flatten(model.outputs):
            layer = output._keras_history.operation
            found += _last(layer) if isinstance(layer, keras.Model) else [layer]
    return found
