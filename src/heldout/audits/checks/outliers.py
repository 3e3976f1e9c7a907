"""Values so far from all others that they are errors, or another population."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import applies, examples
from heldout.audits.cells import Numbers, numbers, of_rows, robust, share_of
from heldout.audits.finding import CheckCard, Finding, Look

FAR, MOST_SHARE, FEWEST, DISTINCT = 8.0, 0.01, 50, 10


def run(look: Look) -> Iterator[Finding]:
    """Eight robust standard deviations away on every scale that suits the column."""
    for n in numbers(look, FEWEST):
        low, high = _ends(n)
        below = int(np.searchsorted(n.known, low, side="left"))
        above = len(n.known) - int(np.searchsorted(n.known, high, side="right"))
        far = below + above
        if not 0 < far <= MOST_SHARE * len(n.known):
            continue
        extreme = n.known[-1] if above else n.known[0]
        middle, _ = robust(n.known)
        yield Finding(
            "A401",
            "outliers",
            "note",
            f"`{n.name}`: {share_of(far, len(n.known))} of {of_rows(look)} lie far from all others, "
            f"up to {extreme:g} (the middle is {middle:g})",
            (n.name,),
            {"rows": far, "extreme": float(extreme), "median": middle},
            "a typing error, another unit, or the rare case that matters most",
            "kept: nothing is deleted; scaled inputs are clipped",
            "look at these rows; correct them in the file if they are wrong",
        )


def _ends(n: Numbers) -> tuple[float, float]:
    """Between them lies what is not far; the whole line where the column is not fit for it."""
    middle, spread = robust(n.known)
    nowhere = (-np.inf, np.inf)
    if len(n.distinct) < DISTINCT or np.quantile(n.known, 0.75) == np.quantile(n.known, 0.25):
        return nowhere
    low, high = middle - FAR * spread, middle + FAR * spread
    if n.known[0] >= 0:  # amounts and counts: what a log makes ordinary is no outlier
        some = float(np.quantile(n.known[n.known > 0], 0.25)) if n.known[0] == 0 else 0.0
        bent = np.log1p(n.known / some) if some else np.log(n.known)
        center, width = robust(bent)
        with np.errstate(over="ignore"):
            ends = np.exp(np.array([center - FAR * width, center + FAR * width]))
        far_low, far_high = (ends - 1) * some if some else ends
        low, high = min(low, float(far_low)), max(high, float(far_high))
    return low, high


def example() -> Look:
    """Two heights in millimetres."""
    columns = examples.noise(400)
    columns["height"] = 171 + 9 * columns["x0"]
    columns["height"][:2] *= 10
    return examples.look(columns)


def clean() -> Look:
    """Amounts over several orders of magnitude are ordinary."""
    columns = examples.noise(2_000)
    columns["amount"] = np.exp(2 * columns["x0"] + 5)
    return examples.look(columns)


CARD = CheckCard(
    code="A401",
    question="Do values lie far from all others?",
    reads="structure",
    run=run,
    example=example,
    clean=clean,
    severity="note",
    rule="eight robust standard deviations from the median, for amounts on the log scale too; at most 1 % of the rows",
    false_alarms=0.01,
    does="counted, never deleted; scaled inputs are clipped",
    applies=applies.kinds("number"),
    source="Hampel 1974 for the robust scale",
)
