"""R1: one column is the target under another name."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import examples
from heldout.audits.blocked import block, blocked
from heldout.audits.dominance import duel
from heldout.audits.finding import CheckCard, Finding, Look

MOST = 5  # in one review: behind one leak another may hide


def run(look: Look) -> Iterator[Finding]:
    """Skill of at least 0.9, and all others together leave three times as much unexplained; or the
    classes under other names."""
    aside: set[str] = set()
    for _ in range(MOST):
        found = duel(look, aside | blocked(look), sums=True)
        if found is None or not found.determines:
            return
        family = found.family
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
    severity="block",
    rule="skill of at least 0.9, while all other columns leave three times as much unexplained (z above 4); "
    "or values that are the classes one by one, ten rows of each at least",
    false_alarms=0.001,
    does="set aside; --keep overrules",
)
