"""Which candidates cannot be told from the best: a paired test, paid for (EVAL-15, EVAL-24).

Fold by fold, with Nadeau and Bengio's correction for training parts that overlap; Holm's steps
over all candidates that are compared. Where there is one fold, or a metric that is not defined in
some, the influence values of both decide.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from heldout.core.arrays import Array
from heldout.metrics.scoring import compare
from heldout.stats.quantiles import normal_p, student_p
from heldout.stats.tests import corrected_interval, corrected_t, holm

if TYPE_CHECKING:
    from heldout.search.result import CandidateResult, SearchInput

LEVEL = 0.05
FEWEST_FOLDS = 3


def told_apart(
    given: SearchInput, results: Sequence[CandidateResult], rows: Array
) -> dict[str, Mapping[str, Any]]:
    """Name to how far a complete candidate lies behind the best one: ``behind`` (in units of the
    metric, positive: worse), ``behind_low``, ``behind_high``, ``p``, ``p_holm`` and
    ``cannot_be_told`` (p_holm above 0.05). The best one has no p. ``rows``: open samples that all
    predicted."""
    complete = [r for r in results if r.complete and r.score is not None]
    if not complete or not len(rows):
        return {}
    sign = 1.0 if given.task.greater_is_better else -1.0
    best = max(complete, key=lambda r: sign * (r.score.value if r.score else -math.inf))
    others = [r for r in complete if r is not best]
    share = _test_share(given)
    each = [_behind(given, best, r, rows, sign, share) for r in others]
    paid = holm(np.array([e[3] for e in each]))
    found: dict[str, Mapping[str, Any]] = {
        best.name: {"behind": 0.0, "behind_low": None, "behind_high": None, "p": None,
                    "p_holm": None, "cannot_be_told": True}
    }  # fmt: skip
    for result, (gap, low, high, p), p_holm in zip(others, each, paid, strict=True):
        found[result.name] = {
            "behind": gap,
            "behind_low": low if math.isfinite(low) else None,
            "behind_high": high if math.isfinite(high) else None,
            "p": p,
            "p_holm": float(p_holm),
            "cannot_be_told": bool(p_holm > LEVEL),
        }
    return found


def _test_share(given: SearchInput) -> float:
    """Validated samples over all that a fold holds, the mean over folds."""
    folds = given.plan.folds
    return float(np.mean([len(f.valid) / (len(f.valid) + len(f.training)) for f in folds]))


def _behind(
    given: SearchInput,
    best: CandidateResult,
    other: CandidateResult,
    rows: Array,
    sign: float,
    share: float,
) -> tuple[float, float, float, float]:
    """How much worse, both ends, p."""
    a, b = best.fold_scores, other.fold_scores
    defined = all(v is not None and math.isfinite(v) for v in (*a, *b))
    if defined and len(a) >= FEWEST_FOLDS:
        first, second = np.array(a, dtype=float), np.array(b, dtype=float)
        _, p = corrected_t(first, second, share)
        return (*corrected_interval(sign * (first - second), share), p)
    groups = None if given.groups is None else given.groups[rows]
    gain = compare(
        given.task.metric,
        given.task,
        given.y[rows],
        best.prediction[rows],
        other.prediction[rows],
        groups=groups,
        weights=None if given.weights is None else given.weights[rows],
    )
    error = gain.standard_error or 0.0
    z = gain.value / error if error > 0 else (0.0 if gain.value == 0 else math.inf)
    freedom = None if groups is None else len(np.unique(groups)) - 1
    p = normal_p(z) if freedom is None else student_p(z, freedom) if freedom > 0 else 1.0
    low = -math.inf if gain.low is None else gain.low
    high = math.inf if gain.high is None else gain.high
    return gain.value, low, high, p
