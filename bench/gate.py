"""The gate, simulated: false "signal" on shuffled answers, and real gains that are found.

    python bench/gate.py [runs] [first seed] [metric]

Whole choices without the rest of a run: ten linear recipes cross-validated, the best one chosen,
its gain over the null model with its paired interval lowered by what choosing flatters, as the
program does it without a seal; with a seal, one model on new rows. Whole runs: ``no_signal.py``.
The smallest gain that a run states is that which is found four times in five: scores with exactly
that gain are drawn, and counted.
"""

from __future__ import annotations

import math
import sys

import numpy as np

from heldout.core.seed import Seed
from heldout.metrics.scoring import compare
from heldout.search.choose import Choice
from heldout.search.correct import GATE, correct, factor_of
from heldout.search.values import Judge
from heldout.stats.power import GATE_LEVEL, detectable_gain
from heldout.tasks import null
from populations import Moments, classes, fold_of, out_of_fold, values, variants


def shuffled(population, metric: str, n: int, runs: int, sealed: bool, first: int = 0) -> int:
    """How many of ``runs`` say "signal" where the target was shuffled."""
    task, binary, said = population.task(metric), bool(population.binary), 0
    recipes = variants(12)
    for number in range(first, first + runs):
        rng = np.random.default_rng(number)
        drawn = population.draw(rng, n, "row")
        y = rng.permutation(drawn.y)
        name = "prior" if binary else "median"
        if sealed:
            part = n // 5
            model = Moments.of(drawn.x[part:], y[part:], binary).fit(recipes[:1], binary)
            nothing = null.predict(name, task, y[part:], part)
            gain = compare(
                metric, task, y[:part], model.predict(drawn.x[:part])[0], nothing, level=GATE_LEVEL
            )
            said += gain.low is not None and gain.low > 0
            continue
        drawn = type(drawn)(drawn.x, y, None)
        folds = fold_of(drawn, "row", rng, 10)
        means, medians = out_of_fold(drawn, folds, recipes, binary)
        stack = medians if metric == "mae" else means
        best = int(np.argmax(Judge(task, metric, y).values(stack)))
        nothing = np.full(stack[0].shape, np.nan)
        for train, valid in folds:
            nothing[valid] = null.predict(name, task, y[train], int(valid.sum()))
        factor = factor_of(n)
        paid = correct(
            list(stack), y, task, rows=np.arange(n), choice=Choice(((best, 1.0),), 1, "", best),
            seed=Seed(number), factor=factor,
        )  # fmt: skip
        wide = max(factor, GATE)
        gain = compare(metric, task, y, stack[best], nothing, factor=wide, level=GATE_LEVEL)
        said += gain.low is not None and gain.low - abs(paid.correction) > 0
    return said


def found(n: int, runs: int, first: int = 0) -> float:
    """Share of draws in which a true gain of exactly the stated smallest one is called signal."""
    task = classes(0.3).task("roc_auc")

    def draw(rng: np.random.Generator, shift: float, rows: int):
        y = (rng.random(rows) < 0.3).astype(float)
        p = 1 / (1 + np.exp(-(rng.normal(size=rows) + shift * y)))
        return y, np.stack([1 - p, p], axis=1)

    y, p = draw(np.random.default_rng(0), 0.0, 50 * n)
    nothing = null.predict("prior", task, y, 50 * n)
    whole = compare("roc_auc", task, y, p, nothing).estimate
    assert whole is not None
    stated = detectable_gain(whole) * math.sqrt(50)  # at n rows
    from scipy.special import ndtri

    shift = math.sqrt(2) * float(ndtri(0.5 + stated))
    hits = 0
    for number in range(first, first + runs):
        y, p = draw(np.random.default_rng(number + 1), shift, n)
        gain = compare("roc_auc", task, y, p, null.predict("prior", task, y, n), level=GATE_LEVEL)
        hits += gain.low is not None and gain.low > 0
    return hits / runs


def main(runs: int, first: int = 0, only: str = "") -> None:
    """Print a line a case."""
    both = ((classes(0.3), "roc_auc"), (classes(0.3), "log_loss"), (values("lognormal"), "mae"))
    for population, metric in both:
        if only not in ("", metric):
            continue
        for n in (300, 1_000, 3_000):
            for sealed in (False, True):
                said = shuffled(population, metric, n, runs, sealed, first)
                how = "sealed fifth" if sealed else "best of ten, cross-validated"
                print(
                    f'{population.name:26} {metric:9}{n:6} rows, {how:29} "signal" {said} of {runs}'
                )
    for n in (300, 1_000, 3_000):
        share = found(n, runs, first)
        error = math.sqrt(share * (1 - share) / runs)
        print(
            f"a true gain of the stated smallest size, {n:5} rows: found in {share:.3f} +- {error:.3f}"
        )


if __name__ == "__main__":
    given = sys.argv[1:]
    main(
        int(given[0]) if given else 200, int(given[1]) if len(given) > 1 else 0, "".join(given[2:3])
    )
