"""Copies of training rows with values left out, for columns that production may leave empty.

A model that never saw a gap in a column cannot know what one means. With ``--may-miss`` a quarter
of the training rows of every fold stands there once more, with some of the named values missing
(PREP-08). A copy stays on its row's side of every split, and nothing is scored on copies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from heldout.core.arrays import Array, Bools, Ints
from heldout.core.seed import Seed
from heldout.tables.schema import NULL

SHARE = 0.25  # of the training rows
DROPPED = 0.5  # chance of each named value of a copy; one at least


def drawn(rows: int, columns: int, seed: Seed) -> tuple[Ints, Bools]:
    """Which of ``rows`` get a copy, in order, and what is left out there, (copies, columns)."""
    rng = seed.rng()
    copied = np.sort(rng.choice(rows, round(SHARE * rows), replace=False))
    gaps = rng.random((len(copied), columns)) < DROPPED
    gaps[np.arange(len(copied)), rng.integers(0, columns, len(copied))] = True
    return copied, gaps


def with_copies(
    columns: Mapping[str, Array], names: Sequence[str], copied: Ints, gaps: Bools
) -> dict[str, Array]:
    """The columns with the copies behind the rows; missing words are NULL, numbers NaN.

    >>> one = {"a": np.array(["x", "y"], dtype=object), "b": np.array([1.0, 2.0])}
    >>> made = with_copies(one, ["a"], np.array([1]), np.array([[True]]))
    >>> made["a"].tolist() == ["x", "y", NULL], made["b"].tolist()
    (True, [1.0, 2.0, 2.0])
    """
    made = {}
    for name, values in columns.items():
        copies = values[copied].copy()
        if name in names:
            copies[gaps[:, list(names).index(name)]] = NULL if values.dtype == object else np.nan
        made[name] = np.concatenate([values, copies])
    return made
