"""Are columns of one's own worth having, and at which number of rows? (PREP-15)"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np

from heldout.audits import applies, examples
from heldout.audits.checks.shuffled_target import smaller
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.audits.goal import goal
from heldout.audits.out_of_fold import predicted
from heldout.audits.watch import need
from heldout.core.names import count

SHARES = (0.125, 0.25, 0.5, 1.0)
FEWEST, MOST, SECONDS, SURE = 200, 8_000, 4.0, 2.0


def run(look: Look) -> Iterator[Finding]:
    """Skill of the quick learner with the computed columns and without, with an eighth to all of
    the training rows, out of fold on the same rows."""
    need(look, 0.3 + SECONDS * min(1.0, look.table.rows / MOST))
    small = smaller(look, MOST)
    schema = small.table.schema
    own = [c.name for c in schema.inputs if c.formula]
    plain = schema.with_roles(dict.fromkeys(own, "ignored"), "left out to compare")
    aim = goal(small)
    if len(aim.rows) < FEWEST or not plain.inputs:
        return
    chance = look.seed.child("curve").rng().random(len(aim.rows))
    prior = float(aim.prior[aim.rows].mean())
    skills: dict[str, list[float]] = {"with": [], "without": []}
    sure = 0.0
    for share in SHARES:
        use = np.zeros(len(aim.y), dtype=bool)
        use[aim.rows] = chance < share
        losses = {}
        for name, inputs in (("with", schema), ("without", plain)):
            made = predicted(small, inputs, aim.y, train_on=use)
            losses[name] = aim.loss(made[aim.rows], aim.rows)
            skills[name].append(1 - float(losses[name].mean()) / prior)
        gain = losses["without"] - losses["with"]
        sure = float(gain.mean() / max(gain.std() / np.sqrt(len(gain)), 1e-300))
    pairs = zip(skills["with"], skills["without"], strict=True)
    told = ", ".join(f"{max(0.0, a):.1%} against {max(0.0, b):.1%}" for a, b in pairs)
    head = "pay" if sure > SURE else "harm" if sure < -SURE else "make no difference beyond noise"
    yield Finding(
        "A534",
        "own_columns",
        "note",
        f"columns of your own ({', '.join(own)}) {head}: with an eighth, a quarter, half and all "
        f"of {count(len(aim.rows) * 2 / 3)} training rows "
        f"{told} is explained with and without them",
        (),
        {"shares": list(SHARES), **skills, "z": sure},
        "what a model would need many rows to find out, a formula says at once: they often "
        "pay most where rows are few",
        "measured out of fold on open rows",
    )


def _computed(look: Look) -> str:
    own = any(c.formula for c in look.table.schema.inputs)
    return "" if own else "no column of your own (--column)"


def example() -> Look:
    """The answer follows a ratio."""
    rng = np.random.default_rng(0)
    a, b = rng.uniform(-1, 1, 600), rng.choice([-1, 1], 600) * rng.uniform(0.2, 1, 600)
    made = examples.look({"a": a, "b": b, "ratio": a / b}, a / b + 0.3 * rng.normal(size=600))
    schema = made.table.schema
    schema = schema.update({"ratio": schema["ratio"].replace(formula="a / b")})
    return dataclasses.replace(made, table=made.table.with_schema(schema))


CARD = CheckCard(
    code="A534",
    question="Are columns of your own worth having?",
    reads="target",
    run=run,
    example=example,
    severity="note",
    rule="measured where a column was computed with --column; they pay (or harm) beyond two standard errors with all rows",
    false_alarms=0.0,
    does="measured out of fold on open rows",
    applies=applies.every(applies.learner, _computed),
    informs=True,
)
