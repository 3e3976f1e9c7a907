"""A model that hangs on one column, and the score without it."""

from __future__ import annotations

from collections.abc import Iterator

from heldout.audits import examples
from heldout.audits.checks.shuffled_target import skill, smaller
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.audits.watch import watch

SHARE, MOST, SKILL = 0.8, 5_000, 0.3


def run(look: Look) -> Iterator[Finding]:
    """One column holds 80 % of the importance of a model that explains 30 %."""
    assert look.trained is not None
    drops = {name: max(0.0, drop) for name, drop, _, _ in look.trained.importance}
    total = sum(drops.values())
    if len(drops) < 3 or total <= 0:
        return
    name = max(drops, key=lambda n: drops[n])
    share = drops[name] / total
    if share < SHARE or look.learner is None or name not in look.table.schema:
        return
    small = smaller(look, MOST)
    watch(look)
    whole = skill(small)
    less = small.table.with_schema(small.table.schema.with_roles({name: "ignored"}, "left out"))
    without = skill(examples.with_table(small, less))
    if whole < SKILL:
        return
    yield Finding(
        "A702",
        "one_column",
        "warn",
        f"`{name}` holds {share:.0%} of the importance; without it a quick model explains "
        f"{max(0.0, without):.0%} of the target instead of {whole:.0%}",
        (name,),
        {"share": share, "skill": whole, "skill_without": without},
        "if this column is late, wrong or only written afterwards, nothing else carries the model",
        "kept",
        "make sure that it is there, in the same form, when you predict",
        f"--drop {name}",
        f"Would you know `{name}`, with this value, when you predict?",
    )


def example() -> Look:
    """One column says all, and importance knows it."""
    import dataclasses

    columns = examples.noise(400)
    made = examples.with_training(examples.look(columns, columns["x0"] * 3 + columns["x1"]))
    assert made.trained is not None
    rows = (("x0", 0.9, 0.8, 1.0), ("x1", 0.05, 0.0, 0.1), ("x2", 0.01, 0.0, 0.1))
    trained = dataclasses.replace(made.trained, importance=rows)
    return dataclasses.replace(made, trained=trained)


CARD = CheckCard(
    code="A702",
    question="Does the model hang on one column?",
    reads="trained",
    run=run,
    example=example,
    severity="warn",
    rule="one column holds 80 % of the importance of three or more, and a quick model explains over 30 %",
    false_alarms=0.005,
    does="kept; a question, and the skill without it",
)
