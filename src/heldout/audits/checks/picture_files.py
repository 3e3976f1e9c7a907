"""The way a picture was saved tells the answer: its size, its mode, its format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from heldout.audits import photos, pictured
from heldout.audits.applies import classes, every, kinds
from heldout.audits.finding import CheckCard, Finding, Look

FEWEST, GAIN, Z = 40, 0.15, 4.0


def run(look: Look) -> Iterator[Finding]:
    """Guessing by size, mode and format alone is right 15 points oftener than by chance."""
    assert look.y is not None
    for column, rows, heads in photos.columns(look):
        y = look.y[rows].astype(np.int64)
        known = [str((h.width, h.height, h.mode, h.format)) for h in heads]
        if len(y) < FEWEST or len(set(known)) < 2:
            continue
        right, chance = _guessed(known, y)
        error = np.sqrt(max(chance * (1 - chance), 1e-9) / len(y))
        if right - chance < GAIN or (right - chance) / error < Z:
            continue
        yield Finding(
            "A804",
            "picture_files",
            "warn",
            f"`{column.name}`: size, mode and format of the files alone give the right class in "
            f"{right:.0%} of the pictures; the commonest class is {chance:.0%}",
            (column.name,),
            {"right": right, "chance": chance, "files": len(heads)},
            "the classes seem to come from different sources, and a model may learn the source",
            "kept: the model sees pixels of one size, but traces of the source are in them",
            "take pictures of all classes in one way, or bring them to one size and format first",
            question=f"Will pictures of all classes come from one source when `{column.name}` is used?",
        )


def _guessed(known: list[str], y: np.ndarray) -> tuple[float, float]:
    """Share that the commonest class of the other half gives rightly, and the commonest class."""
    right = 0
    for part in (0, 1):
        inside = np.arange(len(y)) // 2 % 2 == part
        common = Counter(y[~inside].tolist()).most_common(1)[0][0]
        of: dict[str, Counter[int]] = {}
        for i in np.flatnonzero(~inside):
            of.setdefault(known[i], Counter())[int(y[i])] += 1
        for i in np.flatnonzero(inside):
            seen = of.get(known[i])
            right += int((seen.most_common(1)[0][0] if seen else common) == y[i])
    return right / len(y), max(Counter(y.tolist()).values()) / len(y)


def example() -> Look:
    """One class was saved larger."""
    return pictured.look([(20, 20, "RGB"), (32, 32, "RGB")] * 40, [0.0, 1.0] * 40)


CARD = CheckCard(
    code="A804",
    question="Does the way a picture was saved tell its class?",
    reads="target",
    run=run,
    example=example,
    severity="warn",
    rule="size, mode and format give the class 15 points oftener than the commonest class, four standard errors from it",
    does="asked about",
    applies=every(kinds("image"), classes),
)
