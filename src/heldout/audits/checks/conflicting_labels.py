"""Equal inputs with different labels: the ceiling that they put on any model."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import examples
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.core.arrays import Doubles, Ints
from heldout.core.names import count
from heldout.splits.content import content

FEWEST, SHARE = 5, 0.01


def run(look: Look) -> Iterator[Finding]:
    """Rows that share all their inputs with a row of another label: five, and 1 % of all."""
    assert look.y is not None
    assert look.task is not None
    names = [c.name for c in look.table.schema.inputs if c.kind != "image"]
    if not names:
        return
    hashes = content(look.table.arrays(names), look.table.schema)
    _, group = np.unique(hashes, return_inverse=True)
    classes = look.task.is_classification
    rows, ceiling = _classes(group, look.y) if classes else _numbers(group, look.y)
    if rows < max(FEWEST, SHARE * len(group)):
        return
    told = f"accuracy {ceiling:.1%}" if classes else f"R2 {ceiling:.3f}"
    yield Finding(
        "A521",
        "conflicting_labels",
        "note",
        f"{count(rows)} of {count(len(group))} rows have the same inputs as a row with another "
        f"answer: no model of these columns can pass {told} on these rows",
        (look.task.target,),
        {"rows": rows, "ceiling": ceiling},
        "the columns do not tell these rows apart: errors on them are nobody's fault",
        "such rows share a fold",
        "another column, or a check of the labels",
    )


def _classes(group: Ints, y: Doubles) -> tuple[int, float]:
    """(rows in groups of several labels, 1 - the rows of minorities / all)."""
    codes = y.astype(np.int64)
    k = int(codes.max()) + 1
    pairs, counts = np.unique(group * k + codes, return_counts=True)
    of = pairs // k
    most, size = np.zeros(group.max() + 1), np.bincount(group)
    np.maximum.at(most, of, counts)
    mixed = np.bincount(of, minlength=len(size)) > 1
    return int(size[mixed].sum()), float(1 - (size - most).sum() / len(y))


def _numbers(group: Ints, y: Doubles) -> tuple[int, float]:
    """(rows in groups of several values, 1 - spread inside groups / spread of all)."""
    size = np.bincount(group)
    mean = np.bincount(group, y) / size
    inside = np.bincount(group, (y - mean[group]) ** 2)
    total = float(((y - y.mean()) ** 2).sum())
    mixed = (inside > 1e-12 * max(total, 1e-300)) & (size > 1)
    return int(size[mixed].sum()), float(1 - inside.sum() / total) if total > 0 else 1.0


def example() -> Look:
    """A few columns of few values."""
    rng = np.random.default_rng(0)
    columns = {"a": rng.integers(0, 5, 500) * 1.0, "b": rng.integers(0, 8, 500) * 1.0}
    return examples.look(columns, (rng.random(500) < 0.4).astype(np.float64))


CARD = CheckCard(
    code="A521",
    question="Do equal inputs have different answers?",
    reads="target",
    run=run,
    example=example,
    severity="note",
    rule="at least five rows and 1 % of them share their inputs with a row of another answer",
    false_alarms=0.0,
    does="such rows share a fold; the ceiling is told",
    source="Devijver and Kittler 1982, on the Bayes error",
)
