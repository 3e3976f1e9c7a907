"""One column in two units: two clusters whose ratio is a known factor."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import applies, examples
from heldout.audits.cells import Numbers, numbers, of_rows, share_of
from heldout.audits.finding import CheckCard, Finding, Look

FACTORS = {
    10.0: "a shifted point", 100.0: "cents, percent or centimetres", 1000.0: "thousands or millimetres",
    2.20462: "pounds and kilograms", 2.54: "inches and centimetres", 1.60934: "miles and kilometres",
    3.28084: "feet and metres", 30.48: "feet and centimetres", 25.4: "inches and millimetres",
    12.0: "months and years, or inches and feet", 60.0: "minutes and seconds or hours",
    3600.0: "hours and seconds", 1e6: "millions",
}  # fmt: skip
MOST = 0.2  # of the rows on the smaller side: two halves are two populations
FEWEST, SHARE, GAP, EMPTY, NEAR, ALIKE, DISTINCT = 5, 0.005, 0.15, 3.0, 0.04, 3.0, 20


def run(look: Look) -> Iterator[Finding]:
    """An empty stretch parts two clusters of alike shape at a known ratio."""
    for n in numbers(look, 50):
        found = _split(n)
        if found is None:
            continue
        few, ratio, factor = found
        yield Finding(
            "A408",
            "mixed_units",
            "warn",
            f"`{n.name}`: {share_of(few, len(n.known))} of {of_rows(look)} lie apart from the rest "
            f"by a factor of {ratio:.3g}, like {FACTORS[factor]}",
            (n.name,),
            {"rows": few, "ratio": ratio, "factor": factor},
            "the same thing in two units looks like two things",
            "kept",
            "bring the column to one unit in the file",
        )


def _split(n: Numbers) -> tuple[int, float, float] | None:
    """(rows on the smaller side, ratio of medians, known factor)."""
    if n.known[0] <= 0 or len(n.distinct) < DISTINCT:
        return None
    logs = np.log10(n.known)
    gaps = np.diff(logs)
    least = int(max(FEWEST, SHARE * len(logs)))
    inner = gaps[least - 1 : len(gaps) - least + 1]
    if not len(inner):
        return None
    at = int(np.argmax(inner)) + least
    low, high = logs[:at], logs[at:]
    gap = float(gaps[at - 1])
    others = np.delete(inner, at - least)
    if gap < GAP or (len(others) and gap < EMPTY * float(others.max())):
        return None
    ratio = 10 ** float(np.median(high) - np.median(low))
    factor = min(FACTORS, key=lambda f: abs(np.log10(ratio / f)))
    wide = [float(np.subtract(*np.quantile(side, [0.9, 0.1]))) + 1e-6 for side in (low, high)]
    alike = 1 / ALIKE < wide[0] / wide[1] < ALIKE and gap > max(wide) / 2
    if abs(np.log10(ratio / factor)) > NEAR or not alike:
        return None
    few = min(at, len(logs) - at)
    return (few, ratio, factor) if few <= MOST * len(logs) else None


def example() -> Look:
    """A tenth of the weights in grams, the others in kilograms."""
    columns = examples.noise(500)
    columns["weight"] = np.exp(0.1 * columns["x0"]) * np.where(np.arange(500) % 10 == 0, 70e3, 70)
    return examples.look(columns)


CARD = CheckCard(
    code="A408",
    question="Is a column written in two units?",
    reads="structure",
    run=run,
    example=example,
    severity="warn",
    rule="positive values in two clusters of alike shape, a stretch of 40 % between them that is empty beside all others, at most a fifth of the rows in one, medians at a known factor within 10 %",
    false_alarms=0.001,
    does="kept",
    applies=applies.kinds("number"),
)
