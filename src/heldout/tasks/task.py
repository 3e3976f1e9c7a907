"""Task: the question, stated; TaskCard: what holds for every question of that form (LOSS-01)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from heldout.core.shelf import Shelf


@dataclass(frozen=True)
class TaskCard:
    """A row of the table of tasks: output activation, loss, metrics, null models, words.

    ``form`` is what a model returns: "probability" (samples, classes) or "value" (samples, 1).
    ``null_models`` are names on the shelf of null models in ``tasks.nulls``.
    """

    name: str
    title: str
    form: str
    activation: str
    loss: str
    metrics: tuple[str, ...]  # the first one is the default
    null_models: tuple[str, ...]
    words: str
    aliases: tuple[str, ...] = ()


TASKS: Shelf[TaskCard] = Shelf("heldout.tasks.forms", TaskCard, "task")


@dataclass(frozen=True)
class Task:
    """The stated task. Classes are in order of code; ``labels`` maps every text seen in the
    target to its class ("text rules" of the bundle); ``cost`` holds miss and alarm if given."""

    kind: str  # binary, multiclass, regression, forecast
    target: str
    metric: str
    greater_is_better: bool
    classes: tuple[str, ...] = ()
    positive: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    group: tuple[str, ...] = ()
    time: tuple[str, ...] = ()  # ("row",): the order of the file
    weight: str | None = None
    horizon: int | None = None
    unit: str = "row"
    cost: Mapping[str, float] = field(default_factory=dict)
    capacity: float | None = None
    threshold: float | None = None
    reason: str = ""
    questions: tuple[str, ...] = ()

    @property
    def card(self) -> TaskCard:
        """The row of the table of tasks."""
        return TASKS.get(self.kind)

    @property
    def is_classification(self) -> bool:
        """Whether a model returns probabilities of classes."""
        return self.card.form == "probability"

    @property
    def outputs(self) -> int:
        """Columns of a prediction: classes, or 1."""
        return len(self.classes) if self.is_classification else 1

    @property
    def positive_code(self) -> int:
        """The class code of ``positive`` (binary only)."""
        return self.classes.index(str(self.positive))

    def as_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Task:
        """The inverse of ``as_dict``."""
        fields: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in data.items()
        }
        return cls(**fields)
