"""Where NaN or infinity began: the steps are replayed from the last state known to be good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from heldout.core.arrays import Array
from heldout.training import device, knobs
from heldout.training.order import Batches
from heldout.training.program import take
from heldout.training.state import State, batch_of

if TYPE_CHECKING:
    from heldout.training.course import Course


@dataclass(frozen=True)
class Found:
    """The last good state, the layer in which it began, and a sentence."""

    state: State
    blame: str
    sentence: str


def last_good(course: Course, before: State, order: Batches, values: Array, first: int) -> Found:
    """Halve the steps of the epoch until the first bad one is found (the order of rows is known,
    so that a replay is exact), then look at it layer by layer."""
    end = course.done
    low, high = first, end  # good after `low` steps, bad after `high`
    good = device.put_arrays(before)
    key = course.key()
    while high - low > 1:
        middle = (low + high) // 2
        tried = course.source.advance(
            course.program, device.put_arrays(good), order, values, low, middle, key, course.driver
        )
        if _finite(course, tried):
            low, good = middle, tried
        else:
            high = middle
    blame, what = _layer(course, good, order, values, low)
    step = course.steps - (end - low) + 1
    said = f"NaN or infinity began at step {step}: {what}; the state before that step was kept"
    return Found(good, blame, said)


def _finite(course: Course, state: State) -> bool:
    logs = course.program.measures(state[3])
    return bool(course.program.finite(state)) and bool(np.isfinite(float(logs.get("loss", 0.0))))


def _layer(
    course: Course, state: State, order: Batches, values: Array, step: int
) -> tuple[str, str]:
    """Run the bad step by hand: inputs, each layer's output, loss, gradients."""
    program, model = course.program, course.program.model
    rows = order.full[step] if step < order.loops else order.last
    assert rows is not None
    data = device.put(course.source.data.take(rows))
    x, y, weights = take(data, np.arange(len(rows)))
    if not all(_all_finite(part) for part in jax.tree.leaves((x, y, weights))):
        return "input", "the input or the target already holds it"
    seen: list[tuple[str, bool]] = []
    with knobs.LOCK, _listening(model, seen):
        model.stateless_call(state[0], state[1], x, training=True)
    for name, finite in seen:
        if not finite:
            return name, f"the output of layer {name!r} is the first that is not finite"
    settings = dict(zip(program.names, values[min(step, len(values) - 1)], strict=True))
    settings.pop("learning_rate", None)
    settings = {name: jax.numpy.asarray(value) for name, value in settings.items()}
    with knobs.bound(model, settings):
        batch = batch_of(x, y, weights)
        y_true = batch[1] if len(batch) > 1 else None
        own = batch[2] if len(batch) > 2 else None
        grad = jax.grad(model.compute_loss_and_updates, has_aux=True)
        grads, (loss, *_) = grad(
            state[0],
            state[1],
            state[3],
            x,
            y_true,
            own,
            training=True,
            optimizer_variables=state[2],
        )
    if not _all_finite(loss):
        return "loss", "all layers' outputs are finite, the loss is not"
    bad = [
        v.path for v, g in zip(model.trainable_variables, grads, strict=True) if not _all_finite(g)
    ]
    if bad:
        name = bad[-1].rsplit("/", 1)[0]
        return name, f"the gradient of {bad[-1]!r} is the first on the way back that is not finite"
    return "optimizer", "loss and gradients are finite, the step itself overflows"


def _all_finite(part: Any) -> bool:
    values = np.asarray(part)
    return values.dtype.kind != "f" or bool(np.isfinite(values).all())


class _listening:  # noqa: N801 - used as a statement
    """While open, each layer notes whether its output is finite, in the order of the calls."""

    def __init__(self, model: Any, seen: list[tuple[str, bool]]) -> None:
        self.layers = [layer for layer in knobs.layers(model) if layer is not model]
        self.seen = seen

    def __enter__(self) -> None:
        for layer in self.layers:
            own = layer.call
            object.__setattr__(layer, "call", self._heard(layer.name, own))

    def _heard(self, name: str, call: Any) -> Any:
        def heard(*args: Any, **kwargs: Any) -> Any:
            made = call(*args, **kwargs)
            self.seen.append((name, all(_all_finite(p) for p in jax.tree.leaves(made))))
            return made

        return heard

    def __exit__(self, *_: object) -> None:
        for layer in self.layers:
            layer.__dict__.pop("call", None)
