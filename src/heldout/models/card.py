"""The fit door (joints 1): ModelCard, FitInput, Fitted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from heldout.core.arrays import Array, Doubles
from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.core.shelf import Shelf
from heldout.core.space import Settings, Space
from heldout.primitives.block import Block
from heldout.tasks.task import Task

if TYPE_CHECKING:
    from heldout.graph.tape import Tape

State = Mapping[str, Array]
"""What a fitted model is: named arrays, nothing pickled. Written as npz (allow_pickle=False)."""


@dataclass(frozen=True)
class FitInput:
    """One fit. ``train`` and ``y`` are fitted on; ``inner`` and ``y_inner`` stop early (None in
    the final fit, where ``rounds`` is given instead). ``y`` holds class codes or values as
    float64, (samples,), or (samples, targets) where the task has several. At a soft deadline a fit returns the best so far with ``stopped=True``."""

    task: Task
    settings: Settings
    train: Block
    y: Doubles
    weights: Doubles | None
    inner: Block | None
    y_inner: Doubles | None
    rounds: int | None
    seed: Seed
    deadline: Deadline
    threads: int = 1
    share: float = 1.0  # of the room that a model has in a bundle: several targets part it


@dataclass(frozen=True)
class Fitted:
    """``predict`` is the training library's own prediction: float64 (samples, classes) or
    (samples, 1); ``state`` is enough for ``card.to_onnx`` to say the same in a graph. ``chosen``
    are settings that the fit found by itself on rows it did not see: on every row there is none
    to find them on, so that the refit takes what the folds chose."""

    state: State
    predict: Callable[[Block], Doubles]
    rounds: int = 0
    stopped: bool = False
    numbers: Mapping[str, Any] = field(default_factory=dict)
    chosen: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Size:
    """What a price depends on."""

    rows: int
    features: int
    outputs: int


@dataclass(frozen=True)
class Cost:
    """CPU seconds (before calibration on this machine) and peak bytes."""

    seconds: float
    memory: float


@dataclass(frozen=True)
class ModelCard:
    """A learner. ``view`` names the recipe that it eats (trees, linear, net, image, window);
    ``to_onnx(state, settings, task, tape, parts)`` returns the name of a double [N, outputs]
    output, given the names of the parts of its view; ``cost`` prices a fit."""

    name: str
    title: str
    version: int
    family: str  # linear, tree, forest, boosting, net, neighbors, bayes
    tasks: tuple[str, ...]
    view: str
    space: Space
    fit_one: Callable[[FitInput], Fitted]
    to_onnx: Callable[[State, Settings, Task, Tape, Mapping[str, str]], str] | None
    cost: Callable[[Size, Settings], Cost]
    summary: str
    invented: str
    source: str
    assumes: str
    when: str
    when_not: str
    early_stopping: bool = False
    tolerance: float = 1e-12  # largest difference allowed between graph and library
    linear: bool = False
    supervision: str = "supervised"
    joint: bool = False  # fits several targets at once; else one after the other (``per_target``)

    @property
    def bundles(self) -> bool:
        """Whether the model can become part of the graph."""
        return self.to_onnx is not None


MODELS: Shelf[ModelCard] = Shelf("heldout.models.learners", ModelCard, "model")


@dataclass(frozen=True)
class CalibratorCard:
    """``fit(p, y, task)`` learns from out-of-fold probabilities (samples, classes) and returns a
    JSON-able state; ``apply(state, p)`` and ``to_onnx(state, tape, name)`` do the same thing."""

    name: str
    summary: str
    fit: Callable[[Doubles, Array, Task], dict[str, Any]]
    apply: Callable[[Mapping[str, Any], Doubles], Doubles]
    to_onnx: Callable[[Mapping[str, Any], Tape, str], str]
    slope: Callable[[Mapping[str, Any]], float]  # largest amplification of a difference
    source: str = ""


CALIBRATORS: Shelf[CalibratorCard] = Shelf(
    "heldout.models.calibrators", CalibratorCard, "calibrator"
)
