"""T: a column whose repeated values are the target's own means: encoded with its own rows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import examples, shallow
from heldout.audits.blocked import block, blocked
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.audits.singles import values_of
from heldout.audits.watch import watch
from heldout.core.arrays import Doubles

FEWEST = 10  # repeated values, and such with different targets
STRAIGHT = 0.98  # R squared of the means on the value
LEAST_STRAIGHT = 0.7  # whatever is not in sight: below it no line was seen (covtype: 0.14)
LEAST_SEEN = 0.7  # share of the rows; of fewer the means differ from the encoded ones by chance
TOO_GOOD = 0.2  # of the noise that an honest column must show
LOG_TAIL = -20.0
MOST_CLASSES = 10


def run(look: Look) -> Iterator[Finding]:
    """The means of y by value lie closer to a line than chance lets an honest column."""
    assert look.y is not None
    assert look.task is not None
    targets = [look.y]
    if look.task.is_classification:
        common = np.argsort(-np.bincount(look.y.astype(np.int64)))[:MOST_CLASSES]
        targets = [(look.y == c).astype(np.float64) for c in common]
        targets = targets[:1] if len(look.task.classes) == 2 else targets
    for column in look.table.schema.inputs:
        watch(look)
        if column.kind != "number" or column.name in blocked(look):
            continue
        x = shallow.as_numbers(values_of(look, column.name), column)
        hits = [e for y in targets if (e := _too_good(x, y, _seen(look))) is not None]
        if hits:
            block(look, [column.name])
            yield _finding(column.name, hits[0])


def _seen(look: Look) -> float:
    """The share of the file's rows that this look holds: the others were encoded too."""
    assert look.y is not None
    if look.rank is None or not len(look.rank):
        return 1.0
    return min(1.0, len(look.y) / (int(look.rank.max()) + 1))


def _too_good(x: Doubles, y: Doubles, seen: float) -> dict[str, float] | None:
    """Evidence, or None. With only a share of the rows in sight, the means differ by chance."""
    known = ~np.isnan(x)
    values, place, counts = np.unique(x[known], return_inverse=True, return_counts=True)
    k = int((counts >= 2).sum())
    if k < FEWEST or seen < LEAST_SEEN:
        return None
    use = counts >= 2
    rows = use[place]
    sums = np.bincount(place, y[known], len(values))
    mean = sums / counts
    squares = (y[known] - mean[place]) ** 2
    within = float(squares[rows].sum())
    freedom = int(counts[use].sum()) - k
    n, v, m = counts[use].astype(np.float64), values[use], mean[use]
    v0, m0 = np.average(v, weights=n), np.average(m, weights=n)
    spread, total = float(n @ (v - v0) ** 2), float(n @ (m - m0) ** 2)
    mixed = int((np.bincount(place, squares, len(values))[use] > 0).sum())
    if mixed < FEWEST or freedom < 1 or spread <= 0 or total <= 0:
        return None
    slope = float(n @ ((v - v0) * (m - m0))) / spread
    left = float(n @ (m - m0 - slope * (v - v0)) ** 2)
    noise = (k - 2) * within / freedom  # what an honest column leaves, on average
    missing = 1.0 - seen
    ratio, r2 = left / noise, 1 - left / total
    straight = r2 > max(LEAST_STRAIGHT, STRAIGHT - 1.3 * missing * noise / total)
    if (
        straight
        and ratio < TOO_GOOD * seen + missing
        and _log_tail(k, left * freedom / within) < LOG_TAIL
    ):
        return {"values": float(k), "r2": r2, "noise_share": ratio}
    return None


def _log_tail(k: int, q: float) -> float:
    """log P(chi squared with k - 2 degrees of freedom < q)."""
    from scipy.special import gammainc

    tail = float(gammainc((k - 2) / 2, q / 2))
    return float(np.log(tail)) if tail > 0 else -np.inf


def _finding(name: str, evidence: dict[str, float]) -> Finding:
    return Finding(
        "A302",
        "self_encoding",
        "block",
        f"`{name}`: its {evidence['values']:.0f} repeated values are the target's own means",
        (name,),
        evidence,
        "an encoding made with the target of its own row tells that row's target",
        "set aside",
        "give the column that was encoded: heldout encodes it inside each fold",
        f"--keep {name}",
    )


def example() -> Look:
    """The mean of the target by town, with the row's own target in it."""
    rng = np.random.default_rng(0)
    y = (rng.random(900) < 0.4).astype(np.float64)
    town = rng.integers(0, 120, 900)
    means = np.bincount(town, y, 120) / np.maximum(1, np.bincount(town, minlength=120))
    return examples.look({**examples.noise(900), "town_rate": means[town]}, y)


CARD = CheckCard(
    code="A302",
    question="Is a column the target's own mean by group?",
    reads="target",
    run=run,
    example=example,
    severity="block",
    rule="repeated values agree with their own means of the target better than chance allows (log p below -20)",
    false_alarms=0.001,
    does="set aside; --keep overrules",
)
