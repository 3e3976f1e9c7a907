"""W: columns that say something and sound as if they were written down after the outcome."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import examples
from heldout.audits.afterwards import BEFORE, GENERIC, SHORTEST, afterwards
from heldout.audits.blocked import answered, asked, blocked
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.audits.goal import goal, normal_scores
from heldout.audits.shallow import as_numbers
from heldout.audits.singles import ORDERED, Single, singles, values_of
from heldout.audits.wording import words
from heldout.core.names import plural

SKILL, Z = 0.02, 4.0  # of the column alone: what says nothing cannot leak
MOST_KIN = 5  # columns that share a word; more share a subject, not an event
SQUARE, ERRORS, FEWEST = 0.01, 5.0, 50  # or of its rank correlation, which few rows show sooner


def run(look: Look) -> Iterator[Finding]:
    """One question for all of them that no other rule has asked about."""
    assert look.task is not None
    target = look.task.target
    past = blocked(look) | asked(look) | answered(look)
    found = {
        name: (word, said)
        for name, single in singles(look).items()
        if name not in past
        and (word := afterwards(name, target))
        and (said := _says(look, single)) is not None
    }
    kin = _kin(look, past, found)
    if not found and not kin:
        return
    found |= kin
    names = tuple(found)
    listed = ", ".join(f"`{n}`" for n in names)
    told = "; ".join(f"`{n}` ({w}) explains {s:.0%} alone" for n, (w, s) in found.items())
    yield Finding(
        "A308",
        "named_afterwards",
        "note",
        f"{plural(len(names), 'column')} by name perhaps written after the outcome: {told}",
        names,
        {"words": {n: w for n, (w, _) in found.items()}, "skill": {n: s for n, (_, s) in found.items()}},
        "what is known only afterwards makes the score that of hindsight; a name proves nothing",
        "kept",
        "answer in the specification, definition: available: {COLUMN: yes or no}",
        f"--drop {','.join(names)}",
        f"Would you know {listed}, with {'this value' if len(names) == 1 else 'these values'}, "
        "when you predict?",
    )  # fmt: skip


def _kin(
    look: Look, past: frozenset[str], found: dict[str, tuple[str, float]]
) -> dict[str, tuple[str, float]]:
    """Columns that share a telling word with one that is set aside or asked about (dep_time with
    dep_delay, paid_fees with paid_total): one event writes them, whatever they say alone."""
    assert look.task is not None
    known = (blocked(look) | asked(look)) - answered(look)
    inputs = [c.name for c in look.table.schema.inputs]
    target = words(look.task.target)
    made = {}
    telling = {w for name in known for w in words(name)} | {word for word, _ in found.values()}
    for word in sorted(telling - GENERIC - target):
        sharing = [n for n in inputs if word in words(n)]
        many = len(sharing) > MOST_KIN or 2 * len(sharing) > len(inputs)
        if len(word) < SHORTEST or many:
            continue
        for name in sharing:
            if name not in past and name not in found and not words(name) & BEFORE:
                made[name] = (
                    word,
                    max(0.0, singles(look)[name].skill if name in singles(look) else 0.0),
                )
    return made


def _says(look: Look, single: Single) -> float | None:
    """The share that it explains alone: by its skill, or by its squared rank correlation."""
    if single.skill >= SKILL and single.z >= Z:
        return single.skill
    column = look.table.schema[single.column]
    if column.kind not in ORDERED:
        return None
    aim = goal(look)
    x = normal_scores(as_numbers(values_of(look, single.column), column))
    known = ~np.isnan(x)
    y = aim.y[known]
    targets = [y == c for c in np.unique(y)] if aim.classes else [y]
    if known.sum() < FEWEST or x[known].std() == 0:
        return None
    squares = [float(np.corrcoef(x[known], t)[0, 1]) ** 2 for t in targets if t.std() > 0]
    square = max(squares, default=0.0)
    return square if square >= SQUARE and square * known.sum() >= ERRORS**2 else None


def example() -> Look:
    """How long a call took, where who agrees talks longer."""
    rng = np.random.default_rng(0)
    y = (rng.random(800) < 0.4).astype(np.float64)
    return examples.look({**examples.noise(800), "duration": y + rng.normal(size=800) * 2}, y)


CARD = CheckCard(
    code="A308",
    question="Does a column sound as if it were written after the outcome?",
    reads="target",
    run=run,
    example=example,
    severity="note",
    rule="a word such as outcome, paid, duration, status, or a word of the target's own name; alone it "
    "explains 2 % (z above 4), or its squared rank correlation is 0.01 (five standard errors); or it shares such a word with a column that is set aside or asked about; no other rule speaks of it",
    false_alarms=0.01,
    does="kept; a question",
)
