"""Step 8, test once: the bundle, read back from disk, answers the sealed rows (contracts 1, 10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from heldout.bundle import Bundle
from heldout.core.arrays import Array, Doubles
from heldout.metrics.confusion import confusion
from heldout.metrics.score import Score
from heldout.metrics.scoring import Cut, compare, decide, operating_point, score
from heldout.search.correct import GATE
from heldout.splits.ledger import Ledger
from heldout.stats.power import GATE_LEVEL, detectable_gain
from heldout.tasks import null
from heldout.tasks.task import Task
from heldout.workflow import existing
from heldout.workflow.baseline import Baseline
from heldout.workflow.context import Context
from heldout.workflow.define import Defined
from heldout.workflow.each_target import each_target, record_targets
from heldout.workflow.promise import sealed_coverage
from heldout.workflow.protocol import Protocol
from heldout.workflow.reliable import reliability

MOST_CLASSES = 30  # a confusion matrix of more says nothing that one could read


@dataclass(frozen=True)
class Verdict:
    """The number of the report: its score, that of the best null model on the same samples, the
    gain with its paired interval, and what else the one opening returns."""

    score: Score
    baseline: Score
    gain: Score
    sealed: bool
    others: tuple[Score, ...]
    openings: int
    before: tuple[str, ...]
    operating: Mapping[str, Any]
    reliability: Mapping[str, Any]
    targets: tuple[dict[str, Any], ...] = ()  # of several: each by itself
    detectable: float | None = None  # the smallest gain that these samples would have shown

    @property
    def signal(self) -> bool:
        """Joints 12: the lower end of the two-sided 97.5 % paired interval is above 0."""
        return self.gain.low is not None and self.gain.low > 0

    def corrected(self, score: Score, correction: float) -> Verdict:
        """The same with a score that pays for choosing; the gain pays the same, so a gain that is to
        be found must be larger by as much."""
        low = None if self.gain.low is None else self.gain.low - abs(correction)
        high = None if self.gain.high is None else self.gain.high - abs(correction)
        gain = replace(self.gain, value=self.gain.value - abs(correction), low=low, high=high)
        seen = None if self.detectable is None else self.detectable + abs(correction)
        return replace(self, score=score, gain=gain, detectable=seen)


def open_seal(
    bundle: Bundle,
    defined: Defined,
    plan: Protocol,
    trivial: Baseline,
    run_id: str,
    context: Context,
) -> Verdict:
    """The one opening. Entered in the ledger and the journal before anything is scored."""
    sealed = plan.plan.sealed
    openings, before = enter_opening(
        plan.plan.fingerprint, "once, by the bundle read back from disk", run_id, context
    )
    columns = defined.table.take(sealed).arrays([c.name for c in bundle.schema.inputs])
    outputs = bundle.run(columns)
    predicted = prediction_of(outputs)
    sealed_coverage(outputs, defined.y[sealed], context)
    groups = plan.units_of(sealed)
    y = defined.y[sealed]
    known = defined.y[plan.plan.open]
    nothing = null.predict(trivial.name, defined.task, known, len(sealed))
    if context.spec.existing:
        old = existing.predictions(context.spec.existing, defined.table.take(sealed), defined.task)
        existing.enter(
            context.spec.existing,
            defined.task,
            y,
            existing.filled(old, defined.task, known, trivial.name),
            predicted,
            context,
            where="sealed rows",
            groups=groups,
            threshold=bundle.threshold,
        )
    return judge(
        defined.task,
        y,
        predicted,
        nothing,
        groups=groups,
        threshold=bundle.threshold,
        sealed=True,
        openings=openings,
        before=before,
    )


def enter_opening(
    fingerprint: str, reason: str, run_id: str, context: Context, **more: Any
) -> tuple[int, tuple[str, ...]]:
    """Enter an opening in the ledger and the journal; how many there have been with this one,
    and the runs before."""
    earlier = Ledger().open(
        fingerprint, context.folder.name, datetime.now(UTC).isoformat(timespec="seconds")
    )
    before = tuple(dict.fromkeys(o.run for o in earlier))
    context.write(
        "seal",
        "opened",
        reason,
        numbers={"openings": len(earlier) + 1, "before": list(before), "run": run_id, **more},
    )
    return len(earlier) + 1, before


def judge(
    task: Task,
    y: Doubles,
    predicted: Doubles,
    nothing: Doubles,
    *,
    groups: Array | None,
    threshold: Cut,
    sealed: bool,
    openings: int = 0,
    before: tuple[str, ...] = (),
    factor: float = 1.0,
) -> Verdict:
    """Score a prediction and a null model on the same samples."""
    options: dict[str, Any] = {"threshold": threshold, "groups": groups, "factor": factor}
    chosen = score(task.metric, task, y, predicted, validated=not sealed, **options)
    others = tuple(
        score(name, task, y, predicted, validated=not sealed, **options)
        for name in task.card.metrics
        if name != task.metric
    )
    wide = factor if sealed else max(factor, GATE)
    gate = {**options, "factor": wide, "level": GATE_LEVEL}
    gain = compare(task.metric, task, y, predicted, nothing, **gate)
    return Verdict(
        chosen,
        score(task.metric, task, y, nothing, **options),
        gain,
        sealed,
        others,
        openings,
        before,
        _operating(task, y, predicted, threshold),
        reliability(task, y, predicted, groups=groups),
        each_target(task, y, predicted, nothing, groups=groups, threshold=threshold, factor=factor),
        None
        if gain.estimate is None or gain.low is None
        else detectable_gain(gain.estimate, groups=groups, factor=wide),
    )


def _operating(task: Task, y: Doubles, predicted: Doubles, threshold: Cut) -> dict[str, Any]:
    """Counts at the threshold; of several classes the confusion matrix."""
    if task.kind == "binary":
        return operating_point(task, y, predicted, _one(threshold))
    if task.parts:
        return {}  # each label has its own: ``each_target``
    decision = decide(predicted, task)
    if decision is None or task.outputs > MOST_CLASSES:
        return {}
    known = ~np.isnan(y)
    return {
        "confusion": confusion(y, decision, task.outputs).tolist(),
        "classes": list(task.classes),
        "samples": int(known.sum()),
    }


def _one(threshold: Cut) -> float | None:
    return threshold if isinstance(threshold, float) else None


def prediction_of(outputs: Mapping[str, Array]) -> Doubles:
    """Probabilities (samples, classes) or values (samples, 1) of a graph's outputs."""
    found: Doubles = outputs["probability"] if "probability" in outputs else outputs["prediction"]
    return found


