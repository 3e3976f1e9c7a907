"""Columns that nearly say the same: families by rank correlation."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import applies, examples
from heldout.audits.cells import numbers, sampled
from heldout.audits.checks.redundant import keys
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.audits.goal import normal_scores
from heldout.audits.watch import watch
from heldout.core.arrays import Doubles

LEAST, FILLED, FEWEST, DISTINCT, MOST_COLUMNS, AT_ONCE, SHOWN = 0.95, 0.5, 50, 5, 400, 10_000, 3


def run(look: Look) -> Iterator[Finding]:
    """Rank correlation above 0.95, columns that say exactly the same left out."""
    names: list[str] = []
    scores: list[Doubles] = []
    seen: set[bytes] = set()
    step = max(1, sampled(look).rows // AT_ONCE)
    for n in numbers(look, FEWEST):
        few = len(n.distinct) < DISTINCT or len(n.known) < FILLED * len(n.values)
        said = keys(n.values[:AT_ONCE], n.column)
        if few or seen & set(said) or len(names) >= MOST_COLUMNS:
            continue
        seen |= set(said)
        names.append(n.name)
        finite = np.where(np.isfinite(n.values[::step]), n.values[::step], np.nan)
        scores.append(np.nan_to_num(normal_scores(finite)))
    if len(names) < 2:
        return
    watch(look)
    matrix = np.stack(scores)
    use = np.flatnonzero(matrix.std(axis=1) > 0)
    strength = np.abs(np.corrcoef(matrix[use]))
    names = [names[i] for i in use]
    families = _families(strength > LEAST, names)
    if families:
        told = "; ".join(
            ", ".join(f"`{n}`" for n in f[:4]) + (f" and {len(f) - 4} more" if len(f) > 4 else "")
            for f in families[:SHOWN]
        )
        more = f"; and {len(families) - SHOWN} more families" if len(families) > SHOWN else ""
        yield Finding(
            "A451",
            "correlated",
            "note",
            f"nearly the same (rank correlation above {LEAST:g}): {told}{more}",
            tuple(n for f in families for n in f),
            {"families": families},
            "such columns share their importance: each alone looks as if it hardly mattered",
            "kept; importance is to be read for the family",
            "one of each family is often enough",
        )


def _families(
    alike: np.ndarray[tuple[int, int], np.dtype[np.bool_]], names: list[str]
) -> list[list[str]]:
    """Connected columns, largest family first."""
    left = set(range(len(names)))
    made = []
    while left:
        members, edge = set[int](), {min(left)}
        while edge:
            members |= edge
            edge = {int(j) for i in edge for j in np.flatnonzero(alike[i])} - members
        left -= members
        if len(members) > 1:
            made.append([names[i] for i in sorted(members)])
    return sorted(made, key=len, reverse=True)


def example() -> Look:
    """Height measured twice."""
    columns = examples.noise(400)
    columns["again"] = columns["x0"] + 0.1 * columns["x1"]
    return examples.look(columns)


CARD = CheckCard(
    code="A451",
    question="Do columns nearly say the same?",
    reads="structure",
    run=run,
    example=example,
    severity="note",
    rule="rank correlation above 0.95 on at most 10,000 rows; the first 400 columns",
    false_alarms=0.001,
    does="kept; importance is to be read for the family",
    applies=applies.kinds("number"),
    source="Spearman 1904",
)
