"""Which calibrator, if any, and out-of-fold probabilities calibrated fairly.

By n, twice the samples of the rarest class: below 1,000 Platt; from 1,000 beta, if it beats
Platt; from 10,000 isotonic, if it beats the better one; temperature for more than two classes.
To beat means a paired z above 2 in cross-validation. Nothing is done unless the lower end of
the gain in log loss is above 0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from heldout.core.arrays import Array, Doubles, Ints
from heldout.core.seed import Seed
from heldout.metrics.several import two_columns
from heldout.models import calibrate_labels
from heldout.models.calibrate_labels import PER_LABEL
from heldout.models.card import CALIBRATORS
from heldout.models.logits import log_loss
from heldout.stats.estimate import Estimate
from heldout.stats.intervals import interval
from heldout.tasks.task import Task

if TYPE_CHECKING:
    from heldout.graph.tape import Tape

FOLDS = 5
BETA_FROM, ISOTONIC_FROM = 1_000, 10_000
MOST = 50_000  # samples that calibrators are compared on
NESTED = 20_000  # up to so many samples each fold chooses its calibrator anew
FEWEST = 20  # samples of the rarest class: below, nothing can be learned about probabilities
BEATS = 2.0

Calibrator = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Choice:
    """The chosen calibrator or None, and the gain in log loss of each that was tried; ``tried``
    tells each with the interval of its gain, its log loss, and whether it is used or why not."""

    calibrator: Calibrator | None
    gains: Mapping[str, float]
    low: float | None = None
    reason: str = ""
    tried: tuple[Mapping[str, Any], ...] = ()


def choose(p: Doubles, y: Array, task: Task, groups: Array | None = None) -> Calibrator | None:
    """(name, state) fitted on all of ``p``, or None where nothing is gained for certain."""
    return decide(p, y, task, groups).calibrator


def decide(p: Doubles, y: Array, task: Task, groups: Array | None = None) -> Choice:
    """``choose`` with its evidence. ``p`` (samples, classes) out-of-fold probabilities, ``y``
    class codes, ``groups`` the unit that samples belong to. Several labels: each its own."""
    if task.is_multilabel:
        return _of_labels(p, y, task, groups)
    if not task.is_classification:
        return Choice(None, {}, reason="values need no calibration")
    count = np.bincount(np.asarray(y).astype(np.int64), minlength=task.outputs)
    rarest = int(count[count > 0].min())
    if rarest < FEWEST or (count > 0).sum() < 2:
        return Choice(None, {}, reason=f"{rarest} samples of the rarest class are too few")
    best, gains = _compare(*_some(p, y, groups), tried(2 * rarest, task), task)
    gain = float(gains[best].mean())
    found = interval(Estimate(gain, gains[best] - gain), groups=_some(p, y, groups)[2])
    means = {name: float(g.mean()) for name, g in gains.items()}
    sure = found.low is not None and found.low > 0
    told = _told(gains, best, sure, *_some(p, y, groups))
    if not sure:
        return Choice(None, means, found.low, "no gain in log loss that is certain", told)
    state = CALIBRATORS.get(best).fit(p, y, task)
    return Choice((best, state), means, found.low, f"{best} lowers log loss by {gain:.4f}", told)


def _of_labels(p: Doubles, y: Array, task: Task, groups: Array | None) -> Choice:
    """A choice for each label; told are the labels that have a calibrator, with its gain."""
    each = [
        decide(two_columns(p[:, j]), y[:, j], part, groups) for j, part in enumerate(task.parts)
    ]
    used = {
        f"{part.target}: {c.calibrator[0]}": c.gains[c.calibrator[0]]
        for part, c in zip(task.parts, each, strict=True)
        if c.calibrator is not None
    }
    words = f"{len(used)} of {len(each)} labels gain for certain" if used else each[0].reason
    return Choice(calibrate_labels.joined([c.calibrator for c in each]), used, reason=words)


def to_onnx(calibrator: tuple[str, Mapping[str, Any]], tape: Tape, name: str) -> str:
    """A calibrator on a tape."""
    kind, state = calibrator
    if kind == PER_LABEL:
        return calibrate_labels.to_onnx(state, tape, name)
    return CALIBRATORS.get(kind).to_onnx(state, tape, name)


def _told(
    gains: Mapping[str, Doubles],
    best: str,
    sure: bool,
    p: Doubles,
    y: Array,
    groups: Array | None,
) -> tuple[Mapping[str, Any], ...]:
    """Every alternative with its numbers, doing nothing first."""
    before = float(log_loss(p, y).mean())
    told: list[Mapping[str, Any]] = [
        {"name": "none", "gain": 0.0, "low": None, "high": None, "log_loss": before,
         "used": not sure, "reason": "as the models said"}
    ]  # fmt: skip
    for name, gain in gains.items():
        mean = float(gain.mean())
        found = interval(Estimate(mean, gain - mean), groups=groups)
        used = sure and name == best
        words = "the gain is certain" if used else "not certainly better than a simpler one"
        if name == best and not sure:
            words = "the gain is not certain"
        told.append(
            {"name": name, "gain": mean, "low": found.low, "high": found.high,
             "log_loss": before - mean, "used": used, "reason": words}
        )  # fmt: skip
    return tuple(told)


def _some(p: Doubles, y: Array, groups: Array | None) -> tuple[Doubles, Array, Array | None]:
    """At most ``MOST`` samples, in a fixed random draw."""
    if len(y) <= MOST:
        return p, y, groups
    kept = np.sort(Seed(0).child("calibrate", "some").rng().permutation(len(y))[:MOST])
    return p[kept], y[kept], None if groups is None else groups[kept]


def _compare(
    p: Doubles, y: Array, groups: Array | None, names: list[str], task: Task
) -> tuple[str, dict[str, Doubles]]:
    """The best name, and the gain in log loss of each by sample, cross-validated."""
    folds = assign(len(y), y, groups)
    before = log_loss(p, y)
    gains: dict[str, Doubles] = {}
    best = ""
    for name in names:
        gains[name] = before - log_loss(_out_of_fold(name, p, y, folds, task), y)
        if not best or _z(gains[name] - gains[best], groups) > BEATS:
            best = name
    return best, gains


def tried(n: int, task: Task) -> list[str]:
    """Calibrators to try at ``n`` samples (twice the rarest class), from simple to flexible."""
    if task.outputs > 2:
        return ["temperature"]
    names = ["platt"]
    if n >= BETA_FROM:
        names.append("beta")
    if n >= ISOTONIC_FROM:
        names.append("isotonic")
    return names


def apply(calibrator: tuple[str, Mapping[str, Any]] | None, p: Doubles) -> Doubles:
    """Calibrated probabilities; ``p`` itself without a calibrator."""
    if calibrator is None:
        return p
    name, state = calibrator
    if name == PER_LABEL:
        return calibrate_labels.apply(state, p)
    return CALIBRATORS.get(name).apply(state, p)


def cross_fitted(
    p: Doubles,
    y: Array,
    folds: Array,
    task: Task,
    groups: Array | None = None,
) -> Doubles:
    """Calibrated out-of-fold probabilities: for each fold the calibrator is chosen (up to 20,000
    samples; once for all above) and fitted on the samples of the other folds (joints 10).
    ``folds`` (samples,) numbers of folds."""
    if task.is_multilabel:

        def one(q: Doubles, truth: Array, part: Task) -> Doubles:
            return cross_fitted(q, truth, folds, part, groups)

        return calibrate_labels.by_label(p, y, task, one)
    if not task.is_classification:
        return p
    once = choose(p, y, task, groups) if len(y) > NESTED else None
    if len(y) > NESTED and once is None:
        return p
    out = p.copy()
    for fold in np.unique(folds):
        here = np.asarray(folds) == fold
        rest = None if groups is None else groups[~here]
        if not (~here).any():
            continue
        if once is None:
            calibrator = choose(p[~here], y[~here], task, rest)
        else:
            calibrator = (once[0], CALIBRATORS.get(once[0]).fit(p[~here], y[~here], task))
        out[here] = apply(calibrator, p[here])
    return out


def assign(n: int, y: Array, groups: Array | None) -> Ints:
    """A fold number for each sample: by class in a fixed random order, groups together."""
    rng = Seed(0).child("calibrate").rng()
    if groups is not None:
        _, codes = np.unique(groups, return_inverse=True)
        place = rng.permutation(int(codes.max()) + 1) % FOLDS
        return np.asarray(place[codes.reshape(-1)], dtype=np.int64)
    order = rng.permutation(n)
    order = order[np.argsort(np.asarray(y)[order], kind="stable")]
    folds = np.empty(n, dtype=np.int64)
    folds[order] = np.arange(n) % FOLDS
    return folds


def _out_of_fold(name: str, p: Doubles, y: Array, folds: Ints, task: Task) -> Doubles:
    card = CALIBRATORS.get(name)
    out = p.copy()
    for fold in range(FOLDS):
        here = folds == fold
        if here.any() and not here.all():
            out[here] = card.apply(card.fit(p[~here], y[~here], task), p[here])
    return out


def _z(gain: Doubles, groups: Array | None) -> float:
    """Paired mean over its standard error."""
    mean = float(gain.mean())
    error = interval(Estimate(mean, gain - mean), groups=groups).standard_error
    if error is None or not error > 0:
        return 0.0
    return mean / error if math.isfinite(mean) else 0.0
