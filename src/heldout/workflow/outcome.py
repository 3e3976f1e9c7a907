"""Outcome: what a run says at its end, on the screen and as JSON; Run: the same in Python."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from heldout.core.errors import DONE, NO

if TYPE_CHECKING:
    from heldout.bundle.read import Bundle

FIELDS = (
    "answer", "task", "metric", "greater_is_better", "score", "low", "high", "level", "baseline",
    "samples", "sealed", "protocol", "set_aside", "questions", "openings", "seconds", "budget",
    "run", "bundle", "report",
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """The names of ``FIELDS`` are promised (design, "The command line")."""

    values: Mapping[str, Any]

    @property
    def exit_code(self) -> int:
        """0 done, 4 where the answer is no."""
        return DONE if self.values["answer"] == "signal" else NO

    def as_json(self) -> str:
        """One object on one line."""
        return json.dumps({k: self.values.get(k) for k in FIELDS}, ensure_ascii=False)

    def screen(self) -> str:
        """The last screen, made from the journal."""
        from heldout.report.record import RunRecord
        from heldout.report.screen import last_screen

        folder = Path(self.values["run"])
        return last_screen(RunRecord.from_journal(folder / "journal.jsonl"))


class Run:
    """A finished run: ``score``, ``low``, ``high``, ``baseline``, and the bundle that answers.

    Every field of ``run --json`` is an attribute: ``run.answer``, ``run.samples`` ...
    """

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in FIELDS:
            raise AttributeError(f"a run has no {name!r}; it has {', '.join(FIELDS)}")
        return self._outcome.values.get(name)

    @property
    def folder(self) -> Path:
        """Where everything of the run lies."""
        return Path(self._outcome.values["run"])

    def load(self) -> Bundle:
        """The bundle, read back and verified."""
        from heldout.bundle import load

        return load(self.folder)

    def predict(self, frame: Any) -> Any:
        """Predictions for new rows as a Polars frame."""
        return self.load().predict(frame).frame

    def report(self) -> Path:
        """Write the page again and say where it is."""
        from heldout.report.page import write

        return Path(write(self.folder))

    def __repr__(self) -> str:
        return self._outcome.screen()

    def _repr_html_(self) -> str:
        """The report, in a notebook."""
        from heldout.report.notebook import framed
        from heldout.report.page import render
        from heldout.report.record import RunRecord

        return framed(render(RunRecord.from_journal(self.folder)))
