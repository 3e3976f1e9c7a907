"""Who looks at a training between two epochs: Keras callbacks, functions, files."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras

from heldout.training import board, checkpoint, knobs
from heldout.training.events import EventFile
from heldout.training.member import Regime

if TYPE_CHECKING:
    from heldout.training.progress import Progress

BY_BATCH = (
    "on_train_batch_begin",
    "on_train_batch_end",
    "on_batch_begin",
    "on_batch_end",
)


@dataclass
class Watchers:
    """``by_batch``: a callback wants to see every batch, which needs the step driver."""

    model: Any
    regime: Regime
    by_batch: bool = False
    listed: Any = None  # Keras' own list of the callbacks, one a member

    @classmethod
    def of(cls, model: Any, regime: Regime) -> Watchers:
        """Those of a regime."""
        return cls(model, regime, any(map(_wants_batches, regime.callback_list)))

    def begin(self, course: Progress) -> None:
        """Go on from a checkpoint; before the first epoch."""
        folder = self.regime.folder
        if folder is not None:
            checkpoint.restore(checkpoint.path_of(folder, course), course)
        if self.regime.watch is not None:
            self.regime.watch(course)
        if self.regime.callback_list:
            course.to_model()
            self.listed = self._list(course)
            self.listed.on_train_begin()

    def after_epoch(self, course: Progress, logs: dict[str, float]) -> None:
        """After an epoch and its rules."""
        if self.regime.watch is not None:
            self.regime.watch(course)
        own = self.regime.on_epoch
        if own is not None and own(course.member, course.epoch, logs) and not course.stopped:
            course.stopped = "callback"
        if self.regime.callback_list:
            self._tell(course, logs)
        if self.regime.csv is not None:
            with knobs.LOCK:
                _append(self.regime.csv, course, logs)
        if self.regime.tensorboard is not None:
            self._events(course, logs)
        if self.regime.folder is not None and course.epoch % self.regime.every == 0:
            self.save(course)

    def save(self, course: Progress) -> None:
        """A checkpoint of the present state."""
        if self.regime.folder is not None:
            checkpoint.save(checkpoint.path_of(self.regime.folder, course), course)

    def _events(self, course: Progress, logs: dict[str, float]) -> None:
        """Curves, histograms of the weights, at first the graph, for TensorBoard."""
        assert self.regime.tensorboard is not None
        file = EventFile(self.regime.tensorboard / course.member.name, "heldout")
        if course.epoch == 1:
            file.graph(board.graph(self.model))
        file.scalars(course.epoch, logs)
        for variable, value in zip(
            self.model.trainable_variables, course.weights()[0], strict=True
        ):
            file.histogram(course.epoch, variable.path, value)

    def end(self, course: Progress) -> None:
        """After the last epoch, or where a budget cut it."""
        self.save(course)
        if self.regime.tensorboard is not None:
            tables = board.embeddings(self.model, course.result().weights)
            board.write_embeddings(self.regime.tensorboard / course.member.name, tables)
        if self.regime.callback_list:
            course.to_model()
            self.listed.on_train_end()

    def _list(self, course: Progress) -> Any:
        epochs = min(course.epochs, 1_000_000)
        return keras.callbacks.CallbackList(
            list(self.regime.callback_list),
            add_history=False,
            model=self.model,
            epochs=epochs,
            steps=course.per_epoch,
        )

    def _tell(self, course: Progress, logs: dict[str, float]) -> None:
        """Callbacks see the model with its weights and may change them and the learning rate."""
        course.to_model()
        self.model.stop_training = False
        before = _rate(self.model)
        self.listed.on_epoch_end(course.epoch - 1, dict(logs))
        after = _rate(self.model)
        if before and after is not None and after != before:
            course.rules.rate *= after / before
        course.from_model()
        if self.model.stop_training and not course.stopped:
            course.stopped = "callback"


def _rate(model: Any) -> float | None:
    try:
        return float(keras.ops.convert_to_numpy(model.optimizer.learning_rate))
    except (AttributeError, TypeError, ValueError):
        return None


def _wants_batches(callback: Any) -> bool:
    """Whether it overrides a hook that is called with every batch."""
    return any(
        getattr(type(callback), name, None) is not getattr(keras.callbacks.Callback, name)
        for name in BY_BATCH
    )


def _append(path: Path, course: Progress, logs: dict[str, float]) -> None:
    """A line of the CSV: member, epoch, steps, samples, then the measures by name."""
    row = {"member": course.member.name, "epoch": course.epoch, "steps": course.steps}
    full: dict[str, object] = {**row, "samples": course.samples, **dict(sorted(logs.items()))}
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(full), extrasaction="ignore")
        if new:
            writer.writeheader()
        writer.writerow(full)
