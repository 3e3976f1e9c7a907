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


QuickLearner = Callable[[Block, Doubles, Block, Seed], Doubles]
"""(training block, y, block to predict, seed) to predictions; handed in by ``workflow``."""


@dataclass(frozen=True)
class Look:
    """What a check may look at. ``table`` holds all rows for structure checks and open rows only
    for checks with the target; ``y`` (rows,) codes or values, None for structure checks; ``folds``
    are three (train, valid) pairs of row numbers of this table; ``group`` codes or None;
    ``rank`` is the position of each row in the file, since sealing leaves gaps. ``memo`` keeps
    what several checks need, such as the skill of every single column."""

    table: Table
    task: Task | None
    y: Doubles | None
    folds: tuple[tuple[Ints, Ints], ...]
    seed: Seed
    deadline: Deadline
    learner: QuickLearner | None = None
    group: Ints | None = None
    rank: Ints | None = None
    memo: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True)
class CheckCard:
    """``reads`` is "structure" (never the target, all rows) or "target" (open rows only)."""

    code: str
    question: str
    reads: Literal["structure", "target"]
    run: Callable[[Look], Iterable[Finding]]
    example: Callable[[], Look]  # the smallest table in which it must find something
    source: str = ""


CHECKS: Shelf[CheckCard] = Shelf("heldout.audits.checks", CheckCard, "check")
