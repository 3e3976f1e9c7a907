"""The state of a training: four lists of arrays, taken from a compiled Keras model.

Order as in Keras' own JAX trainer: trainable, non-trainable, optimizer, metrics.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np

from heldout.core.arrays import Array
from heldout.core.seed import Seed
from heldout.training.data import Data, each

State = tuple[list[Any], list[Any], list[Any], list[Any]]


def prepare(model: Any, data: Data, rows: int = 2) -> None:
    """Build what Keras builds at the first batch: layers, loss, metrics, optimizer."""
    if not getattr(model, "compiled", False):
        raise ValueError("the model is not compiled: call model.compile(optimizer, loss) first")
    few = data.take(np.arange(min(rows, len(data))))
    model._symbolic_build(data_batch=batch_of(few.x, few.y, few.weights))
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)


def batch_of(x: Any, y: Any, weights: Any) -> tuple[Any, ...]:
    """What ``train_step`` takes."""
    if y is None:
        return (x,)
    return (x, y) if weights is None else (x, y, weights)


def variables(model: Any) -> tuple[list[Any], list[Any], list[Any], list[Any]]:
    """The model's variables in the order of the state."""
    return (
        list(model.trainable_variables),
        list(model.non_trainable_variables),
        list(model.optimizer.variables),
        list(model.metrics_variables),
    )


def read(model: Any) -> State:
    """The values as NumPy arrays (copies), metrics cleared."""
    model.reset_metrics()
    parts = [[to_numpy(v) for v in part] for part in variables(model)]
    return parts[0], parts[1], parts[2], parts[3]


def write(model: Any, state: State) -> None:
    """Put the values into the model's variables."""
    for own, new in zip(variables(model), state, strict=True):
        for variable, value in zip(own, new, strict=True):
            variable.assign(value)


def to_numpy(value: Any) -> Array:
    """A copy on the host, whatever the backend."""
    return np.array(keras.ops.convert_to_numpy(value))


def fresh(build: Callable[[], Any], seed: Seed) -> Any:
    """A new model with the initial weights of this seed: those that a person gets who calls
    ``keras.utils.set_random_seed`` with ``seed.integer()`` and builds the model."""
    keras.utils.set_random_seed(seed.integer())
    return build()


def initial(template: Any, build: Callable[[], Any], seed: Seed, data: Data) -> State:
    """The state to start from: weights by the seed; optimizer and metrics as in the template."""
    made = fresh(build, seed)
    if not made.built:
        few = each(lambda part: np.asarray(part[:2]), data.x)
        made(few)
    start = read(template)
    own = [
        [to_numpy(v) for v in p] for p in (made.trainable_variables, made.non_trainable_variables)
    ]
    if [a.shape for a in own[0]] != [a.shape for a in start[0]]:
        raise ValueError("build() made another structure: shapes of the weights differ")
    return own[0], own[1], start[2], start[3]


def in_order(
    model: Any, trainable: list[Array], others: list[Array], optimizer: list[Array]
) -> list[Array]:
    """In the order of ``model.weights``; where the optimizer keeps moving averages of the weights
    for the end, those."""
    if getattr(model.optimizer, "use_ema", False):
        with kept(model):
            write(model, (trainable, others, optimizer, read(model)[3]))
            model.optimizer.finalize_variable_values(model.trainable_variables)
            trainable = [to_numpy(v) for v in model.trainable_variables]
    own = dict(zip(map(id, model.trainable_variables), trainable, strict=True))
    own |= zip(map(id, model.non_trainable_variables), others, strict=True)
    return [own[id(v)] for v in model.weights]


@contextlib.contextmanager
def kept(model: Any) -> Iterator[None]:
    """Put the model's values back afterwards."""
    before = read(model)
    try:
        yield
    finally:
        write(model, before)
