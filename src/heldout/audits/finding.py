"""Finding and CheckCard: what was seen, why it matters, what was done (contract 11)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from heldout.core.arrays import Doubles, Ints
from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.core.shelf import Shelf
from heldout.primitives.block import Block
from heldout.tables.table import Table
from heldout.tasks.task import Task

Severity = Literal["note", "warn", "block"]
Reads = Literal["structure", "protocol", "target", "production", "trained"]
"""Which pass a check belongs to: all rows without the target; all rows with it, to choose who may
validate whom and for nothing else (``audits.choice``); open rows with it; open rows beside
rows of production; open rows beside what the trained models said of them out of fold."""


@dataclass(frozen=True)
class Finding:
    """``where`` are column names (empty: the whole table); ``evidence`` numbers; ``did`` what was
    done; ``advice`` what should be; ``overrule`` the option that overrules it; ``question`` is
    put to the user, word for word, where only they can know."""

    code: str
    check: str
    severity: Severity
    what: str
    where: tuple[str, ...] = ()
    evidence: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""
    did: str = ""
    advice: str = ""
    overrule: str = ""
    question: str = ""

    def as_dict(self) -> dict[str, Any]:
        """JSON-able."""
        import dataclasses

        return dataclasses.asdict(self)

    def _repr_html_(self) -> str:
        """In a notebook: what, why, what was done, what should be."""
        from html import escape

        parts = (
            ("", self.why),
            ("Done: ", self.did),
            ("Advice: ", self.advice),
            ("", self.question),
        )
        told = "".join(f"<br>{label}{escape(text)}" for label, text in parts if text)
        return f"<p><strong>{self.code} {self.severity}</strong> {escape(self.what)}{told}</p>"


@dataclass(frozen=True)
class Trained:
    """What training gave, for the third look. ``prediction`` (rows, outputs) out of fold, NaN where
    a row was never validated; ``fold`` (rows,) who validated it, -1 nobody; ``importance`` (column,
    drop of the metric, low, high), largest first, empty where it was not measured."""

    prediction: Doubles
    fold: Ints
    importance: tuple[tuple[str, float, float | None, float | None], ...] = ()


QuickLearner = Callable[[Block, Doubles, Block, Seed], Doubles]
"""(training block, y, block to predict, seed) to predictions; handed in by ``workflow``."""


@dataclass(frozen=True)
class Look:
    """What a check may look at. ``table`` holds all rows for structure checks and open rows only
    for checks with the target; ``y`` (rows,) codes or values, None for structure checks; ``folds``
    are three (train, valid) pairs of row numbers of this table; ``group`` codes or None;
    ``rank`` is the position of each row in the file, since sealing leaves gaps. ``memo`` keeps
    what several checks need, such as the skill of every single column. ``production`` are rows
    of the time and place where the model will be used, read by the same schema; ``trained`` is
    there in the third look only."""

    table: Table
    task: Task | None
    y: Doubles | None
    folds: tuple[tuple[Ints, Ints], ...]
    seed: Seed
    deadline: Deadline
    learner: QuickLearner | None = None
    group: Ints | None = None
    rank: Ints | None = None
    production: Table | None = None
    trained: Trained | None = None
    memo: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)


def _always(_look: Look) -> str:
    return ""


@dataclass(frozen=True)
class CheckCard:
    """One question of the data.

    ``rule`` are its thresholds in words; ``false_alarms`` the largest share of clean tables (200 to
    500,000 rows) in which it may speak; ``severity`` the worst it says; ``does`` what follows.
    ``applies`` says why the question makes no sense here, or nothing. ``informs``: it measures
    and may speak of clean tables too, but never above a note. ``example`` is the smallest look in
    which it must find something, ``clean`` one that is near and in which it must not.
    """

    code: str
    question: str
    reads: Reads
    run: Callable[[Look], Iterable[Finding]]
    example: Callable[[], Look]
    source: str = ""
    severity: Severity = "warn"
    rule: str = ""
    false_alarms: float = 0.01
    does: str = ""
    applies: Callable[[Look], str] = _always
    informs: bool = False
    clean: Callable[[], Look] | None = None


CHECKS: Shelf[CheckCard] = Shelf("heldout.audits.checks", CheckCard, "check")
