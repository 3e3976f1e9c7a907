"""From the outputs of the graph to answers: labels, probabilities, values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from heldout.core.arrays import Array, Doubles, Ints
from heldout.metrics.scoring import Cut, thresholds_of
from heldout.metrics.several import decide_each
from heldout.tasks.task import Task


@dataclass(frozen=True)
class Answers:
    """``values`` (n,): labels as text, or float64; ``probability`` (n, classes) and ``decision``
    (n,) class codes for classes; of several targets values (n, targets), and of labels probability
    (n, targets) of the positive class and decision (n, targets) 0 or 1; ``low`` and ``high`` (n,), of
    several targets (n, targets), where the graph gives an interval; ``sets`` (n, classes) 1 where a class
    belongs to the set that holds the truth as often as promised."""

    values: Array
    probability: Doubles | None = None
    decision: Ints | None = None
    low: Doubles | None = None
    high: Doubles | None = None
    sets: Ints | None = None

    def __len__(self) -> int:
        return len(self.values)

    def row(self, i: int, task: Task) -> dict[str, Any]:
        """One answer as JSON: ``prediction``, ``probability`` by class, ``low``, ``high``."""
        if task.parts:
            return self._several(i, task)
        value = self.values[i]
        told: dict[str, Any] = {
            "prediction": str(value) if self.decision is not None else _finite(value)
        }
        if self.probability is not None:
            told["probability"] = {
                label: _finite(p)
                for label, p in zip(task.classes, self.probability[i], strict=True)
            }
        if self.low is not None and self.high is not None:
            told |= {"low": _finite(self.low[i]), "high": _finite(self.high[i])}
        if self.sets is not None:
            told["set"] = [c for c, k in zip(task.classes, self.sets[i], strict=True) if k]
        return told

    def _several(self, i: int, task: Task) -> dict[str, Any]:
        """Both by target."""
        value = str if task.is_multilabel else _finite
        told: dict[str, Any] = {
            "prediction": {t: value(v) for t, v in zip(task.targets, self.values[i], strict=True)}
        }
        if self.probability is not None:
            pairs = zip(task.targets, self.probability[i], strict=True)
            told["probability"] = {target: _finite(p) for target, p in pairs}
        if self.low is not None and self.high is not None:
            for name, ends in (("low", self.low[i]), ("high", self.high[i])):
                told[name] = {t: _finite(v) for t, v in zip(task.targets, ends, strict=True)}
        return told


def to_answers(outputs: Mapping[str, Array], task: Task, threshold: Cut = None) -> Answers:
    """Name the outputs of a graph; another ``threshold`` decides again by the same rule."""
    if task.parts:
        return _of_several(outputs, task, threshold)
    low, high = outputs.get("lower"), outputs.get("upper")
    ends = {
        "low": None if low is None else low.ravel(),
        "high": None if high is None else high.ravel(),
    }
    if "probability" not in outputs:
        return Answers(np.asarray(outputs["prediction"], dtype=np.float64).ravel(), **ends)
    probability = np.asarray(outputs["probability"], dtype=np.float64)
    if threshold is None and "decision" in outputs:
        decision = np.asarray(outputs["decision"], dtype=np.int64).ravel()
    else:
        decision = decide(probability, task, threshold if isinstance(threshold, float) else None)
    labels = np.array(task.classes, dtype=object)
    return Answers(
        labels[decision], probability, decision, sets=outputs.get("prediction_set"), **ends
    )


def _of_several(outputs: Mapping[str, Array], task: Task, threshold: Cut) -> Answers:
    if not task.is_multilabel:
        values = np.asarray(outputs["prediction"], dtype=np.float64)
        return Answers(values, low=outputs.get("lower"), high=outputs.get("upper"))
    probability = np.asarray(outputs["probability"], dtype=np.float64)
    if threshold is None and "decision" in outputs:
        decision = np.asarray(outputs["decision"], dtype=np.int64)
    else:
        decision = decide_each(probability, thresholds_of(task, threshold))
    each = [
        np.array(p.classes, dtype=object)[d] for p, d in zip(task.parts, decision.T, strict=True)
    ]
    return Answers(np.stack(each, axis=1), probability, decision)


def decide(probability: Doubles, task: Task, threshold: float | None) -> Ints:
    """Class codes: the positive class from ``threshold`` on, or the likeliest; ties to the first.

    The rule of the graph, for thresholds that are not in it.
    """
    if threshold is None or task.kind != "binary":
        return np.asarray(np.argmax(probability, axis=1), dtype=np.int64)
    positive = task.positive_code
    codes: Ints = np.where(
        probability[:, positive] >= threshold, np.int64(positive), np.int64(1 - positive)
    )
    return codes


def _finite(value: Any) -> float | None:
    number = float(value)
    return number if np.isfinite(number) else None
