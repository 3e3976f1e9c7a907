"""R1: one column is the target under another name."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import examples
from heldout.audits.blocked import block
from heldout.audits.dominance import duel
from heldout.audits.finding import CheckCard, Finding, Look

MOST = 5  # in one review: behind one leak another may hide


def run(look: Look) -> Iterator[Finding]:
    """Skill of at least 0.9, and all others together leave three times as much unexplained."""
    aside: set[str] = set()
    for _ in range(MOST):
        found = duel(look, aside)
        if found is None or not found.determines:
            return
        aside.update(found.family)
        block(look, found.family)
        name = found.top.column
        also = f"; {', '.join(found.copies)} says the same" if found.copies else ""
        yield Finding(
            "A301",
            "determines",
            "block",
            f"`{name}`: it alone explains {found.top.skill:.0%} of the target, all other columns "
            f"together {max(0.0, found.rest):.0%}{also}",
            found.family,
            {"skill": found.top.skill, "skill_of_the_rest": found.rest, "z": found.z},
            "a column that is the target under another name makes the score worthless",
            "set aside",
            "if it is known before the target, keep it",
            f"--keep {','.join(found.family)}",
        )


def example() -> Look:
    """A copy of the target with one entry in fifty wrong."""
    rng = np.random.default_rng(0)
    y = (rng.random(600) < 0.4).astype(np.float64)
    columns = examples.noise(600)
    columns["copy"] = np.where(rng.random(600) < 0.005, 1 - y, y) + 3.0
    return examples.look(columns, y)


CARD = CheckCard(
    code="A301",
    question="Is a column the target under another name?",
    reads="target",
    run=run,
    example=example,
    source="Kaufman et al. 2012, Leakage in data mining",
)
