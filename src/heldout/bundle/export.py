"""ExportCard: what a target of ``heldout export`` is, and the certificate that it leaves with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from heldout.core.shelf import Shelf

if TYPE_CHECKING:
    from heldout.bundle.read import Bundle


@dataclass(frozen=True)
class Certificate:
    """``largest`` relative difference of the exported form on ``rows`` rows of vectors."""

    rows: int
    largest: float
    over: int  # rows that differ by more than 1e-6
    runtime: str

    @property
    def text(self) -> str:
        """In words."""
        same = (
            "the same answers, bit for bit"
            if self.largest == 0
            else f"largest difference {self.largest:.1e}"
        )
        return f"{same}, on {self.rows} synthetic and hostile rows; {self.over} differ by more than 1e-6 ({self.runtime})"

    def as_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            "rows": self.rows,
            "largest": self.largest,
            "over": self.over,
            "runtime": self.runtime,
        }


@dataclass(frozen=True)
class ExportCard:
    """``build(bundle, folder)`` writes files and returns them; ``verify(bundle, files)`` answers
    the bundle's vectors with what was written; ``limits`` says what the form cannot do."""

    name: str
    title: str
    build: Callable[[Bundle, Path], Sequence[Path]]
    verify: Callable[[Bundle, Sequence[Path]], Certificate]
    limits: str
    needs: str


TARGETS: Shelf[ExportCard] = Shelf("heldout.bundle.targets", ExportCard, "export target")
