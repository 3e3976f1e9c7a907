"""Quick models of one column: a shallow tree on bins, smoothed means of levels, a line.

Written for milliseconds a column; the tree splits where the loss falls most, best leaf first.
"""

from __future__ import annotations

import numpy as np

from heldout.audits.goal import base_rates
from heldout.core.arrays import Array, Doubles, Ints
from heldout.tables.schema import NULL, NULL_DATE, Column

BINS = 254  # and one for missing, the last
LEAVES = 32
SMOOTHING = 5.0  # rows of prior in the mean of a level


def as_numbers(values: Array, column: Column) -> Doubles:
    """A number, boolean or date column as float64, missing NaN; infinities count as missing."""
    if column.kind == "date":
        return np.where(values == NULL_DATE, np.nan, values.astype(np.float64))
    return np.where(np.isfinite(values), values, np.nan).astype(np.float64)


def as_codes(values: Array) -> Ints:
    """Levels of strings as codes from 0 in order of first appearance; missing is a level."""
    known: dict[object, int] = {}
    return np.fromiter((known.setdefault(v, len(known)) for v in values.tolist()), np.int64)


def is_missing(values: Array, column: Column) -> Array:
    """(rows,) whether the cell is empty."""
    if column.kind in ("category", "text", "image"):
        return np.asarray(values == NULL, dtype=bool)
    return np.isnan(as_numbers(values, column))


def bins(values: Doubles) -> Ints:
    """Bins of about equal count, in order of value, from 0; missing is bin ``BINS``."""
    known = ~np.isnan(values)
    distinct = np.unique(values[known])
    if len(distinct) > BINS:
        distinct = np.unique(np.quantile(values[known], np.arange(1, BINS) / BINS))
        place = np.searchsorted(distinct, values, side="left")
    else:
        place = np.searchsorted(distinct, values)
    return np.where(known, place, BINS).astype(np.int64)


def totals(codes: Ints, y: Doubles, classes: int, size: int) -> Doubles:
    """(size, classes) counts, or (size, 3) count, sum and sum of squares."""
    if classes:
        flat = np.bincount(codes * classes + y.astype(np.int64), minlength=size * classes)
        return flat.reshape(size, classes).astype(np.float64)
    return np.stack([np.bincount(codes, w, size) for w in (np.ones(len(y)), y, y * y)], axis=1)


def _losses(held: Doubles, classes: int) -> Doubles:
    """The loss of answering each row's own total (..., k): n log n form, or sum of squares."""
    if classes:
        n = held.sum(axis=-1)
        return np.asarray(_xlogx(n) - _xlogx(held).sum(axis=-1), dtype=np.float64)
    return np.asarray(held[..., 2] - held[..., 1] ** 2 / np.maximum(held[..., 0], 1.0))


def _xlogx(x: Doubles) -> Doubles:
    return np.asarray(x * np.log(np.maximum(x, 1.0)), dtype=np.float64)


def tree(codes: Ints, y: Doubles, classes: int) -> Doubles:
    """Answers (BINS + 1, outputs) by bin of a tree fitted on binned rows, missing its own leaf."""
    held = totals(codes, y, classes, BINS + 1)
    least = max(5.0, len(y) / 100)
    cumulative = np.concatenate([np.zeros((1, held.shape[1])), np.cumsum(held[:BINS], axis=0)])
    prior = base_rates(y, classes)
    open_ = [_best_split(cumulative, 0, BINS, classes, least)]
    closed: list[tuple[int, int]] = []
    while open_ and len(open_) + len(closed) < LEAVES:
        best = max(range(len(open_)), key=lambda i: open_[i][0])
        gain, low, high, cut = open_.pop(best)
        if gain <= 1e-12:
            closed.append((low, high))
            continue
        open_ += [
            _best_split(cumulative, a, b, classes, least) for a, b in ((low, cut), (cut, high))
        ]
    answers = np.empty((BINS + 1, len(prior)))
    for low, high in closed + [(low, high) for _, low, high, _ in open_]:
        answers[low:high] = _answer(cumulative[high] - cumulative[low], prior, classes, 1.0)
    answers[BINS] = _answer(held[BINS], prior, classes, 1.0)
    return answers


def _best_split(
    cumulative: Doubles, low: int, high: int, classes: int, least: float
) -> tuple[float, int, int, int]:
    """(gain, low, high, cut) of bins low to high - 1."""
    left = cumulative[low + 1 : high] - cumulative[low]
    right = cumulative[high] - cumulative[low + 1 : high]
    count_left = left.sum(axis=1) if classes else left[:, 0]
    count_right = right.sum(axis=1) if classes else right[:, 0]
    allowed = (count_left >= least) & (count_right >= least)
    if not allowed.any():
        return 0.0, low, high, low
    whole = _losses(cumulative[high] - cumulative[low], classes)
    gain = np.where(allowed, whole - _losses(left, classes) - _losses(right, classes), -1.0)
    best = int(np.argmax(gain))
    return float(gain[best]), low, high, low + 1 + best


def _answer(held: Doubles, prior: Doubles, classes: int, weight: float) -> Doubles:
    if classes:
        return np.asarray((held + weight * prior) / (held.sum() + weight))
    return np.asarray((held[1:2] + weight * prior) / (held[0] + weight))


def level_means(codes: Ints, y: Doubles, classes: int, size: int) -> Doubles:
    """Answers (size, outputs) by level: means smoothed by ``SMOOTHING`` rows of the prior."""
    held = totals(codes, y, classes, size)
    prior = base_rates(y, classes)
    if classes:
        return np.asarray(
            (held + SMOOTHING * prior) / (held.sum(axis=1, keepdims=True) + SMOOTHING)
        )
    return np.asarray((held[:, 1:2] + SMOOTHING * prior) / (held[:, :1] + SMOOTHING))


def line(x: Doubles, y: Doubles, test: Doubles) -> Doubles:
    """(test rows, 1) least squares of y on one column; missing answers the mean."""
    known = ~np.isnan(x)
    a, b = x[known], y[known]
    spread = float(((a - a.mean()) ** 2).sum()) if len(a) else 0.0
    slope = float(((a - a.mean()) * (b - b.mean())).sum()) / spread if spread > 0 else 0.0
    fitted = b.mean() + slope * (test - a.mean()) if len(a) else test * np.nan
    return np.where(np.isnan(fitted), y.mean(), fitted)[:, None]
