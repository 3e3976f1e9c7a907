"""A person's own Keras network, trained as they compiled it: all folds through one compiled
program, the best epoch on the inner part, and followed into a graph where that can be done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from heldout.core.arrays import Array, Doubles, Floats
from heldout.core.space import Settings
from heldout.models.card import FitInput, Fitted
from heldout.models.link import probabilities, probabilities_onnx, two_columns
from heldout.models.nets import losses
from heldout.models.nets.entry import Entry
from heldout.models.nets.head import Head, head, scaling
from heldout.models.nets.record import replay
from heldout.primitives.block import Block
from heldout.tasks.task import Task
from heldout.training import state as states
from heldout.training.data import Data, leaves
from heldout.training.diagnosis import pairing
from heldout.training.engine import train_members
from heldout.training.member import EarlyStopping, Member, Regime
from heldout.training.population import Structure

if TYPE_CHECKING:
    from heldout.graph.tape import Tape

KEPT, CHUNK = 8, 1_024
HOT = ("categorical_crossentropy", "categorical_focal_crossentropy", "categorical_hinge",
       "kl_divergence", "poisson", "mean_squared_error", "cosine_similarity")  # fmt: skip
"""Losses that want a column a class."""

Make = Callable[[Task, Entry, Settings], Any]


@dataclass(frozen=True)
class Manner:
    """``labels`` "codes", "one-hot" or None: what the loss wants; ``scaled``: numbers enter the
    loss with mean 0 and deviation 1."""

    version: int
    make: Make
    batch: int | None
    labels: str | None = None
    scaled: bool = False


@dataclass
class Made:
    """A structure, what it eats and what its answer is: "scores", "probabilities" or "value"."""

    structure: Structure
    entry: Entry
    answer: str
    hot: bool

    @property
    def model(self) -> Any:
        """The compiled Keras model."""
        return self.structure.model


_MADE: dict[tuple[Any, ...], Made] = {}


def fit(given: FitInput, manner: Manner, settings: Mapping[str, Any]) -> Fitted:
    """Until the inner part has not improved for ``patience`` epochs, or exactly ``rounds``."""
    made = _made(given, manner, settings)
    mean, deviation = scaling(given.task, given.y, given.weights) if manner.scaled else (0.0, 1.0)

    def data(block: Block, y: Doubles, weights: Doubles | None) -> Data:
        own = None if weights is None else (weights / weights.mean()).astype(np.float32)
        return Data.of(made.entry.arrays(block), _targets(made, given.task, (y - mean) / deviation),
                       own)  # fmt: skip

    held = None
    if given.rounds is None and given.inner is not None and given.y_inner is not None:
        held = data(given.inner, given.y_inner, None)
    batch = min(int(settings["batch"] or manner.batch or 32), len(given.y))
    epochs = int(given.rounds or settings["epochs"])
    regime = Regime(
        epochs=epochs,
        deadline=given.deadline,
        batch=batch,
        stopping=None if held is None else EarlyStopping("val_loss", int(settings["patience"])),
    )
    rate = settings["learning_rate"]
    member = Member(
        seed=given.seed,
        settings={} if rate is None else {"learning_rate": float(rate)},
        data=data(given.train, given.y, given.weights),
        validation_data=held,
    )
    structure = made.structure
    structure.regime = regime
    done = train_members(structure, [member], None)[0]
    if done.stopped == "not finite" and not done.epochs:
        raise ArithmeticError(f"training is not finite from the start, in layer {done.blame}")
    weights = done.weights

    def predict(block: Block) -> Doubles:
        made.model.set_weights(weights)
        return _answers(made, _raw(made, block), mean, deviation)

    state, why = _graph(made, weights, given.train)
    state |= {"target_mean": np.array(mean), "target_deviation": np.array(deviation),
              "answer": np.array(made.answer), "units": np.array(_units(made.model)),
              "parts": np.array(made.entry.parts)}  # fmt: skip
    numbers = {"parameters": int(made.model.count_params()), "batch": batch,
               "epochs_run": done.epochs, **({"unbundled": why} if why else {})}  # fmt: skip
    stopped = done.stopped == "seconds" and done.epochs < epochs
    return Fitted(state, predict, max(done.best, 1), stopped, numbers)


def _made(given: FitInput, manner: Manner, settings: Mapping[str, Any]) -> Made:
    """The structure for these shapes, made once a process."""
    own = {k: v for k, v in settings.items() if k not in TRAINED}
    shapes = Entry.of(given.train)
    settled = tuple(sorted((k, repr(v)) for k, v in own.items()))
    key = (manner.version, repr(given.task), shapes, settled)
    if key in _MADE:
        return _MADE[key]
    while len(_MADE) >= KEPT:
        _MADE.pop(next(iter(_MADE)))

    def build() -> Any:
        model = manner.make(given.task, shapes, own)
        if not getattr(model, "compiled", False):
            _compile(model, given.task)
        return model

    model = build()
    entry = shapes.named(model)
    few = np.arange(min(2, len(given.y)))
    x = {n: p.values[few] for n, p in given.train.parts.items()}
    output = _first(model(entry.of_values(x), training=False))
    units, wanted = int(output.shape[-1]), given.task.outputs
    if len(output.shape) != 2 or not (units == wanted or (units == 1 and wanted == 2)):
        raise ValueError(
            f"the network gives an array of shape {tuple(output.shape)} for 2 rows, the task needs "
            f"{wanted} numbers a row" + (" (or 1)" if wanted == 2 else "")
        )
    hot = _is_hot(model, manner, given.task, units)
    made = Made(Structure(model, build, Regime()), entry, _answer(model, given.task), hot)
    y = _targets(made, given.task, given.y[few])
    states.prepare(model, Data.of(entry.of_values(x), y))
    if len(leaves(y)) == 1:
        pairing.refuse(
            model, Data.of(entry.arrays(given.train), _targets(made, given.task, given.y))
        )
    _MADE[key] = made
    return made


TRAINED = ("epochs", "patience", "batch", "learning_rate")
"""Settings of the training, which need no other structure."""


def _compile(model: Any, task: Task) -> None:
    """Adam and the loss of the table of tasks, on scores or on probabilities."""
    kind = head(task)
    own = pairing.head_of(model)
    units = own.units if own is not None else kind.units
    bent = own is not None and own.activation in ("sigmoid", "softmax")
    if task.is_classification and units == task.outputs:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=not bent)
    elif task.is_classification:
        loss = keras.losses.BinaryCrossentropy(from_logits=not bent)
    else:
        loss = losses.loss(Head(1, "linear", "mean_squared_error"))
    model.compile(keras.optimizers.Adam(1e-3), loss)


def _is_hot(model: Any, manner: Manner, task: Task, units: int) -> bool:
    """Whether the loss wants a column a class (PREP-12)."""
    if not task.is_classification or units == 1:
        return False
    if manner.labels is not None:
        return manner.labels == "one-hot"
    name = pairing.loss_name(model)
    return name in HOT or (name == "binary_crossentropy" and units > 1)


def _answer(model: Any, task: Task) -> str:
    if not task.is_classification:
        return "value"
    own = pairing.head_of(model)
    if own is not None and own.activation in ("sigmoid", "softmax"):
        return "probabilities"
    loss = getattr(model, "loss", None)
    told = getattr(loss, "_fn_kwargs", {}).get("from_logits")
    if own is None and told is not True and pairing.loss_name(model).endswith("crossentropy"):
        return "probabilities"
    return "scores"


def _targets(made: Made, task: Task, y: Doubles) -> Any:
    """What the loss compares with, once for each output of the network."""
    if not task.is_classification:
        one: Array = y.astype(np.float32)[:, None]
    elif made.hot:
        one = np.eye(task.outputs, dtype=np.float32)[y.astype(np.int64)]
    elif _units(made.model) == 1:
        one = y.astype(np.float32)[:, None]
    else:
        one = y.astype(np.int32)
    outputs = getattr(made.model, "outputs", None) or [None]
    return one if len(outputs) == 1 else tuple(one for _ in outputs)


def _units(model: Any) -> int:
    shape = model.output_shape
    return int((shape[0] if isinstance(shape, list) else shape)[-1])


def _first(outputs: Any) -> Any:
    """Of several outputs the first answers; the others help it to learn."""
    return leaves(outputs)[0] if isinstance(outputs, (list, tuple, dict)) else outputs


def _raw(made: Made, block: Block) -> Floats:
    """Raw outputs (n, units) in chunks of one size, the last filled up."""
    rows = len(block)
    if not rows:
        return np.zeros((0, _units(made.model)), np.float32)
    size = min(CHUNK, max(rows, 1))
    found = []
    for start in range(0, rows, size):
        values = {n: p.values[start : start + size] for n, p in block.parts.items()}
        count = len(next(iter(values.values())))
        filled = {
            n: np.concatenate([v, np.zeros((size - count, *v.shape[1:]), v.dtype)])
            for n, v in values.items()
        }
        found.append(
            _first(made.structure.predict(Data.of(made.entry.of_values(filled)).x))[:count]
        )
    return np.concatenate(found)


def _answers(made: Made, raw: Floats, mean: float, deviation: float) -> Doubles:
    """Probabilities (n, classes) or values (n, 1), in double."""
    z = raw.astype(np.float64)
    if made.answer == "value":
        return z * deviation + mean
    if made.answer == "scores":
        return probabilities(z)
    if z.shape[1] == 1:
        return np.concatenate([1.0 - z, z], axis=1)
    return np.asarray(z / z.sum(axis=1, keepdims=True))


def to_onnx(state: Mapping[str, Array], tape: Tape, parts: Mapping[str, str]) -> str:
    """The recorded graph on the tape, then the same as ``_answers``."""
    if "graph" not in state:
        raise ValueError("this network could not be followed into a graph")
    raw = replay(state, tape, [parts[name] for name in state["parts"].tolist()])
    z, answer, units = tape.cast(raw, "double"), str(state["answer"]), int(state["units"])
    if answer == "value":
        scaled = tape.op("Mul", z, tape.const(np.float64(state["target_deviation"])))
        return tape.op("Add", scaled, tape.const(np.float64(state["target_mean"])))
    if answer == "scores":
        return probabilities_onnx(tape, z, units)
    if units == 1:
        return two_columns(tape, z)
    total = tape.op("ReduceSum", z, tape.const(np.array([1], np.int64)), keepdims=1)
    return tape.op("Div", z, total)


def _graph(made: Made, weights: list[Array], block: Block) -> tuple[dict[str, Array], str]:
    """The network followed, or why it cannot be."""
    if keras.backend.backend() != "jax":
        return {}, "networks become graphs on Keras' JAX backend only"
    from heldout.models.nets.traced import trace
    from heldout.models.nets.writer import UnwritableError

    made.model.set_weights(weights)
    values = {name: block.parts[name].values for name in made.entry.parts}
    kinds = [(tuple(v.shape[1:]), str(v.dtype)) for v in values.values()]

    def answer(*x: Any) -> Any:
        by_name = dict(zip(values, x, strict=True))
        return _first(made.model(made.entry.of_values(by_name), training=False))

    try:
        return trace(answer, kinds), ""
    except UnwritableError as error:
        return {}, f"it cannot become a graph: {error}"
