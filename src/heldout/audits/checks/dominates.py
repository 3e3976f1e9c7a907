"""R2: one column alone beats all others together; only the person knows whether it may."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import examples
from heldout.audits.blocked import ask, asked, blocked
from heldout.audits.dominance import Duel, duel, with_all
from heldout.audits.finding import CheckCard, Finding, Look

MUCH = 0.6  # of the target that all others say; where they say less, each column has its own share
TWICE, LEAD, Z = 2.0, 0.03, 4.0  # as much unexplained without the best column; skill that it adds


def run(look: Look) -> Iterator[Finding]:
    """Skill of at least 0.25, and 0.05 above all others together; or twice as much is left
    unexplained without it."""
    found = duel(look, blocked(look), always=True)
    if found is None or found.top.column in asked(look):
        return
    if not found.dominates:
        yield from _missed(look, found)
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


def _missed(look: Look, found: Duel) -> Iterator[Finding]:
    """Where all others say much too: what one column adds to them."""
    if found.rest < MUCH:
        return
    whole, rest, z = with_all(look, found)
    if z <= Z or 1 - rest < TWICE * (1 - whole) or whole - rest <= LEAD:
        return
    name = found.top.column
    for column in found.family:
        ask(look, column)
    yield Finding(
        "A305",
        "dominates",
        "warn",
        f"`{name}`: without it {1 - rest:.0%} of the target is left unexplained, with it "
        f"{max(0.0, 1 - whole):.0%}",
        found.family,
        {"skill": found.top.skill, "skill_of_the_rest": rest, "skill_of_all": whole, "z": z},
        "honest information is usually shared; where all others say much, what one column adds may "
        "be the answer itself",
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
    rule="skill of at least 0.25 and 0.05 above all other columns together (z above 4); or without it "
    "twice as much is left unexplained, and 0.03 (z above 4), where all others explain 0.6",
    false_alarms=0.01,
    does="kept; a question",
)
