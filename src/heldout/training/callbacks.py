"""Who looks at a training between two epochs: Keras callbacks, functions, files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras

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

    @classmethod
    def of(cls, model: Any, regime: Regime) -> Watchers:
        """Those of a regime."""
        return cls(model, regime, any(map(_wants_batches, regime.callback_list)))

    def begin(self, course: Progress) -> None:
        """Before the first epoch."""
        if self.regime.callback_list:
            course.to_model()
            self._list(course).on_train_begin()

    def after_epoch(self, course: Progress, logs: dict[str, float]) -> None:
        """After an epoch and its rules."""
        own = self.regime.on_epoch
        if own is not None and own(course.member, course.epoch, logs) and not course.stopped:
            course.stopped = "callback"
        if self.regime.callback_list:
            self._tell(course, logs)

    def end(self, course: Progress) -> None:
        """After the last epoch."""
        if self.regime.callback_list:
            course.to_model()
            self._list(course).on_train_end()

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
        self._list(course).on_epoch_end(course.epoch - 1, dict(logs))
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
