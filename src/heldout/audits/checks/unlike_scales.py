"""Numbers of unlike size side by side: 0 to 1 beside 100 to 200 (PREP-04)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import applies, examples
from heldout.audits.cells import numbers
from heldout.audits.finding import CheckCard, Finding, Look

FEWEST, RATIO = 20, 50.0


def run(look: Look) -> Iterator[Finding]:
    """The usual size of each column: the 95 % quantile of its values without their sign."""
    sizes = {n.name: float(np.quantile(np.abs(n.known), 0.95)) for n in numbers(look, FEWEST)}
    sizes = {name: size for name, size in sizes.items() if 0 < size < np.inf}
    if len(sizes) < 2:
        return
    small, large = (pick(sizes, key=lambda name: sizes[name]) for pick in (min, max))
    ratio = sizes[large] / sizes[small]
    if ratio < RATIO:
        return
    yield Finding(
        "A411",
        "unlike_scales",
        "note",
        f"`{large}` goes to {sizes[large]:.3g} and `{small}` to {sizes[small]:.3g}: numbers of "
        "unlike size side by side",
        (),
        {"largest": sizes[large], "smallest": sizes[small], "ratio": ratio},
        "fed as they are, the large ones would drown the small ones in a network, a distance or "
        "a penalty; trees do not mind",
        "linear models and networks get each column scaled by its training rows alone",
    )


def example() -> Look:
    """0 to 1 beside 100 to 200."""
    rng = np.random.default_rng(0)
    return examples.look({"share": rng.random(200), "weight": rng.uniform(100, 200, 200)})


def clean() -> Look:
    """All around 0."""
    return examples.look(examples.noise(200))


CARD = CheckCard(
    code="A411",
    question="Are numbers of unlike size side by side?",
    reads="structure",
    run=run,
    example=example,
    clean=clean,
    severity="note",
    rule="the 95 % quantile of the size of one column is 50 times that of another",
    false_alarms=0.0,
    does="linear models and networks get each column scaled by its training rows alone",
    applies=applies.kinds("number"),
    informs=True,
)
