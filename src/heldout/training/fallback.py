"""The same training through ``Model.fit``, for Keras on PyTorch or TensorFlow.

One compiled model serves every member: weights and optimizer start fresh for each. Batches,
schedules, rules, files are those of the engine; only the arithmetic is the backend's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from heldout.core.arrays import Array
from heldout.core.clock import now
from heldout.training import knobs
from heldout.training import state as states
from heldout.training.data import Data
from heldout.training.endless import Endless, joined
from heldout.training.order import Batches
from heldout.training.precision import mixed
from heldout.training.progress import Progress

CHUNK = 50  # steps between two looks at the clock


@dataclass(kw_only=True)
class FitCourse(Progress):
    """``model`` holds the state itself; ``held`` are the validation rows."""

    model: Any
    data: Data
    held: Data | None
    precision: str = "float32"

    drawn: Iterator[Data] | None = None

    def ready(self) -> None:
        """Drawn batches go on behind the steps that were done."""
        if isinstance(self.data, Endless):
            self.drawn = self.data.after(self.steps)

    def run_epoch(self) -> dict[str, float] | None:
        """One epoch, or what the budget leaves of it; its measures, None if it was cut short."""
        began = now()
        order = self.batches()
        values = self.values(order)
        sums: dict[str, float] = {}
        seen = 0
        while self.done < order.steps and not self.cut():
            end = min(self.next_end(order), self.done + self._chunk(order))
            rows = _rows(order, self.done, end)
            logs = self._fit(rows, order, values, end)
            for name, value in logs.items():
                sums[name] = sums.get(name, 0.0) + value * len(rows)
            seen += len(rows)
            self.count(order, end)
        logs = {name: value / seen for name, value in sums.items()} if seen else {}
        self.seconds += now() - began
        if self.done < order.steps:
            return None
        if not np.isfinite(logs.get("loss", 0.0)):
            self.stopped = "not finite"
            self.notes.append("the loss is no longer finite")
        return logs | self._judged()

    def _chunk(self, order: Batches) -> int:
        """Whole epochs, unless the clock has to be looked at."""
        free = self.regime.deadline.at == float("inf") and self.drawn is None
        return order.steps if free else CHUNK

    def _fit(self, rows: Array, order: Batches, values: Array, end: int) -> dict[str, float]:
        """``Model.fit`` over these rows once, in their order."""
        part = self.data.take(rows) if self.drawn is None else joined(self.drawn, end - self.done)
        turn = Turn(self.model, self.names, values[self.done : end])
        with mixed(self.model, self.precision):
            made = self.model.fit(
                part.x,
                part.y,
                batch_size=order.full.shape[1],
                sample_weight=part.weights,
                epochs=1,
                shuffle=False,
                verbose=0,
                callbacks=[turn],
            )
        return {name: float(value[-1]) for name, value in made.history.items()}

    def _judged(self) -> dict[str, float]:
        if self.held is None:
            return {}
        logs = self.model.evaluate(
            self.held.x,
            self.held.y,
            sample_weight=self.held.weights,
            batch_size=self.regime.validation_batch or self.regime.batch,
            verbose=0,
            return_dict=True,
        )
        return {f"val_{name}": float(value) for name, value in logs.items()}

    def weights(self) -> tuple[list[Array], list[Array]]:
        """Trainable and other weights now, on the host."""
        own, others, *_ = states.variables(self.model)
        return [states.to_numpy(v) for v in own], [states.to_numpy(v) for v in others]

    def to_model(self) -> None:
        """The model holds the state at any time."""

    def from_model(self) -> None:
        """The model holds the state at any time."""

    def arrays(self) -> list[list[Array]]:
        """The whole state on the host: trainable, others, optimizer, metrics."""
        return [[states.to_numpy(v) for v in part] for part in states.variables(self.model)]

    def restore_arrays(self, parts: list[list[Array]]) -> None:
        """The inverse of ``arrays``."""
        states.write(self.model, (parts[0], parts[1], parts[2], parts[3]))

    def in_order(self, trainable: list[Array], others: list[Array]) -> list[Array]:
        """In the order of ``model.weights``."""
        optimizer = [states.to_numpy(v) for v in self.model.optimizer.variables]
        return states.in_order(self.model, trainable, others, optimizer)


class Turn(keras.callbacks.Callback):  # type: ignore[misc,unused-ignore]
    """Sets the settings before each batch. The learning rate is a variable; other settings are
    attributes, which eager PyTorch reads anew and TensorFlow's compiled function does not."""

    def __init__(self, model: Any, names: tuple[str, ...], values: Array) -> None:
        super().__init__()
        self.own, self.names, self.table = model, names, values
        self.last: Array | None = None

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Only what changed."""
        del logs
        row = self.table[min(batch, len(self.table) - 1)]
        if self.last is not None and np.array_equal(row, self.last):
            return
        self.last = row
        for name, value in zip(self.names, row, strict=True):
            if name == "learning_rate":
                knobs.inner(self.own.optimizer).learning_rate.assign(value)
                continue
            for owner, attribute in knobs.slots(self.own, name):
                knobs.replace(owner, attribute, float(value))


def _rows(order: Batches, first: int, end: int) -> Array:
    """The rows of these steps, one after the other."""
    full: Array = order.full[first : min(end, order.loops)].ravel()
    if order.last is not None and end > order.loops:
        return np.concatenate([full, order.last])
    return full


Maker = Callable[..., FitCourse]
