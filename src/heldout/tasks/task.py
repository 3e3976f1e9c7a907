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

    ``form`` is what a model returns: "probability" (samples, classes), "value" (samples, 1),
    "labels" (samples, targets) probabilities of the positive class of each, or "values"
    (samples, targets).
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
    target to its class ("text rules" of the bundle); ``cost`` holds miss and alarm if given.

    Several targets make one task of ``parts``, a task for each target: multilabel of binary ones
    (classes in the order negative, positive), vector regression of regressions. ``scale`` of such
    a regression is the target's standard deviation, in which its errors are counted."""

    kind: str  # binary, multiclass, regression, forecast, multilabel, vector_regression
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
    scale: float = 1.0
    parts: tuple[Task, ...] = ()

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
        """Columns of a prediction: classes, or 1, or targets where there are several."""
        if self.parts:
            return len(self.parts)
        return len(self.classes) if self.is_classification else 1

    @property
    def targets(self) -> tuple[str, ...]:
        """Names of the columns to predict; ``target`` joins several for people."""
        return tuple(p.target for p in self.parts) or (self.target,)

    @property
    def named(self) -> str | tuple[str, ...]:
        """What ``--target`` was: one name, or several."""
        return self.targets if self.parts else self.target

    @property
    def listed(self) -> str:
        """The same as text of the command line."""
        return ",".join(self.targets)

    @property
    def is_multilabel(self) -> bool:
        """Whether a model returns a probability for each of several targets."""
        return self.card.form == "labels"

    @property
    def is_likely(self) -> bool:
        """Whether predictions are probabilities, of whatever form."""
        return self.is_classification or self.is_multilabel

    @property
    def positive_code(self) -> int:
        """The class code of ``positive`` (binary only)."""
        return self.classes.index(str(self.positive))

    def output_words(self, output: int) -> str:
        """What column ``output`` of a prediction speaks of: a class, a target, a target's class."""
        if self.is_classification:
            return self.classes[output]
        if not self.parts:
            return self.target
        part = self.parts[output]
        return f"{part.target} = {part.positive}" if self.is_multilabel else part.target

    def as_dict(self) -> dict[str, Any]:
        """JSON-able; what only several targets need is left out elsewhere."""
        told = dataclasses.asdict(self)
        if not self.parts:
            del told["parts"]
        else:
            told["parts"] = [p.as_dict() for p in self.parts]
        if self.scale == 1.0:
            del told["scale"]
        return told

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Task:
        """The inverse of ``as_dict``."""
        fields: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in data.items()
        }
        fields["parts"] = tuple(cls.from_dict(p) for p in fields.get("parts", ()))
        return cls(**fields)