def record(verdict: Verdict, trivial: Baseline, label: str, context: Context) -> None:
    """Enter gate, operating point and verdict; the reliability curve is entered beside the one
    out of fold (``decisions``)."""
    gain = verdict.gain
    context.write(
        "gate",
        "signal" if verdict.signal else "no signal",
        "signal: the lower end of the 97.5 % paired interval of the gain is above 0",
        numbers={
            "signal": verdict.signal,
            "gain": gain.value,
            "low": gain.low,
            "high": gain.high,
            "level": gain.level,
            "detectable": verdict.detectable,
        },
    )
    record_targets(verdict.targets, verdict.score.metric, context, sealed=verdict.sealed)
    if verdict.operating:
        numbers = {**verdict.operating, "sealed": verdict.sealed}
        context.write("operating", "at the shipped threshold", numbers=numbers)
    s = verdict.score
    context.write(
        "verdict",
        f"{s.metric} {s.value:.4g}",
        label,
        numbers={
            "metric": s.metric,
            "value": s.value,
            "low": s.low,
            "high": s.high,
            "samples": s.samples,
            "standard_error": s.standard_error,
            "baseline": verdict.baseline.value,
            "baseline_name": trivial.name,
            "best_column": {"name": trivial.column, "value": trivial.column_value},
            "level": s.level,
            "sealed": verdict.sealed,
            "label": label,
            "warning": s.warning,
            "others": [o.as_dict() for o in verdict.others],
        },
    )
