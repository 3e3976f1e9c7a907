"""The out-of-fold answers of a run, kept in its folder so that two runs can be compared."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from heldout.core.arrays import Doubles, Ints
from heldout.metrics.scoring import Cut
from heldout.splits.content import content
from heldout.tables.table import Table

NAME = "answers.npz"


@dataclass(frozen=True)
class Kept:
    """``rows`` (n,) their numbers in the table, ``hashes`` (n,) of their inputs, ``y`` (n,) codes
    or values, ``prediction`` (n, outputs) calibrated by the other folds, ``groups`` (n,) codes or
    empty, ``threshold`` NaN where the task has none."""

    rows: Ints
    hashes: Ints
    y: Doubles
    prediction: Doubles
    groups: Ints
    threshold: float | tuple[float, ...]


def keep(
    folder: Path,
    table: Table,
    rows: Ints,
    y: Doubles,
    prediction: Doubles,
    groups: Ints | None,
    threshold: Cut,
) -> None:
    """Write ``oof/answers.npz``; ``y`` and ``prediction`` are those of ``rows``."""
    schema = table.schema.asked()
    arrays = table.take(rows).arrays([c.name for c in schema.inputs])
    (folder / "oof").mkdir(exist_ok=True)
    np.savez(
        folder / "oof" / NAME,
        rows=rows,
        hashes=content(arrays, schema),
        y=y,
        prediction=prediction,
        groups=np.zeros(0, dtype=np.int64) if groups is None else groups,
        threshold=np.asarray(np.nan if threshold is None else threshold, dtype=np.float64),
    )


def _cut(stored: Doubles) -> float | tuple[float, ...]:
    """One threshold, or one for each label."""
    return float(stored) if stored.ndim == 0 else tuple(float(t) for t in stored)


def kept(folder: Path) -> Kept | None:
    """What ``keep`` wrote; None where there is nothing or it cannot be read."""
    path = folder / "oof" / NAME
    if not path.exists():
        return None
    try:
        with np.load(path, allow_pickle=False) as found:
            return Kept(
                found["rows"], found["hashes"], found["y"], found["prediction"],
                found["groups"], _cut(found["threshold"]),
            )  # fmt: skip
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None
