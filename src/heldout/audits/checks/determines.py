"""R1: one column is the target under another name."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import examples
from heldout.audits.blocked import block, blocked
from heldout.audits.dominance import Duel, duel
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.audits.shallow import as_codes
from heldout.audits.singles import singles, values_of

COARSE = 10  # rows for each value, at least, of a column that others can sum up
SUMMARY = 0.5  # skill of such a sum
MOST = 5  # in one review: behind one leak another may hide


def run(look: Look) -> Iterator[Finding]:
    """Skill of at least 0.9, and all others together leave three times as much unexplained."""
    aside: set[str] = set()
    for _ in range(MOST):
        found = duel(look, aside | blocked(look))
        if found is None or not found.determines:
            return
        family = (*found.family, *_coarser(look, found))
        aside.update(family)
        block(look, family)
        name = found.top.column
        others = ", ".join(f"`{c}`" for c in family[1:])
        also = f"; {others} says the same" if others else ""
        yield Finding(
            "A303",
            "determines",
            "block",
            f"`{name}`: it alone explains {found.top.skill:.0%} of the target, all other columns "
            f"together {max(0.0, found.rest):.0%}{also}",
            family,
            {"skill": found.top.skill, "skill_of_the_rest": found.rest, "z": found.z},
            "a column that is the target under another name makes the score worthless",
            "set aside",
            "if it is known before the target, keep it",
            f"--keep {','.join(family)}",
        )


def _coarser(look: Look, found: Duel) -> list[str]:
    """Columns that only sum up the one found, such as a grade above its subgrades."""
    mine = as_codes(values_of(look, found.top.column).astype(object))
    levels = int(mine.max()) + 1
    if levels > len(mine) / COARSE:
        return []
    coarser = []
    for name, other in singles(look).items():
        if name in found.family or name in blocked(look) or other.skill < SUMMARY:
            continue
        theirs = as_codes(values_of(look, name).astype(object))
        size = int(theirs.max()) + 1
        if 1 < size < levels and len(np.unique(mine * size + theirs)) == levels:
            coarser.append(name)
    return coarser


def example() -> Look:
    """A copy of the target with one entry in two hundred wrong, beside honest columns."""
    rng = np.random.default_rng(0)
    columns = examples.noise(600)
    y = (columns["x0"] + columns["x1"] + rng.normal(size=600) > 0.2).astype(np.float64)
    columns["copy"] = np.where(rng.random(600) < 0.005, 1 - y, y) + 3.0
    return examples.look(columns, y)


CARD = CheckCard(
    code="A303",
    question="Is a column the target under another name?",
    reads="target",
    run=run,
    example=example,
    source="Kaufman et al. 2012, Leakage in data mining",
)
