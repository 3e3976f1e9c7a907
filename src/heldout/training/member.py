"""A member of a population, how it is trained, and what became of it. Plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from heldout.core.arrays import Array
from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.training.data import Data
from heldout.training.schedules import Schedule

if TYPE_CHECKING:
    from pathlib import Path

Number = float | Schedule


@dataclass(frozen=True)
class Member:
    """``rows`` and ``validation`` are row numbers of the population's data, or of ``data`` where
    the member brings its own (None: all rows; no validation). ``settings`` are numbers or
    schedules by name (``knobs.NAMES`` and "LAYER.attribute"), inputs of the compiled program;
    any other name is an argument of the population's ``build`` and means another program."""

    name: str = "0"
    rows: Array | None = None
    validation: Array | None = None
    seed: Seed = field(default_factory=Seed)
    settings: Mapping[str, Any] = field(default_factory=dict)
    data: Data | None = None
    validation_data: Data | None = None


@dataclass(frozen=True)
class EarlyStopping:
    """Stop when ``watch`` has not fallen (or risen) by more than ``least`` for ``patience``
    epochs; the best state is restored (Keras' own defaults do neither, X-058). ``watch`` starts
    with "val_" for the validation rows; ``rises`` for accuracies."""

    watch: str = "val_loss"
    patience: int = 10
    least: float = 0.0
    rises: bool = False
    restore: bool = True


@dataclass(frozen=True)
class Plateau:
    """Multiply the learning rate by ``factor`` when ``watch`` has not improved for ``patience``
    epochs, down to ``lowest``."""

    watch: str = "val_loss"
    factor: float = 0.5
    patience: int = 5
    lowest: float = 0.0
    rises: bool = False


@dataclass(frozen=True)
class Regime:
    """How every member is trained. The first budget that is spent ends it: ``epochs``, ``steps``,
    ``samples`` seen, ``seconds`` of all members together, ``deadline``. ``average``: the share of
    the last epochs whose weights are averaged (0: none). ``padded`` compiles one program for
    folds of any size, for models without batch statistics and without unweighted metrics.
    ``callback_list`` are Keras callbacks; ``on_epoch`` is called with (member, epoch, logs) and
    stops the member by returning True. ``folder`` keeps a checkpoint a member, from which the
    same call goes on."""

    epochs: int | None = None
    steps: int | None = None
    samples: int | None = None
    seconds: float | None = None
    deadline: Deadline = field(default_factory=Deadline.never)
    batch: int = 64
    validation_batch: int | None = None
    shuffle: bool = True
    last_batch: str = "exact"  # "exact" or "drop"
    padded: bool = False
    stopping: EarlyStopping | None = None
    plateau: Plateau | None = None
    average: float = 0.0
    augment: Callable[[Any, Any], Any] | None = None
    callback_list: Sequence[Any] = ()
    on_epoch: Callable[[Member, int, Mapping[str, float]], bool | None] | None = None
    watch: Callable[[Any], None] | None = None  # given the course at the start and after each epoch
    folder: Path | None = None
    every: int = 1  # epochs between two checkpoints
    csv: Path | None = None
    tensorboard: Path | None = None
    driver: str = "auto"  # "loop", "step" or "auto"
    memory: int | None = None  # bytes of data held on the device at once
    precision: str = "auto"  # of the arithmetic: "float32", "bfloat16", "float16"
    side: str = "auto"  # members "in turn", on "threads", or "together" as one program


@dataclass
class Trained:
    """What became of a member. ``history`` holds one dict an epoch; ``best`` is the epoch (from
    1) whose state this is; ``stopped`` says why it ended: "epochs", "steps", "samples", "seconds",
    "patience", "callback", "not finite"; ``weights`` are in the order of ``model.weights``;
    ``blame`` names the layer in which NaN or infinity began; ``notes`` are sentences."""

    member: Member
    history: list[dict[str, float]]
    best: int
    steps: int
    samples: int
    stopped: str
    weights: list[Array]
    blame: str = ""
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def epochs(self) -> int:
        """Epochs that were finished."""
        return len(self.history)

    def curve(self, name: str) -> list[float]:
        """One measure over the epochs.

        >>> Trained(Member(), [{"loss": 2.0}, {"loss": 1.0}], 2, 8, 512, "epochs", []).curve("loss")
        [2.0, 1.0]
        """
        return [row[name] for row in self.history if name in row]
