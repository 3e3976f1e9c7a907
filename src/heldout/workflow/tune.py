"""Step 6, tune: who answers, with which calibration and threshold, and what it scored out of fold.

Everything is chosen on out-of-fold predictions of open rows; every score that is reported uses
calibrators fitted on the other folds (joints 10).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from heldout.core.arrays import Array, Doubles, Ints
from heldout.metrics.score import Score
from heldout.metrics.scoring import Cut, score
from heldout.models import calibrate
from heldout.models.threshold import Threshold
from heldout.models.threshold import choose as choose_threshold
from heldout.search.choose import Choice
from heldout.search.correct import Corrected, correct, factor_of
from heldout.search.result import CandidateResult, SearchResult
from heldout.workflow.context import Context
from heldout.workflow.define import Defined
from heldout.workflow.protocol import Protocol


@dataclass(frozen=True)
class Tuned:
    """The choice among ``results``; ``mixed`` (samples, outputs) is the blend out of fold,
    ``calibrated`` the same with cross-fitted calibration; NaN outside the open rows."""

    results: Sequence[CandidateResult]
    choice: Choice
    mixed: Doubles
    calibrated: Doubles
    calibrator: tuple[str, Mapping[str, Any]] | None
    threshold: Threshold | None
    rows: Ints
    groups: Array | None
    score: Score

    @property
    def members(self) -> list[tuple[CandidateResult, float]]:
        """Each with its weight, heaviest first."""
        return [(self.results[i], w) for i, w in self.choice.members]


def tune(found: SearchResult, defined: Defined, plan: Protocol, context: Context) -> Tuned:
    """Calibrate the chosen ones, set the threshold; enter each with its evidence."""
    task, y = defined.task, defined.y
    rows, groups, choice = found.scored, plan.samples.group, found.choice
    assert choice is not None
    mixed = found.blended
    folds = fold_numbers(plan, len(y))
    unit = None if groups is None else groups[rows]
    chosen = calibrate.decide(mixed[rows], y[rows], task, unit)
    calibrated = mixed.copy()
    calibrated[rows] = calibrate.cross_fitted(mixed[rows], y[rows], folds[rows], task, unit)
    final = calibrate.apply(chosen.calibrator, mixed[rows])
    threshold = choose_threshold(task, y[rows], final)
    at = threshold.value if threshold else None
    scored = score(
        task.metric,
        task,
        y[rows],
        calibrated[rows],
        threshold=at,
        groups=plan.units_of(rows),
        factor=factor_of(len(rows)),
        validated=True,
    )
    tuned = Tuned(
        found.usable, choice, mixed, calibrated, chosen.calibrator, threshold, rows, groups, scored
    )
    _record(tuned, chosen, context)
    return tuned


def corrected(
    tuned: Tuned, repeats: Sequence[Doubles], defined: Defined, plan: Protocol, context: Context
) -> Corrected:
    """The score without a seal: the choice is paid for (joints 11)."""
    units = np.zeros(len(defined.y), dtype=np.int64)
    by = plan.units_of(tuned.rows)
    if by is not None:
        units[tuned.rows] = by
    counted = len(tuned.rows) if plan.plan.unit == "time" or by is None else len(np.unique(by))
    return correct(
        [r.prediction for r in tuned.results],
        defined.y,
        defined.task,
        rows=tuned.rows,
        choice=tuned.choice,
        repeats=[tuned.calibrated, *repeats],
        groups=None if by is None else units,
        factor=factor_of(counted),
        seed=context.seed.child("correct"),
        deadline=context.clock.deadline(reserve=2.0),
    )


def fold_numbers(plan: Protocol, n: int) -> Ints:
    """The fold in which each sample was validated in repeat 0; -1 elsewhere."""
    numbers = np.full(n, -1, dtype=np.int64)
    for fold in plan.plan.folds:
        numbers[fold.valid] = fold.number
    return numbers


def told(threshold: Cut) -> str:
    """One threshold, or the range of several.

    >>> told(0.5), told((0.2, 0.5))
    ('0.5', '0.2 to 0.5')
    """
    if threshold is None or isinstance(threshold, (int, float)):
        return f"{threshold:.4g}" if threshold is not None else ""
    return f"{min(threshold):.4g} to {max(threshold):.4g}"


def _record(tuned: Tuned, chosen: calibrate.Choice, context: Context) -> None:
    gain = tuned.choice.gain
    names = [r.name for r, _ in tuned.members]
    best = tuned.results[tuned.choice.best]
    context.write(
        "ensemble",
        " + ".join(names),
        tuned.choice.reason,
        numbers={
            "members": [{"name": r.name, "weight": w} for r, w in tuned.members],
            "score": tuned.score.value,
            "best_single": {"name": best.name, "value": best.score.value if best.score else None},
            "gain": gain.value if gain else None,
            "gain_low": gain.low if gain else None,
            "gain_high": gain.high if gain else None,
            "tried": len(tuned.results),
            "correlation": tuned.choice.correlation,
        },
    )
    if tuned.calibrator is not None or chosen.gains:
        context.write(
            "calibrate",
            tuned.calibrator[0] if tuned.calibrator else "none",
            chosen.reason,
            numbers={
                "kind": tuned.calibrator[0] if tuned.calibrator else None,
                "gains": dict(chosen.gains),
                "tried": [dict(one) for one in chosen.tried],
            },
        )
    if tuned.threshold is not None:
        context.write(
            "threshold",
            told(tuned.threshold.value),
            tuned.threshold.reason,
            numbers={"threshold": tuned.threshold.value, "chosen_by": tuned.threshold.rule},
            overrule="--threshold, --cost, --capacity",
        )
