"""Fit a Keras model by plain ``Model.fit``: batches by seed, early stopping, the clock.

Compiling costs about a second, arithmetic of small networks much less: a compiled model is kept
by its structure and given fresh weights for each fit, so that a fit never depends on the one
before it (held by a test).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np

from heldout.core.arrays import Array, Doubles, Floats
from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.models.nets.head import Head, mean_loss

KEPT = 8  # compiled models

Inputs = Sequence[Array]


@dataclass(frozen=True)
class Schedule:
    """How long and how fast: ``epochs`` at most, ``patience`` epochs without improvement."""

    epochs: int
    patience: int
    batch: int
    learning_rate: float


@dataclass
class Net:
    """A compiled Keras model with the starting values of its optimizer; ``chunk`` rows are
    predicted at once: one compiled shape, whatever the number of rows."""

    model: Any
    build: Callable[[], Any]
    chunk: int
    start: list[Array] = field(default_factory=list)

    def reset(self, seed: Seed, learning_rate: float) -> None:
        """Fresh weights, dropout masks and optimizer, by the seed alone."""
        keras.utils.set_random_seed(seed.integer())
        for own, new in zip(self.model.variables, self.build().variables, strict=True):
            own.assign(new)
        optimizer = self.model.optimizer
        for own, value in zip(optimizer.variables, self.start, strict=True):
            own.assign(value)
        optimizer.learning_rate.assign(learning_rate)


_NETS: dict[tuple[Any, ...], Net] = {}


def net(key: tuple[Any, ...], build: Callable[[], Any], kind: Head, chunk: int = 1_024) -> Net:
    """The compiled model of this structure; ``build`` makes it with fresh weights."""
    if key in _NETS:
        return _NETS[key]
    while len(_NETS) >= KEPT:
        _NETS.pop(next(iter(_NETS)))
    model = build()
    model.compile(optimizer=keras.optimizers.Adam(1e-3), loss=_loss(kind))
    model.optimizer.build(model.trainable_variables)
    start = [np.array(keras.ops.convert_to_numpy(v)) for v in model.optimizer.variables]
    _NETS[key] = Net(model, build, chunk, start)
    return _NETS[key]


def _loss(kind: Head) -> Any:
    if kind.loss == "binary_crossentropy":
        return keras.losses.BinaryCrossentropy(from_logits=True)
    if kind.loss == "sparse_categorical_crossentropy":
        return keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    if kind.loss == "mean_absolute_error":
        return keras.losses.MeanAbsoluteError()
    return keras.losses.MeanSquaredError()


class Batches(keras.utils.PyDataset):  # type: ignore[misc,unused-ignore]
    """Shuffled batches of one size; the few rows left over differ from epoch to epoch.

    A batch of another size would be compiled anew.
    """

    def __init__(self, inputs: Inputs, y: Array, weights: Doubles | None, size: int, seed: Seed):
        super().__init__()
        self.inputs, self.y, self.size = inputs, y, min(size, len(y))
        self.weights = None if weights is None else (weights / weights.mean()).astype(np.float32)
        self.rng = seed.rng()
        self.order = self.rng.permutation(len(y))

    def __len__(self) -> int:
        return len(self.y) // self.size

    def __getitem__(self, number: int) -> tuple[Any, ...]:
        rows = np.sort(self.order[number * self.size : (number + 1) * self.size])
        inputs = tuple(part[rows] for part in self.inputs)
        x = inputs if len(inputs) > 1 else inputs[0]
        if self.weights is None:
            return x, self.y[rows]
        return x, self.y[rows], self.weights[rows]

    def on_epoch_end(self) -> None:
        """Another order."""
        self.order = self.rng.permutation(len(self.y))


class Watch(keras.callbacks.Callback):  # type: ignore[misc,unused-ignore]
    """Keeps the best weights by the loss on the inner part; stops at patience or deadline."""

    def __init__(self, judge: Callable[[], float] | None, patience: int, deadline: Deadline):
        super().__init__()
        self.judge, self.patience, self.deadline = judge, patience, deadline
        self.best, self.best_loss, self.done = 0, math.inf, 0
        self.kept: list[Array] = []
        self.stopped = False

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """A long epoch must not run past the deadline."""
        del batch, logs
        if self.deadline.passed:
            self.stopped = True
            self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Judge the epoch, remember the best."""
        del logs
        self.done = epoch + 1
        if self.judge is not None:
            loss = self.judge()
            if loss < self.best_loss or not self.kept:
                self.best, self.best_loss = self.done, loss
                self.kept = self.model.get_weights()
            elif self.done - self.best >= self.patience:
                self.model.stop_training = True
        if self.deadline.passed and not self.model.stop_training:
            self.stopped = True
            self.model.stop_training = True


@dataclass(frozen=True)
class Trained:
    """The weights kept, the epoch they are of, and how the fit went."""

    weights: list[Array]
    epochs: int
    run: int
    stopped: bool
    inner_loss: float


def train(
    made: Net,
    kind: Head,
    inputs: Inputs,
    y: Array,
    weights: Doubles | None,
    inner: tuple[Inputs, Array] | None,
    schedule: Schedule,
    seed: Seed,
    deadline: Deadline,
) -> Trained:
    """Fit from fresh weights; the model of ``made`` holds the best ones afterwards."""
    made.reset(seed.child("weights"), schedule.learning_rate)
    model = made.model
    data = Batches(inputs, y, weights, schedule.batch, seed.child("batches"))
    judge = None
    if inner is not None:
        own, wanted = inner

        def judge() -> float:
            return mean_loss(kind, predict(made, own), wanted)

    watch = Watch(judge, schedule.patience, deadline)
    model.fit(data, epochs=schedule.epochs, verbose=0, shuffle=False, callbacks=[watch])
    if watch.kept:
        model.set_weights(watch.kept)
    stopped = watch.stopped and watch.done < schedule.epochs
    return Trained(
        model.get_weights(), max(watch.best or watch.done, 1), watch.done, stopped, watch.best_loss
    )


def predict(made: Net, inputs: Inputs) -> Floats:
    """Raw scores float32 (n, units), in chunks of one size, the last one filled up."""
    rows, chunk = len(inputs[0]), made.chunk
    found = []
    for start in range(0, rows, chunk):
        parts = [part[start : start + chunk] for part in inputs]
        size = len(parts[0])
        filled = [
            np.concatenate([p, np.zeros((chunk - size, *p.shape[1:]), p.dtype)]) for p in parts
        ]
        x = tuple(filled) if len(filled) > 1 else filled[0]
        found.append(np.asarray(made.model.predict_on_batch(x))[:size])
    if not found:
        return np.zeros((0, made.model.output_shape[-1]), dtype=np.float32)
    return np.concatenate(found)


def with_weights(made: Net, weights: Sequence[Array], inputs: Inputs) -> Floats:
    """Predict with these weights, whatever the shared model holds at the moment."""
    made.model.set_weights(weights)
    return predict(made, inputs)
