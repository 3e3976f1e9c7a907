"""One picture, or nearly one, in two classes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import pictured
from heldout.audits.applies import classes, every, kinds
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.core.names import count, plural
from heldout.splits.alike import alike
from heldout.splits.content import pictures

FEW = 0.01  # of the rows


def run(look: Look) -> Iterator[Finding]:
    """Any picture that is there under two labels, copies and near copies."""
    assert look.y is not None
    assert look.task is not None
    names = [c.name for c in look.table.schema.inputs if c.kind == "image" and c.size]
    if not names or look.y.ndim > 1:
        return
    hashes = look.memo.get("picture_hashes")
    if hashes is None:
        hashes = np.zeros(look.table.rows, dtype=np.uint64)
        for name in names:
            hashes = hashes * np.uint64(31) + pictures(look.table.arrays([name])[name])
    order = np.lexsort((look.y, hashes))
    a, b = order[:-1], order[1:]
    same = hashes[a] == hashes[b]
    pairs = np.stack([a[same], b[same]], axis=1)
    if "picture_hashes" not in look.memo:
        pairs = np.concatenate([pairs, alike(look.table)])
    other = pairs[look.y[pairs[:, 0]] != look.y[pairs[:, 1]]]
    rows = len(np.unique(other))
    if not rows:
        return
    first = [look.task.classes[int(look.y[r])] for r in other[0]]
    yield Finding(
        "A805",
        "picture_labels",
        "warn" if rows > FEW * look.table.rows else "note",
        f"{plural(rows, 'picture')} of {count(look.table.rows)} are there under two labels, such as "
        f"{first[0]} and {first[1]}",
        (look.task.target,),
        {"rows": rows, "share": rows / look.table.rows},
        "at least one of the two labels is wrong, or the picture shows both",
        "such pictures share a fold",
        "look at them and correct the labels",
    )


def example() -> Look:
    """One picture twice, the second time in the other folder."""
    made = pictured.look([(20, 20, "RGB")] * 50, [0.0, 1.0] * 25)
    hashes = np.arange(50, dtype=np.uint64)
    hashes[1] = hashes[0]
    made.memo["picture_hashes"] = hashes
    return made


CARD = CheckCard(
    code="A805",
    question="Is one picture there under two labels?",
    reads="target",
    run=run,
    example=example,
    severity="warn",
    rule="any is noted; above 1 % of the rows it warns",
    does="such pictures share a fold",
    applies=every(kinds("image"), classes),
)
