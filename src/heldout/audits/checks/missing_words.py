"""Words that mean "missing" kept as levels, beside empty cells or in several spellings."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import applies, examples
from heldout.audits.cells import levels, of_rows, share_of
from heldout.audits.finding import CheckCard, Finding, Look

WORDS = {
    "unknown", "unkn", "unk", "not known", "not available", "n/a", "na", "n.a.", "missing", "undefined",
    "unspecified", "not specified", "not recorded", "not stated", "no data", "none given", "tbd", "-", "--",
    "?", "??", "n.d.", "blank", "(blank)", "empty", "xxx", "#value!", "#ref!", "#div/0!", "#n/a",
}  # fmt: skip


def run(look: Look) -> Iterator[Finding]:
    """Such a word beside empty cells, or two of them."""
    for words in levels(look):
        said = [i for i, w in enumerate(words.levels) if w.strip().lower() in WORDS]
        if not said or (len(said) == 1 and not words.column.nulls):
            continue
        rows = int(words.counts[said].sum())
        shown = ", ".join(f'"{words.levels[i]}"' for i in said[:4])
        beside = " beside empty cells" if words.column.nulls else ""
        yield Finding(
            "A426",
            "missing_words",
            "note",
            f"`{words.name}`: {shown} in {share_of(rows, words.filled)} of {of_rows(look)}{beside}",
            (words.name,),
            {"rows": rows, "words": [words.levels[i] for i in said]},
            "a gap under several names is several levels, each with its own meaning to a model",
            "kept as levels",
            "empty these cells, if they all mean that nothing is known",
        )


def example() -> Look:
    """Unknown, and a dash."""
    rng = np.random.default_rng(0)
    word = rng.choice(np.array(["Oslo", "Rome", "unknown", "-"], dtype=object), 300)
    return examples.look({**examples.noise(300), "town": word})


CARD = CheckCard(
    code="A426",
    question="Is missing spelled in several ways?",
    reads="structure",
    run=run,
    example=example,
    severity="note",
    rule="two words for missing among the levels, or one beside empty cells",
    false_alarms=0.0,
    does="kept as levels",
    applies=applies.kinds("category"),
)
