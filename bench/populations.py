"""Populations whose truth is known, and learners with a closed form, for ``coverage.py``.

A population draws tables: inputs X (n, p), target y (n,), unit codes or None. Rows of one group
share an effect that no column shows; rows in order of time share a shock with a memory. The
learners are linear (least squares by moments, for classes as linear discriminants), each with its
own columns and ridge, so that thousands of cross-validations take minutes.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from heldout.core.arrays import Doubles, Ints
from heldout.splits.forward import steps
from heldout.tasks.task import Task

COLUMNS, VARIANTS = 12, 10
MEMORY = 0.9  # of the shock, from one row to the next
SHARED = 0.5  # standard deviation of the effect of a group, of the shock of a moment


@dataclass(frozen=True, eq=False)
class Drawn:
    """A table: ``units`` are codes of groups, or ranks in time, or None."""

    x: Doubles
    y: Doubles
    units: Ints | None


@dataclass(frozen=True)
class Population:
    """``draw(rng, n, structure)``; ``noise`` the variance of the target's own noise, where it is
    known; ``binary`` the share of positives, None for values."""

    name: str
    draw: Callable[[np.random.Generator, int, str], Drawn]
    binary: float | None = None
    noise: float | None = None
    rows: int | None = None  # of a real table

    def task(self, metric: str) -> Task:
        """The question; classes are decided at 0.5 for accuracy, else at the share of positives."""
        if self.binary is None:
            return Task("regression", "y", metric, False)
        greater = metric != "log_loss"
        classes = ("No", "Yes")
        at = 0.5 if metric == "accuracy" else self.binary
        return Task("binary", "y", metric, greater, classes, "Yes", threshold=at)

    @property
    def metrics(self) -> tuple[str, ...]:
        """Those that are measured."""
        if self.binary is None:
            return ("mae", "rmse")
        return ("roc_auc", "log_loss", "accuracy", "f1")


def group_size(n: int) -> int:
    """Rows of a group: 20 groups at 100 rows, 30 at 300."""
    return 5 if n <= 100 else 10


def shared(rng: np.random.Generator, n: int, structure: str) -> tuple[Doubles, Ints | None]:
    """The part (n,) of the target that rows share and no column shows, and the units."""
    if structure == "group":
        codes = np.arange(n) // group_size(n)
        return SHARED * rng.normal(size=codes[-1] + 1)[codes], codes
    if structure == "time":
        from scipy.signal import lfilter

        steps_ = np.sqrt(1 - MEMORY**2) * rng.normal(size=n)
        steps_[0] /= np.sqrt(1 - MEMORY**2)
        return SHARED * lfilter([1.0], [1.0, -MEMORY], steps_), np.arange(n)
    if structure == "marginal":  # one row of each group or moment: the population itself
        return SHARED * rng.normal(size=n), None
    return np.zeros(n), None


def classes(share: float) -> Population:
    """Logits linear in 12 columns, half of them without use."""
    weights = np.r_[np.array([1.0, -0.8, 0.6, 0.5, -0.4, 0.3]), np.zeros(COLUMNS - 6)]
    # the intercept that gives this share, by averaging over the logit's normal distribution
    grid = np.random.default_rng(9).normal(size=200_001) * np.sqrt(np.sum(weights**2))
    low, high = -12.0, 12.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _mean(middle + grid) < share else (low, middle)

    def draw(rng: np.random.Generator, n: int, structure: str) -> Drawn:
        x = rng.normal(size=(n, COLUMNS))
        part, units = shared(rng, n, structure)
        logit = x @ weights + low + 2 * part
        return Drawn(x, (rng.random(n) < 1 / (1 + np.exp(-logit))).astype(float), units)

    return Population(f"classes, {share:.0%} positive", draw, share)


def _mean(logit: Doubles) -> float:
    return float(np.mean(1 / (1 + np.exp(-logit))))


ERRORS: dict[str, tuple[Callable[[np.random.Generator, int], Doubles], float]] = {
    "normal": (lambda rng, n: rng.normal(size=n), 1.0),
    "t3": (lambda rng, n: rng.standard_t(3, n), 3.0),
    "lognormal": (lambda rng, n: rng.lognormal(0, 1, n) - np.exp(0.5), (np.e - 1) * np.e),
}


def values(errors: str) -> Population:
    """Values linear in 12 columns plus errors of a kind."""
    weights = np.r_[np.array([1.0, -0.8, 0.6, 0.5, -0.4, 0.3]), np.zeros(COLUMNS - 6)]
    made, variance = ERRORS[errors]

    def draw(rng: np.random.Generator, n: int, structure: str) -> Drawn:
        x = rng.normal(size=(n, COLUMNS))
        part, units = shared(rng, n, structure)
        return Drawn(x, x @ weights + part + made(rng, n), units)

    return Population(f"values, {errors} errors", draw, None, variance)


def real(path: str, target: str, positive: str | None) -> Population | None:
    """Rows drawn from a large real table without replacement; None where it is not there.

    Numbers as they are (missing: the median), the 6 commonest levels of words as columns; the
    truth is the score on the whole table.
    """
    folder = os.environ.get("HELDOUT_DATA")
    if not folder or not (Path(folder) / path).exists():
        return None
    x, y = _matrix(Path(folder) / path, target, positive)

    def draw(rng: np.random.Generator, n: int, structure: str) -> Drawn:
        if structure == "whole":
            return Drawn(x, y, None)
        rows = rng.choice(len(y), n, replace=False)
        return Drawn(x[rows], y[rows], None)

    share = float(y.mean()) if positive else None
    return Population(Path(path).stem, draw, share, rows=len(y))


@functools.cache
def _matrix(path: Path, target: str, positive: str | None) -> tuple[Doubles, Doubles]:
    import polars as pl

    frame = pl.read_csv(path, infer_schema_length=None)
    frame = frame.with_columns(pl.col(pl.String).str.strip_chars())
    goal = frame[target]
    y = (goal == positive).cast(pl.Float64) if positive else goal.cast(pl.Float64)
    known = y.is_not_null().to_numpy()
    parts = []
    for column in frame.columns:
        if column == target:
            continue
        values_ = frame[column]
        if values_.dtype.is_numeric():
            numbers = values_.cast(pl.Float64).fill_null(values_.median()).to_numpy()
            # clipped, as the program's linear models clip what they see
            parts.append(np.clip((numbers - numbers.mean()) / (numbers.std() or 1.0), -4, 4))
        else:
            common = values_.value_counts(sort=True)[column].to_list()[:6]
            parts += [(values_ == level).fill_null(False).to_numpy() * 1.0 for level in common]
    return np.stack(parts, axis=1)[known], y.to_numpy()[known]


def populations() -> list[Population]:
    """All of them; real ones where the data folder is named by $HELDOUT_DATA."""
    made = [classes(0.3), classes(0.09), values("normal"), values("t3"), values("lognormal")]
    tables = [
        real("tables/binary/adult.csv", "income", ">50K"),
        real("tables/regression/california_housing.csv", "median_house_value", None),
        real("tables/regression/diamonds.csv", "price", None),
    ]
    return made + [t for t in tables if t is not None]


def variants(p: int, number: int = VARIANTS) -> list[tuple[Ints, float]]:
    """Recipes to choose from: (columns, ridge); the first uses all columns."""
    rng = np.random.default_rng(5)
    made: list[tuple[Ints, float]] = [(np.arange(p), 1e-3)]
    while len(made) < number:
        keep = np.sort(rng.choice(p, max(2, round(p * rng.uniform(0.5, 1.0))), replace=False))
        made.append((keep, float(10 ** rng.uniform(-3, -0.3))))
    return made


@dataclass(frozen=True)
class Linear:
    """Weights (p, variants), intercepts and slopes to logits (variants,)."""

    weights: Doubles
    shift: Doubles
    slope: Doubles
    binary: bool

    def predict(self, x: Doubles) -> Doubles:
        """(variants, n, outputs)."""
        scores = self.shift[:, None] + self.slope[:, None] * (x @ self.weights).T
        if not self.binary:
            return scores[:, :, None]
        p = 1 / (1 + np.exp(-np.clip(scores, -30, 30)))
        return np.stack([1 - p, p], axis=2)


@dataclass(frozen=True)
class Moments:
    """Sums over rows, by class where there are classes: all that the learners need."""

    n: Doubles  # (k,)
    x: Doubles  # (k, p)
    xx: Doubles  # (p, p)
    xy: Doubles  # (p,)
    y: float

    @classmethod
    def of(cls, x: Doubles, y: Doubles, binary: bool) -> Moments:
        """Of these rows."""
        if binary:
            up = x[y == 1]
            n = np.array([len(y) - len(up), len(up)], dtype=float)
            sums = np.stack([x.sum(axis=0) - up.sum(axis=0), up.sum(axis=0)])
        else:
            n, sums = np.array([float(len(y))]), x.sum(axis=0)[None]
        return cls(n, sums, x.T @ x, x.T @ y, float(y.sum()))

    def __add__(self, other: Moments) -> Moments:
        return Moments(
            self.n + other.n, self.x + other.x, self.xx + other.xx, self.xy + other.xy, self.y + other.y
        )  # fmt: skip

    def __sub__(self, other: Moments) -> Moments:
        return Moments(
            self.n - other.n, self.x - other.x, self.xx - other.xx, self.xy - other.xy, self.y - other.y
        )  # fmt: skip

    def fit(self, recipes: list[tuple[Ints, float]], binary: bool) -> Linear:
        """Every variant."""
        total, p = self.n.sum(), self.x.shape[1]
        mean = self.x.sum(axis=0) / total
        if binary:
            means = self.x / np.maximum(self.n, 1)[:, None]
            scatter = self.xx - (means.T * self.n) @ means
            aim = means[1] - means[0]
        else:
            scatter = self.xx - total * np.outer(mean, mean)
            aim = self.xy / total - mean * self.y / total
        scatter = scatter / total
        size = float(np.trace(scatter)) / p
        weights = np.zeros((p, len(recipes)))
        for v, (columns, ridge) in enumerate(recipes):
            part = scatter[np.ix_(columns, columns)] + ridge * size * np.eye(len(columns))
            weights[columns, v] = np.linalg.solve(part, aim[columns])
        if not binary:
            shift = self.y / total - mean @ weights
            return Linear(weights, shift, np.ones(len(recipes)), False)
        spread = np.einsum("pv,pq,qv->v", weights, scatter, weights)
        at = means @ weights
        slope = (at[1] - at[0]) / np.maximum(spread, 1e-12)
        odds = np.log(max(self.n[1], 0.5) / max(self.n[0], 0.5))
        return Linear(weights, odds - slope * at.mean(axis=0), slope, True)


def fold_of(drawn: Drawn, structure: str, rng: np.random.Generator, folds: int) -> list[tuple]:
    """(training, validation) masks: shuffled, whole groups, or forward in time."""
    n = len(drawn.y)
    if structure == "time":
        assert drawn.units is not None
        return steps(drawn.units, 5)
    if structure == "group":
        assert drawn.units is not None
        groups = int(drawn.units[-1]) + 1
        number = rng.permutation(np.arange(groups) % folds)[drawn.units]
    else:  # stratified, as the protocol does it
        order = np.lexsort((rng.random(n), drawn.y))
        number = np.empty(n, dtype=np.int64)
        number[order] = np.arange(n) % folds
    return [(number != f, number == f) for f in range(folds)]


def out_of_fold(
    drawn: Drawn, folds: list[tuple], recipes: list[tuple[Ints, float]], binary: bool
) -> tuple[Doubles, Doubles]:
    """(variants, n, outputs), NaN where nothing was predicted; for values beside it the same
    moved to the median of the training part's errors, as is done where mae decides."""
    found = np.full((len(recipes), len(drawn.y), 2 if binary else 1), np.nan)
    medians = found.copy()
    parts = [Moments.of(drawn.x[v], drawn.y[v], binary) for _, v in folds]
    covered = np.any([v for _, v in folds], axis=0)
    rest = Moments.of(drawn.x[~covered], drawn.y[~covered], binary)
    forward = not covered.all()
    total = functools.reduce(lambda a, b: a + b, parts, rest)
    earlier = rest
    for part, (train, valid) in zip(parts, folds, strict=True):
        model = (earlier if forward else total - part).fit(recipes, binary)
        found[:, valid] = model.predict(drawn.x[valid])
        medians[:, valid] = found[:, valid] + shifted(model, drawn.x[train], drawn.y[train])
        earlier = earlier + part
    return found, medians


def shifted(model: Linear, x: Doubles, y: Doubles) -> Doubles:
    """(variants, 1, 1): the median of the training errors; 0 for classes."""
    if model.binary:
        return np.zeros((len(model.shift), 1, 1))
    return np.median(y - model.predict(x)[:, :, 0], axis=1)[:, None, None]
