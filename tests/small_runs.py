"""Small runs: how the command line is called, and the tables that it is given."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

Rows = dict[str, list[Any]]


@dataclass(frozen=True)
class Said:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def values(self) -> dict[str, Any]:
        """Standard output as the one JSON object that it must be."""
        found: dict[str, Any] = json.loads(self.out)
        return found


@dataclass(frozen=True)
class Made:
    """A run folder, the data it was made from, and what the command said."""

    folder: Path
    data: Path
    said: Said
    arguments: tuple[str, ...]

    def steps(self, step: str) -> list[dict[str, Any]]:
        """Entries of the journal."""
        return entries(self.folder, step)

    def steps_of_all(self) -> list[dict[str, Any]]:
        """Every entry of the journal."""
        return entries(self.folder)


def entries(folder: Path, step: str | None = None) -> list[dict[str, Any]]:
    """Entries of a run's journal, all or those of one step."""
    text = (folder / "journal.jsonl").read_text(encoding="utf-8")
    found = [json.loads(line) for line in text.splitlines()]
    return [e for e in found if step in (None, e["step"])]


def call(*arguments: object, state: Path, cwd: Path | None = None) -> Said:
    """Call the command line as a person does."""
    done = subprocess.run(
        [sys.executable, "-m", "heldout", *map(str, arguments)],
        capture_output=True, text=True, cwd=cwd, timeout=200, check=False,
        env={**os.environ, "HELDOUT_STATE": str(state)},
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return Said(done.returncode, done.stdout, done.stderr)


def table(rows: int = 1200, seed: int = 0, strength: float = 1.5) -> Rows:
    """Two numbers, a category, a group of four rows; ``left`` follows them, or (0.0) nothing."""
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=rows), rng.normal(size=rows)
    town = rng.choice(["Bern", "Oslo", "Rom"], size=rows)
    z = strength * (a - 0.5 * b + (town == "Rom"))
    left = rng.uniform(size=rows) < 1 / (1 + np.exp(-z))
    return {
        "a": a.round(6).tolist(),
        "b": b.round(6).tolist(),
        "town": town.tolist(),
        "house": [f"h{i // 4}" for i in range(rows)],
        "left": np.where(left, "yes", "no").tolist(),
    }


def write(path: Path, columns: Rows) -> Path:
    """As CSV."""
    import polars

    polars.DataFrame(columns).write_csv(path)
    return path
