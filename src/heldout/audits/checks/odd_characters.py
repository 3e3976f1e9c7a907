"""Traces of a wrong encoding, and characters that nobody sees."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from heldout.audits import applies, examples
from heldout.audits.cells import levels, of_rows, share_of
from heldout.audits.finding import CheckCard, Finding, Look

BROKEN = re.compile("\ufffd|Ã[\u0080-\u00bf©¨¼¶¤ŸœŽ]|â€|Â[\u00a0-\u00bf]")
UNSEEN = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u200b-\u200f\u2060\ufeff]|[^\\S \n\t]"
)
TAG = re.compile(r"</?[a-zA-Z][^>]{0,40}>|&(?:amp|lt|gt|quot|nbsp|#[0-9]+);")
KINDS = (
    ("broken letters, as from a wrong encoding", BROKEN),
    ("characters that nobody sees", UNSEEN),
    ("pieces of HTML", TAG),
)


def run(look: Look) -> Iterator[Finding]:
    """Any cell with one of them."""
    for words in levels(look, "category", "text", ignored=True):
        for told, pattern in KINDS:
            hits = [i for i, w in enumerate(words.levels) if pattern.search(w)]
            if not hits:
                continue
            rows = int(words.counts[hits].sum())
            some = words.levels[hits[0]][:40]
            yield Finding(
                "A423",
                "odd_characters",
                "warn",
                f"`{words.name}`: {told} in {share_of(rows, words.filled)} of {of_rows(look)}, "
                f"such as {some!r}",
                (words.name,),
                {"rows": rows, "levels": len(hits)},
                "two spellings that look alike are two things to a model",
                "kept",
                "read the file again with its true encoding, or clean these cells",
            )
            break


def example() -> Look:
    """UTF-8 read as Latin-1."""
    rng = np.random.default_rng(0)
    town = rng.choice(np.array(["ZÃ¼rich", "Bonn", "Oslo"], dtype=object), 200)
    return examples.look({**examples.noise(200), "town": town})


def clean() -> Look:
    """Honest accents and signs."""
    rng = np.random.default_rng(0)
    town = rng.choice(np.array(["Zürich", "São Paulo", "A & B < C", "Ærø"], dtype=object), 200)
    return examples.look({**examples.noise(200), "town": town})


CARD = CheckCard(
    code="A423",
    question="Are there broken or unseen characters?",
    reads="structure",
    run=run,
    example=example,
    clean=clean,
    severity="warn",
    rule="any cell with a replacement character, doubly encoded letters, control or zero-width characters, or HTML",
    false_alarms=0.0,
    does="kept",
    applies=applies.kinds("category", "text"),
)
