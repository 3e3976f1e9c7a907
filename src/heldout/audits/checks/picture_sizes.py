"""Pictures of very different shapes: all are stretched to one size."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import photos, pictured
from heldout.audits.applies import kinds
from heldout.audits.finding import CheckCard, Finding, Look

FEWEST, STRETCHED = 10, 1.5


def run(look: Look) -> Iterator[Finding]:
    """Shapes (width over height) of the middle nine tenths differ by half and more, or most
    pictures are smaller than what the model sees."""
    for column, _, heads in photos.columns(look):
        if len(heads) < FEWEST:
            continue
        shape = np.array([h.width / max(1, h.height) for h in heads])
        low, high = (float(q) for q in np.quantile(shape, (0.05, 0.95)))
        sides = np.array([min(h.width, h.height) for h in heads])
        small = float((sides < min(column.size or (1,))).mean())
        if high / max(low, 1e-9) < STRETCHED and small <= 0.5:
            continue
        told = f"width over height goes from {low:.2f} to {high:.2f}"
        if small > 0.5:
            told += (
                f"; {small:.0%} are smaller than the {column.size[0]} pixels that the model sees"
            )
        yield Finding(
            "A801",
            "picture_sizes",
            "note",
            f"`{column.name}`: pictures of different shapes: {told}",
            (column.name,),
            {"low": low, "high": high, "small": small, "files": len(heads)},
            "a picture that is stretched shows things wider or higher than they are",
            "stretched to one size, not cut",
            "cut them to one shape first, if the shape does not belong to the answer",
        )


def example() -> Look:
    """Half of them wide."""
    return pictured.look([(20, 20, "RGB"), (20, 60, "RGB")] * 10)


CARD = CheckCard(
    code="A801",
    question="Do pictures have different shapes?",
    reads="structure",
    run=run,
    example=example,
    severity="note",
    rule="the 95th percentile of width over height is 1.5 times the 5th, or most are smaller than the input",
    does="noted",
    applies=kinds("image"),
    informs=True,
)
