"""R4: an identifier that tells the target: rows were numbered by outcome."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from heldout.audits import examples, shallow
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.audits.many import kept, one_sided
from heldout.audits.singles import ORDERED, Single, single, values_of
from heldout.audits.watch import watch
from heldout.core.arrays import Array, Doubles
from heldout.splits.content import named_identifier
from heldout.tables.schema import Column

SKILL, Z = 0.03, 4.0
DIGITS = re.compile(r"\d+")


def run(look: Look) -> Iterator[Finding]:
    """The number in an identifier explains more than 3 % of the target."""
    found: list[Single] = []
    for column in look.table.schema:
        watch(look)
        if column.role != "target" and named_identifier(column):
            x = _number(values_of(look, column.name), column)
            if (~np.isnan(x)).mean() > 0.5:
                found.append(single(look, column.replace(kind="number"), x))
    stand = kept([one_sided(s.z) for s in found])
    for one, stands in zip(found, stand, strict=True):
        if stands and one.skill > SKILL and one.z > Z:
            yield Finding(
                "A306",
                "id_carries_target",
                "block",
                f"`{one.column}`: this identifier explains {one.skill:.0%} of the target",
                (one.column,),
                {"skill": one.skill, "z": one.z},
                "rows that were numbered by their outcome tell it; new rows will not",
                "left out",
                "look how the file was put together: other columns may carry its order too",
                f"--keep {one.column}",
            )


def _number(values: Array, column: Column) -> Doubles:
    """The identifier as a number: itself, or the last digits in its text, or its rank."""
    if column.kind in ORDERED:
        return shallow.as_numbers(values, column)
    texts = values.tolist()
    digits = [DIGITS.findall(t)[-1:] if t[:1] != "\x01" else [] for t in texts]
    x = np.array([float(d[0][-15:]) if d else np.nan for d in digits])
    if np.isnan(x).mean() > 0.5:
        return np.asarray(np.unique(values.astype(str), return_inverse=True)[1], dtype=np.float64)
    return x


def example() -> Look:
    """Numbers given after sorting by outcome."""
    rng = np.random.default_rng(0)
    y = (rng.random(500) < 0.4).astype(np.float64)
    number = np.argsort(np.argsort(y + rng.normal(size=500) * 0.1)).astype(np.float64)
    columns = {**examples.noise(500), "id": number}
    return examples.look(columns, y, {"id": "ignored"}, id="identifier: different in every row")


CARD = CheckCard(
    code="A306",
    question="Does an identifier tell the target?",
    reads="target",
    run=run,
    example=example,
    severity="block",
    rule="an identifier explains more than 3 % (z above 4, false discovery rate 1 %)",
    false_alarms=0.001,
    does="left out; --keep overrules",
)
