"""One member's training through a compiled program (JAX)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from heldout.core.arrays import Array
from heldout.core.clock import now
from heldout.training import device
from heldout.training import state as states
from heldout.training.hooks import Hooks
from heldout.training.judge import Judge
from heldout.training.order import Batches
from heldout.training.program import Program
from heldout.training.progress import Progress
from heldout.training.source import Source

SLICE = 0.2  # seconds between two looks at the clock, where there is a deadline
FIRST = 16  # steps of the first slices


@dataclass(kw_only=True)
class Course(Progress):
    """``state`` lies on the device; ``pace`` is in seconds a step, 0 until it is known."""

    program: Program
    source: Source
    judge: Judge | None
    state: states.State
    driver: str
    pace: float = 0.0
    hooks: Hooks | None = None
    _before: Any = None

    def ready(self) -> None:
        """Drawn batches go on behind the steps that were done."""
        self.source.begin(self.steps)

    def run_epoch(self) -> dict[str, float] | None:
        """One epoch, or what the budget leaves of it; its measures, None if it was cut short."""
        began = now()
        order = self.batches()
        values = self.values(order)
        if not self.done:
            self.state = (*self.state[:3], device.put_arrays(self.source.cleared))
        self._before = (self.done, device.put_arrays(self.state))
        while self.done < order.steps and not self.cut():
            self._advance(order, values)
        logs = self._measure(order, values) if self.done == order.steps else None
        self.seconds += now() - began
        return logs

    def _advance(self, order: Batches, values: Array) -> None:
        """Some steps: all that are left, or as many as fit between two looks at the clock."""
        began, first, end = now(), self.done, self.next_end(order)
        timed = self.regime.deadline.at != math.inf
        if self.hooks is not None:
            end = first + 1
            self.hooks.begin(self, first)
            values = self.values(order)
        elif timed:
            end = min(end, first + max(1, int(SLICE / self.pace) if self.pace else FIRST))
        self.state = self.source.advance(
            self.program, self.state, order, values, first, end, self.key(), self.driver
        )
        self.count(order, end)
        if self.hooks is not None:
            self.hooks.end(self, first)
        if timed:
            device.wait(self.state)
            if first and end <= order.loops:
                self.pace = (now() - began) / (end - first)

    def key(self) -> Any:
        """The key of augmentation in the present epoch."""
        return jax.random.key(self.member.seed.child("augment", self.epoch).integer())

    def _measure(self, order: Batches, values: Array) -> dict[str, float]:
        """The measures of the epoch that has been run, validation included."""
        logs = self.program.measures(self.state[3])
        made = {name: float(value) for name, value in logs.items()}
        if not bool(self.program.finite(self.state)) or not np.isfinite(made.get("loss", 0.0)):
            self._broke(order, values)
        if self.judge is not None:
            made |= self.judge.measure(self.program, self.state, values[order.steps - 1])
        if "learning_rate" in self.names:
            made["learning_rate"] = float(
                values[order.steps - 1, self.names.index("learning_rate")]
            )
        return made

    def broke_at(self, before: states.State, order: Batches, values: Array) -> None:
        """Likewise, from the state before the epoch."""
        self._before = (0, before)
        self._broke(order, values)

    def _broke(self, order: Batches, values: Array) -> None:
        """NaN or infinity: go back to the last good state and say where it began."""
        from heldout.training.nonfinite import last_good

        self.stopped = "not finite"
        first, before = self._before
        if not self.source.replays:
            self.state = before
            self.notes.append("NaN or infinity began in this epoch; the state before it was kept")
            return
        found = last_good(self, before, order, values, first)
        self.state, self.blame = found.state, found.blame
        self.notes.append(found.sentence)

    def weights(self) -> tuple[list[Array], list[Array]]:
        """Trainable and other weights now, on the host."""
        return device.get(self.state[0]), device.get(self.state[1])

    def to_model(self) -> None:
        """Let the Keras model hold the present state."""
        states.write(self.program.model, device.get(self.state))

    def from_model(self) -> None:
        """Take over what the Keras model holds."""
        parts = states.variables(self.program.model)
        self.restore_arrays([[states.to_numpy(v) for v in part] for part in parts])

    def arrays(self) -> list[list[Array]]:
        """The whole state on the host: trainable, others, optimizer, metrics."""
        return [list(part) for part in device.get(self.state)]

    def restore_arrays(self, parts: list[list[Array]]) -> None:
        """The inverse of ``arrays``."""
        a, b, c, d = device.put_arrays(parts)
        self.state = (a, b, c, d)

    def in_order(self, trainable: list[Array], others: list[Array]) -> list[Array]:
        """In the order of ``model.weights``."""
        return states.in_order(self.program.model, trainable, others, device.get(self.state[2]))
