"""Context: what every step of one run holds in its hands."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from heldout.core.clock import Deadline, now
from heldout.core.errors import HeldoutError
from heldout.core.journal import Entry, Journal
from heldout.core.seed import Seed
from heldout.core.strict_json import strict
from heldout.workflow.folder import RunFolder
from heldout.workflow.spec import Spec

DEFAULT_SECONDS = 300.0


@dataclass
class Clock:
    """The budget of a run, counted from ``started`` (contract 7)."""

    started: float
    budget: float | None
    work: int | None = None

    @property
    def total(self) -> float:
        """Seconds allowed, the default included."""
        return DEFAULT_SECONDS if self.budget is None else self.budget

    def elapsed(self) -> float:
        """Seconds since the start."""
        return now() - self.started

    def deadline(self, reserve: float = 0.0) -> Deadline:
        """The end less a reserve; never, when fits are counted instead of seconds."""
        if self.work is not None:
            return Deadline.never()
        return Deadline(self.started + self.total - reserve)


@dataclass
class Context:
    """Journal, folder, clock, seed and how to tell the person what goes on."""

    spec: Spec
    folder: RunFolder
    journal: Journal
    clock: Clock
    seed: Seed
    tell: Callable[[str], None] = lambda line: print(line, file=sys.stderr)  # noqa: T201
    questions: list[str] = field(default_factory=list)
    guests: tuple[str, ...] = ()  # models of the person's own, admitted for this run
    redraws: bool = False  # whether progress is one line, redrawn

    def progress(self, line: str) -> None:
        """Show how far the work is: redrawn on a terminal, a new line elsewhere."""
        if self.redraws:
            sys.stderr.write(f"\r{line:<79}")
            sys.stderr.flush()
        else:
            self.tell(line)

    def write(self, step: str, decision: str, reason: str = "", **more: Any) -> Entry:
        """Enter one decision; ``numbers`` and the other fields of ``Journal.append``."""
        numbers = dict(more.pop("numbers", None) or {})
        numbers.setdefault("at", round(self.clock.elapsed(), 3))
        return self.journal.append(step, decision, reason, strict(numbers), **more)


def nothing_to_learn(code: str, what: str, seen: str, do: list[str]) -> HeldoutError:
    """An error of the data that leaves nothing to learn (contract 11)."""
    return HeldoutError(
        code, what, seen=seen, why="there would be nothing to learn and nothing to score", do=do
    )
