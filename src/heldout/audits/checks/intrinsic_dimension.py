"""How many numbers would be enough: intrinsic dimension, with the participation ratio beside it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heldout.audits import applies, examples
from heldout.audits.cells import numbers, sampled
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.audits.goal import normal_scores
from heldout.audits.watch import watch
from heldout.core.arrays import Doubles

COLUMNS, FEWEST, MOST, MOST_COLUMNS, TRIM, DISTINCT = 3, 100, 2_000, 200, 0.9, 10


def run(look: Look) -> Iterator[Finding]:
    """On the normal scores of number columns; at most 2,000 rows."""
    step = max(1, sampled(look).rows // MOST)
    made: list[Doubles] = []
    for n in numbers(look, FEWEST):
        if len(n.distinct) >= DISTINCT and len(made) < MOST_COLUMNS:
            x = np.where(np.isfinite(n.values[::step]), n.values[::step], np.nan)
            made.append(np.nan_to_num(normal_scores(x)))
    if len(made) < COLUMNS or len(made[0]) < FEWEST:
        return
    watch(look)
    matrix = np.stack(made, axis=1)[:MOST]
    own, ratio = two_nearest(matrix), participation(matrix)
    yield Finding(
        "A533",
        "intrinsic_dimension",
        "note",
        f"{len(made)} number columns vary like {own:.1f} (nearest neighbors), {ratio:.1f} by "
        "their correlations (participation ratio)",
        (),
        {"columns": len(made), "intrinsic": own, "participation": ratio},
        "far fewer than there are columns: they say much the same, and fewer would do",
        "measured",
    )


def two_nearest(x: Doubles) -> float:
    """Dimension by the ratio of the distances to the second and the first neighbor (Facco et al.
    2017): the ratio is Pareto with this index; the largest tenth is left out.

    >>> rng = np.random.default_rng(0)
    >>> abs(two_nearest(rng.normal(size=(1000, 2)) @ rng.normal(size=(2, 6))) - 2) < 0.3
    True
    """
    squares = (x * x).sum(axis=1)
    ratios = []
    for start in range(0, len(x), 500):
        far = squares[start : start + 500, None] + squares - 2 * x[start : start + 500] @ x.T
        far[np.arange(len(far)), np.arange(start, start + len(far))] = np.inf
        near = np.sqrt(np.maximum(np.partition(far, 1, axis=1)[:, :2], 0))
        ratios.append(near[near[:, 0] > 1e-6])
    both = np.concatenate(ratios)
    mu = np.sort(both[:, 1] / both[:, 0])
    kept = mu[: int(TRIM * len(mu))]
    if not len(kept):
        return 0.0
    total = np.log(kept).sum() + (len(mu) - len(kept)) * np.log(kept[-1])
    return float(len(kept) / total) if total > 0 else 0.0


def participation(x: Doubles) -> float:
    """(sum of eigenvalues)^2 / sum of their squares, of the correlation matrix.

    >>> round(participation(np.array([[1.0, 1.0], [-1.0, -1.0]])), 6)
    1.0
    """
    use = x[:, x.std(axis=0) > 0]
    roots = np.linalg.eigvalsh(np.atleast_2d(np.corrcoef(use, rowvar=False)))
    return float(roots.sum() ** 2 / (roots**2).sum())


def example() -> Look:
    """Four columns of noise."""
    return examples.look(examples.noise(300))


CARD = CheckCard(
    code="A533",
    question="How many columns would be enough?",
    reads="structure",
    run=run,
    example=example,
    severity="note",
    rule="measured where there are three number columns; at most 2,000 rows and 200 columns",
    false_alarms=0.0,
    does="measured",
    applies=applies.kinds("number"),
    informs=True,
    source="Facco, d'Errico, Rodriguez and Laio 2017",
)
