"""All that the rules of the symptoms look at: plain numbers, gathered by ``watch`` and ``facts``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from heldout.core.arrays import Doubles


@dataclass(frozen=True)
class Heard:
    """What one layer gave out on the rows looked at: ``dead`` share of units that are 0 (or
    below, for leaky ones: never above) on every row; ``saturated`` share of outputs where the
    slope is below a twentieth of the steepest; ``spread`` their root mean square."""

    layer: str
    activation: str
    units: int
    dead: float
    saturated: float
    spread: float
    last: bool


@dataclass(frozen=True)
class Look:
    """The model at the end of an epoch (the first: before training), on a few training rows.

    ``loss`` as in prediction, without penalties; ``gradients`` {weight matrix: root mean square
    of its gradient} in the order of the layers; ``moved`` the distance from the first weights,
    ``grown`` the norm of all weights, both as multiples of the first norm.
    """

    loss: float
    penalty: float
    gradients: Mapping[str, float]
    moved: float
    grown: float
    heard: tuple[Heard, ...]


@dataclass(frozen=True)
class Facts:
    """The data, without any network. ``kind``: "binary", "classes", "several" (labels that do not
    exclude each other), "numbers", "unknown". ``null`` and ``null_held`` are losses of the best
    constant answer on training and validation rows, NaN where the loss is not a known one.
    ``ceiling`` is the best accuracy (classes) or R2 (numbers) that equal inputs with different
    answers allow. ``skill`` is what a quick learner of another kind reaches on validation rows: 1
    minus its squared error over that of the constant answer; NaN where it was not tried."""

    kind: str
    loss: str
    rows: int
    held: int
    columns: int
    null: float
    null_held: float
    ceiling: float
    conflicting: int
    shares: tuple[float, ...]
    scales: tuple[float, float]
    centers: float
    target_scale: float
    broken: tuple[str, ...]
    shared_rows: float
    repeated: float
    skill: float = math.nan


@dataclass(frozen=True)
class Answers:
    """What the trained model says: ``skill`` as in ``Facts`` on training and validation rows;
    ``spread`` deviation of the outputs over the target's; ``recall`` of each class on the training
    rows, by its most probable class."""

    skill: float
    skill_held: float
    spread: float
    recall: tuple[float, ...]


@dataclass(frozen=True)
class Design:
    """The model and how it was trained. ``linear`` are pairs of adjacent layers without a
    nonlinearity between them; ``narrow`` are (layer, its units, units after it)."""

    parameters: int
    rate: float
    batch: int
    steps: int
    dropout: float
    normalized: bool
    linear: tuple[tuple[str, str], ...]
    narrow: tuple[tuple[str, int, int], ...]
    mismatches: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Memory:
    """A few rows to be learned by heart: ``reached`` accuracy or R2, ``ceiling`` what is possible,
    ``epochs`` used."""

    rows: int
    reached: float
    ceiling: float
    epochs: int

    @property
    def passed(self) -> bool:
        """Within a twentieth of what is possible."""
        return self.reached >= self.ceiling - 0.05


@dataclass(frozen=True)
class Rates:
    """A learning-rate range test: the loss of each batch while the rate rises; ``steepest`` where
    the smoothed loss fell fastest, ``breaks`` where it left its lowest for good, ``advised`` a
    tenth of the one or the other, whichever is lower (NaN where nothing ever fell)."""

    rates: Doubles
    losses: Doubles
    steepest: float
    breaks: float
    advised: float


@dataclass(frozen=True)
class Evidence:
    """``history`` a dict an epoch, as Keras has it; ``looks`` one more than epochs, or none."""

    facts: Facts
    design: Design
    history: tuple[Mapping[str, float], ...] = ()
    looks: tuple[Look, ...] = ()
    answers: Answers | None = None
    stopped: str = ""
    blame: str = ""
    notes: tuple[str, ...] = ()
    best: int = 0
    memory: Memory | None = None
    rates: Rates | None = None
    extra: Mapping[str, float] = field(default_factory=dict)

    @property
    def fitted(self) -> list[float]:
        """Training loss as in prediction, from before the first epoch on."""
        if self.looks:
            return [look.loss for look in self.looks]
        return [row["loss"] for row in self.history if "loss" in row]

    @property
    def running(self) -> list[float]:
        """Training loss while the weights changed, dropout at work, epoch by epoch."""
        return [row["loss"] for row in self.history if "loss" in row]

    @property
    def validation(self) -> list[float]:
        """Validation loss, epoch by epoch, penalties taken out where they are known."""
        held = [row["val_loss"] for row in self.history if "val_loss" in row]
        penalties = [look.penalty for look in self.looks[1:]]
        if len(penalties) < len(held):
            return held
        return [v - p for v, p in zip(held, penalties, strict=False)]

    @property
    def null(self) -> float:
        """The loss that counts as knowing nothing: of a constant, else of the untrained model."""
        if math.isfinite(self.facts.null) and self.facts.null > 0:
            return self.facts.null
        fitted = self.fitted
        return max(fitted[0], 1e-12) if fitted and math.isfinite(fitted[0]) else math.nan

    @property
    def margin(self) -> float:
        """How far a validation loss may be off by chance, as a share of ``null``."""
        return max(0.02, 0.4 / math.sqrt(max(1, self.facts.held)))

    @property
    def finite(self) -> bool:
        """Whether training ended with numbers."""
        fitted = self.fitted
        return self.stopped != "not finite" and bool(fitted) and math.isfinite(fitted[-1])

    @property
    def fell(self) -> float:
        """How much of the loss of knowing nothing was taken away on training rows, at the end."""
        return 1.0 - self.fitted[-1] / self.null if self.finite else 0.0

    @property
    def roughness(self) -> float:
        """How far the training loss rises in a mean epoch after the first third, as a share of
        ``null`` (epochs in which it falls count 0)."""
        tail = self.fitted[len(self.fitted) // 3 :]
        rises = np.maximum(np.diff(tail), 0.0)
        return float(rises.mean() / self.null) if len(tail) > 2 else 0.0

    @property
    def late(self) -> float:
        """The share of all that the training loss fell which the last fifth of the epochs brought
        (two at least)."""
        fitted = self.fitted
        tail = max(2, len(fitted) // 5)
        if not self.finite or len(fitted) < 6:
            return 0.0
        total = max(fitted) - fitted[-1]
        return (fitted[-1 - tail] - fitted[-1]) / total if total > 0.05 * self.null else 0.0

    @property
    def asleep(self) -> bool:
        """A hidden layer of which half is dead at the start, or outputs that are far too large:
        small steps then have another cause than the rate."""
        if not self.looks:
            return False
        look = self.looks[0]
        dead = any(heard.dead >= 0.5 for heard in look.heard if not heard.last)
        return dead or look.loss > 2 * self.null

    @property
    def border(self) -> int:
        """The epoch (from 1) of the lowest validation loss, 0 without validation."""
        held = self.validation
        return int(np.nanargmin(held)) + 1 if held and not np.all(np.isnan(held)) else 0
