"""Columns whose values in production are not those of training, by what that does to answers."""

from __future__ import annotations

from collections.abc import Iterator

from heldout.audits import examples
from heldout.audits import production as here
from heldout.audits.checks.drift_along import distance
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.audits.many import kept
from heldout.audits.watch import watch

EFFECT, RATE, SHOWN, MEASURED = 0.1, 0.001, 5, 10


def run(look: Look) -> Iterator[Finding]:
    """A distance above 0.1 at a false discovery rate of 0.1 %; those that move answers first."""
    gaps: dict[str, float] = {}
    p: list[float] = []
    for column in here.shared(look):
        watch(look)
        gaps[column.name], chance = distance(*here.both(look, column.name), column)
        p.append(chance)
    stand = dict(zip(gaps, kept(p, RATE), strict=True))
    found = sorted((n for n in gaps if stand[n] and gaps[n] > EFFECT), key=lambda n: -gaps[n])
    if not found:
        return
    moves: dict[str, float] = {}
    for name in found[:MEASURED]:
        watch(look)
        moved = here.effect(look, name)
        if moved is not None:
            moves[name] = moved
    ranked = sorted(found, key=lambda n: (-moves.get(n, 0.0), -gaps[n]))
    told = ", ".join(
        f"`{n}` by {gaps[n]:.0%}" + (f", answers by {moves[n]:.2g} sd" if n in moves else "")
        for n in ranked[:SHOWN]
    )
    more = f"; {len(ranked) - SHOWN} more" if len(ranked) > SHOWN else ""
    yield Finding(
        "A602",
        "production_drift",
        "warn",
        f"unlike production: {told}{more}",
        tuple(ranked),
        {"distance": {n: gaps[n] for n in ranked}, "answers_move_by_sd": moves},
        "a score on these rows is a promise for rows like these",
        "ranked by how far answers move when the column takes the values of production",
        "gather rows like those of production, or say for whom the model is meant",
    )


def example() -> Look:
    """One column has moved by a standard deviation."""
    columns = examples.noise(600)
    later = examples.noise(600, seed=1)
    later["x1"] = later["x1"] + 1.0
    y = columns["x0"] + columns["x1"]
    return examples.beside(examples.look(columns, y), examples.table(later))


CARD = CheckCard(
    code="A602",
    question="Do columns look the same in production?",
    reads="production",
    run=run,
    example=example,
    severity="warn",
    rule="largest gap between the distributions above 0.1 at a false discovery rate of 0.1 %",
    false_alarms=0.005,
    does="ranked by how far answers move",
    applies=here.needed,
    source="Kolmogorov 1933, Smirnov 1939; Benjamini and Hochberg 1995",
)
