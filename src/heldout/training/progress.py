"""How far a member's training has come, whatever computes it: budgets, rules, what is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from heldout.core.arrays import Array
from heldout.training.average import Average
from heldout.training.boundary import Rules
from heldout.training.data import Data
from heldout.training.member import Member, Regime, Trained
from heldout.training.order import Batches, batches, steps_per_epoch, values_at

NEVER = 1_000_000  # epochs, where no budget counts them


@dataclass(kw_only=True)
class Progress:
    """``epoch`` epochs are finished, ``done`` steps of the next one. ``names`` are the settings
    that are inputs, ``settings`` their values (numbers or schedules)."""

    member: Member
    regime: Regime
    rows: Array
    names: tuple[str, ...]
    settings: dict[str, Any]
    rules: Rules
    epoch: int = 0
    done: int = 0
    steps: int = 0
    samples: int = 0
    history: list[dict[str, float]] = field(default_factory=list)
    kept: tuple[list[Array], list[Array]] | None = None
    average: Average | None = None
    stopped: str = ""
    blame: str = ""
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self.average = Average.of(self.regime, self.epochs)

    def run_epoch(self) -> dict[str, float] | None:
        """One epoch, or what the budget leaves of it; its measures, None if it was cut short."""
        raise NotImplementedError

    def ready(self) -> None:
        """Told after a checkpoint was restored, or where there was none."""

    def weights(self) -> tuple[list[Array], list[Array]]:
        """Trainable and other weights now, on the host."""
        raise NotImplementedError

    def to_model(self) -> None:
        """Let the Keras model hold the present state."""
        raise NotImplementedError

    def from_model(self) -> None:
        """Take over what the Keras model holds."""
        raise NotImplementedError

    def arrays(self) -> list[list[Array]]:
        """The whole state on the host: trainable, others, optimizer, metrics."""
        raise NotImplementedError

    def restore_arrays(self, parts: list[list[Array]]) -> None:
        """The inverse of ``arrays``."""
        raise NotImplementedError

    def in_order(self, trainable: list[Array], others: list[Array]) -> list[Array]:
        """In the order of ``model.weights``."""
        raise NotImplementedError

    @property
    def per_epoch(self) -> int:
        """Steps of an epoch."""
        return steps_per_epoch(len(self.rows), self.regime.batch, self.regime.last_batch)

    @property
    def epochs(self) -> int:
        """Epochs that the budgets allow at most."""
        r, per = self.regime, self.per_epoch
        most = [r.epochs] if r.epochs is not None else []
        if r.steps is not None:
            most.append(-(-r.steps // per))
        if r.samples is not None:
            most.append(-(-r.samples // max(1, per * min(r.batch, len(self.rows)))))
        return min(most) if most else NEVER

    @property
    def total(self) -> int:
        """Steps of the whole training, as schedules see it."""
        most = self.epochs * self.per_epoch
        return most if self.regime.steps is None else min(most, self.regime.steps)

    def batches(self) -> Batches:
        """Those of the present epoch."""
        r = self.regime
        return batches(
            self.rows,
            r.batch,
            self.member.seed,
            self.epoch,
            shuffle=r.shuffle,
            last=r.last_batch,
            padded=r.padded,
        )

    def values(self, order: Batches) -> Any:
        """The settings at each step of the present epoch."""
        return values_at(
            self.names,
            self.settings,
            self.steps - self.done,
            max(order.steps, len(order.full)),
            self.total,
            self.rules.rate,
        )

    def next_end(self, order: Batches) -> int:
        """The step at which a budget of steps or samples ends the epoch, or its own end."""
        end = order.steps
        if self.regime.steps is not None:
            end = min(end, self.done + self.regime.steps - self.steps)
        if self.regime.samples is not None:
            left = self.regime.samples - self.samples
            end = min(end, self.done + max(1, -(-left // order.full.shape[1])))
        return end

    def count(self, order: Batches, end: int) -> None:
        """Steps up to ``end`` were done."""
        full = int(order.counts[self.done : min(end, order.loops)].sum())
        short = len(order.last) if order.last is not None and end > order.loops else 0
        self.samples += full + short
        self.steps += end - self.done
        self.done = end

    def cut(self) -> bool:
        """Whether a budget of seconds, steps or samples is spent."""
        r = self.regime
        if r.deadline.passed:
            self.stopped = "seconds"
        elif r.steps is not None and self.steps >= r.steps:
            self.stopped = "steps"
        elif r.samples is not None and self.samples >= r.samples:
            self.stopped = "samples"
        return bool(self.stopped)

    def spent(self) -> None:
        """Stop where nothing is left to be done."""
        if self.stopped or self.cut():
            return
        if self.regime.epochs is not None and self.epoch >= self.regime.epochs:
            self.stopped = "epochs"

    def close_epoch(self, logs: dict[str, float]) -> None:
        """Count it, apply the rules, keep the best."""
        self.epoch, self.done = self.epoch + 1, 0
        self.history.append(logs)
        if self.stopped == "not finite":
            return
        better, enough = self.rules.after(self.epoch, logs)
        if better and self.regime.stopping is not None and self.regime.stopping.restore:
            self.kept = self.weights()
        if self.average is not None:
            self.average.add(self.epoch, self.weights()[0])
        if enough:
            self.stopped = "patience"
        self.spent()

    def result(self) -> Trained:
        """The state that counts, as weights on the host."""
        trainable, others = self.weights() if self.kept is None else self.kept
        best = self.rules.best if self.kept is not None else self.epoch
        if self.average is not None and self.average.count:
            trainable = self.average.mean()
        return Trained(
            self.member,
            self.history,
            best,
            self.steps,
            self.samples,
            self.stopped,
            self.in_order(trainable, others),
            self.blame,
            self.notes,
            self.seconds,
        )


def rows_of(member: Member, data: Data) -> Array:
    """The member's training rows."""
    return np.arange(len(data)) if member.rows is None else np.asarray(member.rows)
