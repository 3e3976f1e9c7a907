"""R2: one column alone beats all others together; only the person knows whether it may."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import examples
from heldout.audits.blocked import ask, asked, blocked
from heldout.audits.dominance import duel
from heldout.audits.finding import CheckCard, Finding, Look


def run(look: Look) -> Iterator[Finding]:
    """Skill of at least 0.25, and 0.05 above all others together."""
    found = duel(look, blocked(look))
    if found is None or not found.dominates or found.top.column in asked(look):
        return
    name = found.top.column
    for column in found.family:
        ask(look, column)
    yield Finding(
        "A305",
        "dominates",
        "warn",
        f"`{name}`: it alone explains {found.top.skill:.0%} of the target, all other columns "
        f"together {max(0.0, found.rest):.0%}",
        found.family,
        {"skill": found.top.skill, "skill_of_the_rest": found.rest, "z": found.z},
        "honest information is usually shared; a column that beats all others may hold the answer",
        "kept",
        "drop it if it is only known afterwards",
        f"--drop {','.join(found.family)}",
        f"Would you know `{name}`, with this value, when you predict?",
    )


def example() -> Look:
    """A noisy trace of the target."""
    rng = np.random.default_rng(0)
    y = (rng.random(800) < 0.5).astype(np.float64)
    columns = examples.noise(800)
    columns["trace"] = y + rng.normal(size=800) * 0.4
    return examples.look(columns, y)


CARD = CheckCard(
    code="A305",
    question="Does one column beat all others together?",
    reads="target",
    run=run,
    example=example,
    severity="warn",
    rule="skill of at least 0.25 and 0.05 above all other columns together (z above 4)",
    false_alarms=0.01,
    does="kept; a question",
)
