"""What looking at the validation rows has cost, and how much the score moves with the split.

EVAL-12: every score that a choice was made by is a look at the validation rows; each look makes
the best of them a little too good. EVAL-11: another shuffle gives another score; by how much is
measured, and a single split that moves too much is advised against.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from heldout.audits import shallow
from heldout.core.arrays import Doubles
from heldout.core.names import plural
from heldout.metrics.score import METRICS
from heldout.metrics.scoring import score
from heldout.search.result import SearchResult
from heldout.stats.quantiles import chi2_p, normal
from heldout.tables.table import Table
from heldout.workflow.baseline import MOST_ROWS, Baseline, classes_of, column_answers
from heldout.workflow.context import Context
from heldout.workflow.define import Defined
from heldout.workflow.protocol import Protocol
from heldout.workflow.tune import Tuned
from heldout.workflow.verdict import Verdict

SHUFFLES = 10  # of a single split, with the best single column
LARGE = 0.25  # of the gain over the null model
SUSPECT = 0.001  # the chance of folds that differ so much


def record_looks(
    tuned: Tuned, found: SearchResult, validated: Verdict, verdict: Verdict, context: Context
) -> None:
    """Enter the ledger of looks: how many, and the best validation score against what is claimed
    and against the sealed one."""
    candidates = len(found.results)
    folds = sum(v is not None for r in found.results for v in r.fold_scores)
    settled = int(tuned.calibrator is not None) + int(tuned.threshold is not None)
    blends = tuned.choice.rounds if tuned.choice.is_ensemble else 0
    best, paid = tuned.score.value, validated.score.value
    greater = METRICS.get(tuned.score.metric).greater_is_better
    cost = max(0.0, best - paid if greater else paid - best)
    numbers: dict[str, Any] = {
        "looks": candidates + blends + settled,
        "candidates": candidates,
        "fold_scores": folds,
        "blends": blends,
        "calibration_and_threshold": settled,
        "validation_rows": len(tuned.rows),
        "metric": tuned.score.metric,
        "best_validation": best,
        "after_paying": paid,
        "cost": cost,
    }
    words = f"choosing has flattered the best one by about {cost:.2g}"
    if verdict.sealed:
        numbers |= _against(verdict, tuned)
        words += f"; sealed rows, which no choice saw, gave {verdict.score.value:.4g}"
    context.write(
        "looks",
        f"{plural(numbers['looks'], 'look')} at {plural(len(tuned.rows), 'validation row')}",
        words,
        numbers=numbers,
    )


def _against(verdict: Verdict, tuned: Tuned) -> dict[str, Any]:
    """The sealed score less the best validation score; both are of other rows, so errors add."""
    gap = verdict.score.value - tuned.score.value
    errors = [s.standard_error for s in (verdict.score, tuned.score)]
    if any(e is None for e in errors):
        return {"sealed": verdict.score.value, "gap": gap}
    half = normal(0.95) * math.hypot(*(float(e) for e in errors if e is not None))
    return {
        "sealed": verdict.score.value,
        "gap": gap,
        "gap_low": gap - half,
        "gap_high": gap + half,
    }


def record_stability(
    tuned: Tuned,
    repeats: Sequence[Doubles],
    trivial: Baseline,
    table: Table,
    defined: Defined,
    plan: Protocol,
    context: Context,
) -> None:
    """Enter how much the score moves with the split: between repeats, between folds, or, for one
    split, between new shuffles with the best single column."""
    task, rows = defined.task, tuned.rows
    at = tuned.threshold.value if tuned.threshold else None
    numbers: dict[str, Any] = {"metric": task.metric, "protocol": plan.plan.protocol}
    values = [
        score(task.metric, task, defined.y[rows], p[rows], threshold=at).value
        for p in (tuned.calibrated, *repeats)
    ]
    folds = [v for v in tuned.members[0][0].fold_scores if v is not None and math.isfinite(v)]
    if len(folds) > 2:
        numbers |= _between_folds(folds, tuned)
    words, moved = "", None
    if len(values) > 1:
        moved = float(np.std(values, ddof=1))
        numbers |= {"repeats": values, "between_repeats": moved}
        words = (
            f"{len(values)} shuffles of the same rows differ by {moved:.2g} (standard deviation)"
        )
    elif len(plan.plan.folds) == 1 and plan.plan.unit != "time" and trivial.column:
        each = shuffled_splits(trivial.column, table, defined, plan, context)
        moved = float(np.std(each, ddof=1)) if len(each) > 1 else None
        numbers |= {"shuffles": each, "between_shuffles": moved, "shuffled_with": trivial.column}
        words = f"{len(each)} new splits differ by {moved or 0:.2g}, with `{trivial.column}` alone"
    elif "between_folds" in numbers:
        words = f"one fold differs from the next by {numbers['between_folds']:.2g}"
    numbers["advised"] = moved is not None and len(values) == 1 and _too_much(moved, tuned, trivial)
    if numbers["advised"]:
        words += ": a lot beside what is gained over the baseline; --protocol kfold is steadier"
    if words:
        context.write("stability", words, numbers=numbers, overrule="--protocol")


def _between_folds(folds: Sequence[float], tuned: Tuned) -> dict[str, Any]:
    """Spread of the heaviest member's fold scores, beside what the luck of rows alone gives."""
    spread = float(np.std(folds, ddof=1))
    error = tuned.members[0][0].score.standard_error if tuned.members[0][0].score else None
    found = {"folds": list(folds), "fold_mean": float(np.mean(folds)), "between_folds": spread}
    if error:
        by_luck = error * math.sqrt(len(folds))
        p = chi2_p((len(folds) - 1) * (spread / by_luck) ** 2, len(folds) - 1)
        found |= {"by_luck": by_luck, "p": p, "folds_differ": p < SUSPECT}
    return found


def _too_much(moved: float, tuned: Tuned, trivial: Baseline) -> bool:
    return moved > LARGE * abs(tuned.score.value - trivial.score.value)


def shuffled_splits(
    column: str, table: Table, defined: Defined, plan: Protocol, context: Context
) -> list[float]:
    """The metric of one column alone on 10 new splits of the open samples, units whole."""
    task, y, opened = defined.task, defined.y, plan.plan.open
    kind = table.schema[column]
    values = table.arrays([column])[column]
    ordered = kind.kind in ("number", "boolean", "date")
    codes = shallow.bins(shallow.as_numbers(values, kind)) if ordered else shallow.as_codes(values)
    samples = plan.samples
    unit = (samples.copy_of if samples.group is None else samples.group)[opened]
    share = len(plan.plan.folds[0].valid) / len(opened)
    found = []
    for number in range(SHUFFLES):
        rng = context.seed.child("stability", number).rng()
        names = np.unique(unit)
        held = np.isin(unit, rng.permutation(names)[: max(1, round(share * len(names)))])
        train, valid = opened[~held][:MOST_ROWS], opened[held]
        if not len(train) or not len(valid):
            continue
        answers = column_answers(
            codes[train], y[train], classes_of(task), ordered, int(codes.max()) + 1
        )
        value = score(task.metric, task, y[valid], answers[codes[valid]]).value
        if math.isfinite(value):
            found.append(float(value))
    return found
