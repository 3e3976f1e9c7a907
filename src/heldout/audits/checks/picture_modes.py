"""Pictures that are kept in different ways: grey among color, transparent, 16 bits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from heldout.audits import photos, pictured
from heldout.audits.applies import kinds
from heldout.audits.finding import CheckCard, Finding, Look

WORDS = {
    "L": "grey", "LA": "grey, transparent", "RGB": "color", "RGBA": "color, transparent",
    "P": "palette", "1": "black and white", "CMYK": "CMYK", "I;16": "16 bits", "I": "32 bits",
}  # fmt: skip


def run(look: Look) -> Iterator[Finding]:
    """More than one mode."""
    for column, _, heads in photos.columns(look):
        modes = Counter(h.mode for h in heads)
        if len(modes) < 2:
            continue
        told = ", ".join(f"{n} {WORDS.get(m, m)}" for m, n in modes.most_common())
        yield Finding(
            "A802",
            "picture_modes",
            "note",
            f"`{column.name}`: pictures are kept in different ways: {told}",
            (column.name,),
            {"modes": dict(modes.most_common())},
            "a model may learn how a picture was saved instead of what it shows",
            "all are brought to red, green and blue over white",
            "see whether the way of saving goes with the answer",
        )


def example() -> Look:
    """A few grey ones."""
    return pictured.look([(20, 20, "RGB")] * 15 + [(20, 20, "L")] * 5)


CARD = CheckCard(
    code="A802",
    question="Are pictures kept in different ways?",
    reads="structure",
    run=run,
    example=example,
    severity="note",
    rule="more than one mode (color, grey, transparent ...)",
    does="brought to red, green and blue",
    applies=kinds("image"),
    informs=True,
)
