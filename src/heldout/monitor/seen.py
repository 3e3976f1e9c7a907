"""What an alarm looks at: counts of a live window beside those of the reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from heldout.core.arrays import Ints
from heldout.metrics.score import Score


@dataclass(frozen=True)
class ColumnSeen:
    """One column. ``reference`` is its entry in ``reference.json`` and ``trained`` the rows
    behind it; ``bins`` are live counts between the reference's edges, ``levels`` live counts by
    level; ``below`` and ``above`` count values outside the range seen in training."""

    name: str
    kind: str
    reference: Mapping[str, Any]
    trained: int
    rows: int
    nulls: int = 0
    bins: Ints | None = None
    levels: Mapping[str, int] = field(default_factory=dict)
    below: int = 0
    above: int = 0
    refused: int = 0
    expected: str = ""  # what a refused cell should have been
    largest: float | None = None
    smallest: float | None = None

    @property
    def is_leveled(self) -> bool:
        """Whether the reference holds levels rather than bins."""
        return "levels" in self.reference


@dataclass(frozen=True)
class ScoreSeen:
    """Predictions of one output: the reference's histogram, live counts in its bins, and the
    live mean and standard deviation."""

    output: str
    reference: Mapping[str, Any]
    bins: Ints
    mean: float
    deviation: float


@dataclass(frozen=True)
class Labeled:
    """The score on rows with known answers beside the one that the bundle was delivered with."""

    score: Score
    greater_is_better: bool
    sealed: float
    sealed_error: float | None
    baseline: float | None
    strange: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Seen:
    """Everything that one look compares. ``rows`` were offered, ``refused`` of them had a cell
    that the schema does not take."""

    trained: int
    rows: int
    columns: tuple[ColumnSeen, ...] = ()
    scores: tuple[ScoreSeen, ...] = ()
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    refused: int = 0
    labeled: Labeled | None = None
