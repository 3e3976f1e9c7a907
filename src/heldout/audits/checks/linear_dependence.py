"""Columns that follow from others exactly: parts that add up to a whole."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import applies, examples
from heldout.audits.cells import numbers
from heldout.audits.checks.redundant import keys
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.audits.watch import watch
from heldout.core.arrays import Doubles

EXACT, LIGHT, FEWEST, MOST_COLUMNS, AT_ONCE, FILLED, MOST_PARTS = 1e-4, 0.02, 50, 200, 5_000, 0.9, 8


def run(look: Look) -> Iterator[Finding]:
    """Three or more columns of which one is a sum of the others, to one part in ten thousand."""
    names: list[str] = []
    columns: list[Doubles] = []
    seen: set[bytes] = set()
    for n in numbers(look, FEWEST):
        said = keys(n.values[:AT_ONCE], n.column)
        if len(n.known) < FILLED * len(n.values) or seen & set(said) or len(names) >= MOST_COLUMNS:
            continue
        seen |= set(said)
        x = n.values[:AT_ONCE]
        x = np.where(np.isfinite(x) & (np.abs(x) < 1e150), x, np.nan)
        if np.isfinite(x).sum() > FEWEST and np.nanstd(x) > 0:
            names.append(n.name)
            columns.append((x - np.nanmean(x)) / np.nanstd(x))
    if len(names) < 3:
        return
    watch(look)
    matrix = np.stack(columns, axis=1)
    matrix = matrix[~np.isnan(matrix).any(axis=1)]
    if len(matrix) < max(FEWEST, 3 * len(names)):
        return
    found = _dependent(matrix, names)
    if found:
        told = "; ".join(", ".join(f"`{n}`" for n in parts) for parts in found)
        yield Finding(
            "A452",
            "linear_dependence",
            "note",
            f"one of these follows from the others: {told}",
            tuple(dict.fromkeys(n for parts in found for n in parts)),
            {"groups": found},
            "a whole and its parts say one thing less than they seem to",
            "kept; linear models share the weight out",
            "leave the sum, or one part, out if you read the weights",
        )


def _dependent(matrix: Doubles, names: list[str]) -> list[list[str]]:
    """Column by column: an exact sum of those before it that no sum gave yet."""
    basis: list[int] = []
    found = []
    for at in range(matrix.shape[1]):
        if basis:
            weights, *_ = np.linalg.lstsq(matrix[:, basis], matrix[:, at], rcond=None)
            rest = matrix[:, at] - matrix[:, basis] @ weights
            if np.abs(rest).max() < EXACT:
                heavy = np.flatnonzero(np.abs(weights) > LIGHT * np.abs(weights).max())
                parts = [names[basis[i]] for i in heavy] + [names[at]]
                if 3 <= len(parts) <= MOST_PARTS:
                    found.append(parts)
                continue
        basis.append(at)
    return found


def example() -> Look:
    """Debit, credit, balance."""
    columns = examples.noise(300)
    columns["balance"] = columns["x0"] - columns["x1"]
    return examples.look(columns)


CARD = CheckCard(
    code="A452",
    question="Does a column follow from others?",
    reads="structure",
    run=run,
    example=example,
    severity="note",
    rule="a sum of two to seven other columns, no row off by a ten-thousandth of its spread; 5,000 rows, 200 columns",
    false_alarms=0.0,
    does="kept",
    applies=applies.kinds("number"),
)
