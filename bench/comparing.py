"""Two runs compared: how wide must the interval of their paired difference be?

    python bench/comparing.py [draws] [first seed]

``heldout compare`` pairs the out-of-fold answers of two runs row by row. The standard error over
rows knows nothing of the luck of the training parts, which rows of a fold share and folds share
in part; where the two runs had different folds, that luck is not shared between them. Here many tables
are drawn, two recipes cross-validated on each, with the same folds and with different ones; printed is
the true spread of the difference as a multiple of its standard error over rows ("needed"), and how
often 95 % intervals hold the true difference at several factors. Recipes: the same learner on either half
of columns that mean equally much (the true difference is 0), and two settings of it on all columns
(the true difference is that of the averages over all draws, on rows of their own).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np

from heldout.core.arrays import Doubles
from heldout.metrics.scoring import compare
from heldout.tasks.task import Task

COLUMNS = 12
FAR = 4_000  # rows on which the true difference is measured, new ones for each draw
FACTORS = (1.0, 1.2, 1.3, 1.5, 2.1)
Fit = Callable[[Doubles, Doubles, Doubles], Doubles]


def ridge(part: slice, strength: float) -> Fit:
    """Least squares with a penalty on these columns; class scores by the same, as probabilities."""

    def fit(x: Doubles, y: Doubles, new: Doubles) -> Doubles:
        a = x[:, part] - x[:, part].mean(axis=0)
        inner = a.T @ a + strength * len(y) * np.eye(a.shape[1])
        weights = np.linalg.solve(inner, a.T @ (y - y.mean()))
        return y.mean() + (new[:, part] - x[:, part].mean(axis=0)) @ weights

    return fit


def tree(part: slice, leaf: int) -> Fit:
    """A decision tree with leaves of so many rows at least: as unstable as a recipe can be."""

    def fit(x: Doubles, y: Doubles, new: Doubles) -> Doubles:
        from sklearn.tree import DecisionTreeRegressor

        made = DecisionTreeRegressor(min_samples_leaf=leaf, random_state=0)
        return np.asarray(made.fit(x[:, part], y).predict(new[:, part]))

    return fit


LEFT, RIGHT, ALL = slice(0, COLUMNS // 2), slice(COLUMNS // 2, COLUMNS), slice(None)
PAIRS: dict[str, tuple[Fit, Fit]] = {
    "linear, either half": (ridge(LEFT, 1e-3), ridge(RIGHT, 1e-3)),
    "linear, two penalties": (ridge(ALL, 1e-3), ridge(ALL, 0.3)),
    "tree, either half": (tree(LEFT, 5), tree(RIGHT, 5)),
    "tree, two sizes": (tree(ALL, 5), tree(ALL, 20)),
}


def drawn(rng: np.random.Generator, n: int, binary: bool) -> tuple[Doubles, Doubles]:
    """Inputs whose two halves mean equally much, and the target."""
    x = rng.normal(size=(n, COLUMNS))
    score = x @ np.tile([0.8, -0.6, 0.4, 0.2, 0.0, 0.0], 2)
    if binary:
        return x, (rng.random(n) < 1 / (1 + np.exp(-score))).astype(float)
    return x, score + rng.normal(size=n)


def answers(prediction: Doubles, binary: bool) -> Doubles:
    """(rows, outputs) as metrics eat them."""
    if not binary:
        return prediction[:, None]
    p = np.clip(prediction, 0.001, 0.999)
    return np.stack([1 - p, p], axis=1)


def out_of_fold(fit: Fit, x: Doubles, y: Doubles, fold: Doubles, binary: bool) -> Doubles:
    """Each row answered by the model of the other folds."""
    found = np.empty(len(y))
    for f in np.unique(fold):
        here = fold == f
        found[here] = fit(x[~here], y[~here], x[here])
    return answers(found, binary)


def measure(pair: tuple[Fit, Fit], binary: bool, n: int, folds: int, draws: int, first: int):
    """(draws, 2) differences, standard errors, of the same and of different folds; (draws,) true
    differences."""
    task = (
        Task("binary", "y", "roc_auc", True, ("No", "Yes"), "Yes")
        if binary
        else Task("regression", "y", "mae", False)
    )
    gaps, errors, truths = np.empty((draws, 2)), np.empty((draws, 2)), np.empty(draws)
    for number in range(draws):
        rng = np.random.default_rng([first + number, n, folds])
        x, y = drawn(rng, n, binary)
        one, two = (rng.permutation(n) % folds for _ in range(2))
        a = out_of_fold(pair[0], x, y, one, binary)
        for i, other in enumerate((one, two)):
            gain = compare(task.metric, task, y, a, out_of_fold(pair[1], x, y, other, binary))
            gaps[number, i], errors[number, i] = gain.value, gain.standard_error
        far, truth = drawn(rng, FAR, binary)
        keep = rng.permutation(n)[: n - n // folds]  # as many as a fold trains on
        both = [answers(f(x[keep], y[keep], far), binary) for f in pair]
        truths[number] = compare(task.metric, task, truth, *both).value
    return gaps, errors, truths


def main(draws: int, first: int) -> None:
    """Print a line a case."""
    print(f"{'':42}{'needed':>8}   held at {'  '.join(f'x{f}' for f in FACTORS)}")
    for n, folds in ((300, 10), (1_000, 5)):
        for name, pair in PAIRS.items():
            for binary in (False, True):
                before = time.process_time()
                gaps, errors, truths = measure(pair, binary, n, folds, draws, first)
                truth = 0.0 if "half" in name else float(truths.mean())
                metric = "roc_auc" if binary else "mae"
                for i, which in enumerate(("same", "other")):
                    off = gaps[:, i] - truth
                    needed = float(np.sqrt(np.mean(off**2) / np.mean(errors[:, i] ** 2)))
                    held = [float(np.mean(np.abs(off) <= 1.96 * f * errors[:, i])) for f in FACTORS]
                    told = "  ".join(f"{h:.3f}" for h in held)
                    case = f"{n:5} rows {folds:2} folds {metric:7} {name}, {which}"
                    print(f"{case:58} {needed:5.2f}   {told}", flush=True)
                print(f"  {time.process_time() - before:.1f} CPU s", file=sys.stderr)
    print(
        f"simulation: needed +- {1 / np.sqrt(2 * draws):.0%}, held +- {np.sqrt(0.0475 / draws):.3f}"
    )


if __name__ == "__main__":
    given = [int(a) for a in sys.argv[1:]]
    main(given[0] if given else 300, given[1] if len(given) > 1 else 0)
