"""Places at 0, 0: coordinates that were never filled, or written the wrong way round."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import applies, examples
from heldout.audits.cells import array, of_rows, share_of
from heldout.audits.coordinates import coordinates
from heldout.audits.finding import CheckCard, Finding, Look

FAR, MOST = 1.0, 0.5


def run(look: Look) -> Iterator[Finding]:
    """Both exactly 0 while the others are not near, or latitudes that only a longitude can have."""
    inputs = {c.name for c in look.table.schema.inputs}
    for a, b in coordinates(look.table.schema):
        if not {a, b} <= inputs:
            continue
        x, y = array(look, a), array(look, b)
        known = ~(np.isnan(x) | np.isnan(y))
        lost = known & (x == 0) & (y == 0)
        others = known & ~lost
        if not others.any():
            continue
        near = np.minimum(np.abs(x[others]), np.abs(y[others])).mean() < FAR
        if 0 < lost.sum() <= MOST * known.sum() and not near:
            yield _finding(
                (a, b),
                f"{share_of(int(lost.sum()), int(known.sum()))} of {of_rows(look)} lie at 0, 0 in the Gulf of Guinea",
                {"rows": int(lost.sum())},
                "empty these cells in the file",
            )
        if (np.abs(x[others]) > 90).mean() > MOST and (np.abs(y[others]) <= 90).all():
            yield _finding(
                (a, b),
                "the two seem to be exchanged: latitudes end at 90",
                {"rows": int(others.sum())},
                f"--rename {a}={b}, and the other way round",
            )


def _finding(where: tuple[str, str], told: str, evidence: dict[str, int], advice: str) -> Finding:
    return Finding(
        "A462",
        "null_island",
        "warn",
        f"`{where[0]}`, `{where[1]}`: {told}",
        where,
        evidence,
        "a place that is not there is near nothing",
        "kept",
        advice,
    )


def example() -> Look:
    """Oslo, and nowhere."""
    columns = examples.noise(300)
    lost = np.arange(300) % 30 == 0
    columns["lat"] = np.where(lost, 0.0, 59.9 + 0.1 * columns["x0"])
    columns["lon"] = np.where(lost, 0.0, 10.7 + 0.1 * columns["x1"])
    return examples.look(columns)


CARD = CheckCard(
    code="A462",
    question="Do coordinates lie at 0, 0?",
    reads="structure",
    run=run,
    example=example,
    severity="warn",
    rule="latitude and longitude exactly 0 in at most half of the rows, the others a degree away on average; or latitudes beyond 90",
    false_alarms=0.0,
    does="kept",
    applies=applies.kinds("number"),
)
