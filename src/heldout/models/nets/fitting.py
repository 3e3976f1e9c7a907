"""Fit a Keras model through the training engine: one program for all folds of a structure.

Compiling costs about a second, arithmetic of small networks much less: structures are kept with
their compiled programs, and learning rate and dropout are inputs of those. Members are trained in
turn, so that a fit never depends on the one before it (held by a test); all folds of a candidate
are one population, whoever asks for them first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np

from heldout.core.arrays import Array, Doubles, Floats
from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.models.nets import losses, watching
from heldout.models.nets.head import Head
from heldout.models.nets.optimizer import Grouped
from heldout.training import state as states
from heldout.training.compiled import remember
from heldout.training.data import Data
from heldout.training.diagnosis.watch import Looker, Watch
from heldout.training.engine import train_members
from heldout.training.member import EarlyStopping, Member, Regime
from heldout.training.order import bucket
from heldout.training.population import Structure

KEPT = 8  # compiled structures

Inputs = Sequence[Array]


@dataclass(frozen=True)
class Schedule:
    """How long: ``epochs`` at most, ``patience`` epochs without improvement; ``settings`` are
    inputs of the compiled program (learning rate, dropout), numbers or schedules; ``watch`` is
    the measure that has to improve; ``begin`` sets what the initial weights take from the data."""

    epochs: int
    patience: int
    batch: int
    settings: Mapping[str, Any]
    watch: str = "val_loss"
    begin: Callable[[Any], None] | None = None


@dataclass
class Net:
    """A structure with its programs; at most ``chunk`` rows are predicted at once."""

    structure: Structure
    chunk: int
    loss: str = ""
    looker: Looker | None = None  # compiled with the first training that was watched

    @property
    def model(self) -> Any:
        """The compiled Keras model; what it holds is the business of whoever trains."""
        return self.structure.model


_NETS: dict[tuple[Any, ...], Net] = {}


def ready() -> None:
    """Start the device, which the first operation would wait for."""
    keras.ops.zeros(1)


def net(
    key: tuple[Any, ...],
    build: Callable[[], Any],
    kind: Head,
    inputs: Inputs,
    chunk: int = 1_024,
    compiling: Callable[[], Mapping[str, Any]] | None = None,
    augment: Callable[[Any, Any], Any] | None = None,
) -> Net:
    """The compiled structure of this key; ``build`` makes the model with fresh weights, for
    arrays like ``inputs``; ``compiling`` makes the arguments of ``compile`` where they are not
    Adam and the loss of the task; ``augment`` changes training inputs, and is part of ``key``."""
    if key in _NETS:
        return _NETS[key]
    remember()
    while len(_NETS) >= KEPT:
        _NETS.pop(next(iter(_NETS)))

    def compiled() -> Any:
        model = build()
        plain = {"optimizer": keras.optimizers.Adam(1e-3), "loss": losses.loss(kind)}
        model.compile(**(plain if compiling is None else compiling()))
        return model

    y: Array = np.zeros((len(inputs[0]), kind.units), np.float32)
    if kind.loss == "sparse_categorical_crossentropy":
        y = np.zeros(len(inputs[0]), np.int32)
    few = Data(_one_or_many(inputs), y)
    _NETS[key] = Net(
        Structure.of(compiled, Regime(padded=True, augment=augment), few), chunk, kind.loss
    )
    return _NETS[key]


def compiling(kind: Head, optimizer: str) -> dict[str, Any]:
    """Arguments of ``compile`` with another optimizer: "sgd" (Nesterov's momentum 0.9) or
    "rmsprop"; the learning rate is a setting."""
    made = {
        "sgd": lambda: keras.optimizers.SGD(1e-2, momentum=0.9, nesterov=True),
        "rmsprop": lambda: keras.optimizers.RMSprop(1e-3),
    }[optimizer]()
    return {"optimizer": made, "loss": losses.loss(kind)}


def decaying(kind: Head, decay: float) -> dict[str, Any]:
    """Arguments of ``compile``: Adam with decoupled decay of the kernels, a setting."""
    optimizer = Grouped({}, ("/kernel",), learning_rate=1e-3, weight_decay=decay)
    return {"optimizer": optimizer, "loss": losses.loss(kind)}


def _one_or_many(inputs: Inputs) -> Any:
    return tuple(inputs) if len(inputs) > 1 else inputs[0]


@dataclass(frozen=True)
class Fit:
    """The weights kept, the epoch they are of, and how the fit went."""

    weights: list[Array]
    epochs: int
    run: int
    stopped: bool
    notes: list[str]
    findings: list[dict[str, Any]]


def train(
    made: Net,
    inputs: Inputs,
    y: Array,
    weights: Doubles | None,
    inner: tuple[Inputs, Array] | None,
    schedule: Schedule,
    seed: Seed,
    deadline: Deadline,
) -> Fit:
    """Fit from fresh weights, by the seed alone; the best epoch on the inner part counts. With an
    inner part the training is watched, which leaves its bits alone."""
    own = None if weights is None else (weights / weights.mean()).astype(np.float32)
    held = None if inner is None else Data.of(_one_or_many(inner[0]), inner[1])
    watch = None if held is None else Watch(made.looker)
    regime = Regime(
        watch=watch,
        augment=made.structure.regime.augment,
        epochs=schedule.epochs,
        deadline=deadline,
        batch=schedule.batch,
        padded=True,
        stopping=None if held is None else EarlyStopping(schedule.watch, schedule.patience),
    )
    member = Member(
        seed=seed,
        settings=schedule.settings,
        data=Data.of(_one_or_many(inputs), y, own),
        validation_data=held,
    )
    if schedule.begin is not None:
        _start(made, member, schedule.begin)
    structure = replace(made.structure, regime=regime)
    done = train_members(structure, [member], None, present=schedule.begin is not None)[0]
    stopped = done.stopped == "seconds" and done.epochs < schedule.epochs
    found: list[dict[str, Any]] = []
    if watch is not None and held is not None and member.data is not None:
        made.looker = watch.looker
        found = watching.findings(
            done, watch.records[member.name], member.data, held, made.loss, schedule.settings,
            schedule.batch, int(made.model.count_params()),
        )  # fmt: skip
    return Fit(done.weights, max(done.best, 1), done.epochs, stopped, done.notes, found)


def _start(made: Net, member: Member, begin: Callable[[Any], None]) -> None:
    """Let the model hold the member's initial weights, finished by ``begin``."""
    structure, seed = made.structure, member.seed.child("weights")
    assert member.data is not None
    states.write(made.model, states.initial(made.model, structure.build, seed, member.data))
    begin(made.model)


def predict(made: Net, weights: Sequence[Array], inputs: Inputs) -> Floats:
    """Raw scores float32 (n, units), or (n, members, units), with these weights, in chunks of one size, the last filled
    up: one compiled shape for many numbers of rows."""
    rows = len(inputs[0])
    if not rows:
        return np.zeros((0, *made.model.output_shape[1:]), dtype=np.float32)
    chunk = min(made.chunk, bucket(rows))
    found = []
    made.model.set_weights(weights)
    for start in range(0, rows, chunk):
        parts = [part[start : start + chunk] for part in inputs]
        size = len(parts[0])
        filled = [
            np.concatenate([p, np.zeros((chunk - size, *p.shape[1:]), p.dtype)]) for p in parts
        ]
        found.append(made.structure.predict(_one_or_many(filled))[:size])
    return np.concatenate(found)
