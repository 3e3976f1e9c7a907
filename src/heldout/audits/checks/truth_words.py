"""Yes and no in many words: Y, yes, 1, TRUE in one column."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import applies, examples
from heldout.audits.cells import levels
from heldout.audits.finding import CheckCard, Finding, Look

YES = {"1", "true", "t", "yes", "y", "on", "x", "ja", "oui", "si"}
NO = {"0", "false", "f", "no", "n", "off", "nein", "non"}


def run(look: Look) -> Iterator[Finding]:
    """Every level is a word for yes or for no, and there are more than two."""
    for words in levels(look):
        said = {w.strip().lower() for w in words.levels}
        if len(words.levels) > 2 and said <= YES | NO and said & YES and said & NO:
            shown = ", ".join(f'"{w}"' for w in sorted(words.levels)[:6])
            yield Finding(
                "A425",
                "truth_words",
                "warn",
                f"`{words.name}`: yes and no in {len(words.levels)} spellings: {shown}",
                (words.name,),
                {"levels": words.levels[:20]},
                "one answer under two names looks like two answers",
                "kept apart",
                "write one word for yes and one for no",
            )


def example() -> Look:
    """Four spellings."""
    rng = np.random.default_rng(0)
    word = rng.choice(np.array(["yes", "Y", "no", "N"], dtype=object), 200)
    return examples.look({**examples.noise(200), "member": word})


CARD = CheckCard(
    code="A425",
    question="Are yes and no spelled in several ways?",
    reads="structure",
    run=run,
    example=example,
    severity="warn",
    rule="three or more levels, every one a word for yes or for no",
    false_alarms=0.0,
    does="kept apart",
    applies=applies.kinds("category"),
)
