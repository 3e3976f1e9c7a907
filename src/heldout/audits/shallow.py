"""Quick models of one column: a shallow tree on bins, smoothed means of levels, a line.

Written for milliseconds a column; the tree splits where the loss falls most, best leaf first.
"""

from __future__ import annotations

import numpy as np

from heldout.audits.goal import base_rates
from heldout.core.arrays import Array, Doubles, Ints
from heldout.stats.standard import of_sorted
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
    ordered = np.sort(values[known])
    distinct = ordered[np.r_[True, ordered[1:] != ordered[:-1]][: len(ordered)]]
    if len(distinct) > BINS:
        cuts = of_sorted(ordered, np.arange(1, BINS) / BINS)
        distinct = cuts[np.r_[True, cuts[1:] != cuts[:-1]]]
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
    side = _Side(held[:BINS], classes, max(5.0, len(y) / 100))
    prior = base_rates(y, classes)
    gains, parts = [], []
    waiting = [(0, BINS)]
    closed: list[tuple[int, int]] = []
    while True:
        for low, high in waiting:
            gain, cut = side.best(low, high)
            gains.append(gain)
            parts.append((low, high, cut))
        if not parts or len(parts) + len(closed) >= LEAVES:
            break
        best = gains.index(max(gains))
        gain, (low, high, cut) = gains.pop(best), parts.pop(best)
        if gain <= 1e-12:
            closed.append((low, high))
            waiting = []
        else:
            waiting = [(low, cut), (cut, high)]
    leaves = np.array(sorted(closed + [(low, high) for low, high, _ in parts]))
    answers = np.empty((BINS + 1, len(prior)))
    told = _answers(side.until[leaves[:, 1]] - side.until[leaves[:, 0]], prior, classes)
    answers[:BINS] = np.repeat(told, leaves[:, 1] - leaves[:, 0], axis=0)
    answers[BINS:] = _answers(held[BINS:], prior, classes)
    return answers


class _Side:
    """Where to cut a stretch of bins in two: ``until`` (bins + 1, k) totals of all bins before."""

    def __init__(self, held: Doubles, classes: int, least: float) -> None:
        self.until: Doubles = np.concatenate(
            [np.zeros((1, held.shape[1])), np.cumsum(held, axis=0)]
        )
        self.rows: Doubles = self.until.sum(axis=1) if classes else self.until[:, 0]
        self.classes, self.least = classes, least

    def best(self, low: int, high: int) -> tuple[float, int]:
        """(gain, cut) of bins low to high - 1, both sides with rows enough; gain 0 if none is."""
        rows = self.rows
        first = int(np.searchsorted(rows, rows[low] + self.least))
        last = int(np.searchsorted(rows, rows[high] - self.least, side="right"))
        first, last = max(first, low + 1), min(last, high)
        if first >= last:
            return 0.0, low
        before, after, between = self.until[low], self.until[high], self.until[first:last]
        pieces = np.concatenate([(after - before)[None], between - before, after - between])
        losses = _losses(pieces, self.classes)
        size = last - first
        gain = losses[0] - losses[1 : size + 1] - losses[size + 1 :]
        best = int(np.argmax(gain))
        return float(gain[best]), first + best


def _answers(held: Doubles, prior: Doubles, classes: int) -> Doubles:
    """(leaves, outputs): means with one row of the prior."""
    if classes:
        return np.asarray((held + prior) / (held.sum(axis=1, keepdims=True) + 1.0))
    return np.asarray((held[:, 1:2] + prior) / (held[:, :1] + 1.0))


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
