"""Keras callbacks before an epoch, and before and after each batch where they ask for that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras

if TYPE_CHECKING:
    from heldout.training.course import Course
    from heldout.training.progress import Progress


@dataclass(frozen=True)
class Hooks:
    """``listed`` is Keras' list of the callbacks of ``model``. They see the weights of the moment
    and may change them; a learning rate that they set counts from then on."""

    model: Any
    listed: Any

    def epoch(self, course: Progress) -> None:
        """Before an epoch."""
        self._told(course, lambda: self.listed.on_epoch_begin(course.epoch))

    def begin(self, course: Course, batch: int) -> None:
        """Before a batch."""
        self._told(course, lambda: self.listed.on_train_batch_begin(batch))

    def end(self, course: Course, batch: int) -> None:
        """After a batch, with the epoch's means so far."""
        logs = course.program.measures(course.state[3])
        own = {name: float(value) for name, value in logs.items()}
        self._told(course, lambda: self.listed.on_train_batch_end(batch, own))

    def _told(self, course: Progress, call: Callable[[], None]) -> None:
        course.to_model()
        self.model.stop_training = False
        before = rate(self.model)
        call()
        after = rate(self.model)
        if before and after is not None and after != before:
            course.rules.rate *= after / before
        course.from_model()
        if self.model.stop_training and not course.stopped:
            course.stopped = "callback"


def rate(model: Any) -> float | None:
    """The learning rate that the model's optimizer holds, where it is a number."""
    try:
        return float(keras.ops.convert_to_numpy(model.optimizer.learning_rate))
    except (AttributeError, TypeError, ValueError):
        return None
