"""Do the intervals hold the truth as often as they say? Populations with known truth.

    python bench/coverage.py             # what is missing, the least measured cells first
    python bench/coverage.py --quick     # a tenth of the draws, up to 1,000 rows, kept nowhere
    python bench/coverage.py --minutes 8 # stop after the cell that is running then
    python bench/coverage.py --page      # docs/trust-coverage.md from what was measured

A cell is measured in parts of at most ``--draws`` draws, each a line a metric in the store with
seeds and a truth of its own; parts are pooled on the page. The same command goes on.

What is claimed of whom (contract 10): "seal": one fitted model on new rows; "cross-validated":
the average score of one recipe at this many rows (by time: trained on the third to all of them
that the steps forward had); "winner": the same for the best of ten recipes,
corrected for the choice; "ensemble": a blend chosen by the program's own rule. Structures: rows
that are independent; rows of groups; rows in order of time. Real tables are drawn from without
replacement: where a tenth or more is drawn the interval is a little too wide by construction.
"""

from __future__ import annotations

import argparse
import functools
import json
import math
import sys
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from coverage_page import measured, write
from heldout.core.seed import Seed
from heldout.metrics.scoring import make_truth, metric_for, score
from heldout.search.choose import Choice, choose
from heldout.search.correct import correct, factor_of
from heldout.search.values import Judge
from heldout.stats.blocks import stretches
from populations import (
    SHARED,
    Drawn,
    Moments,
    Population,
    fold_of,
    out_of_fold,
    populations,
    shifted,
    variants,
)

HERE = Path(__file__).resolve().parent
STORE = HERE / "coverage.jsonl"
SIZES = (100, 300, 1_000, 3_000, 10_000)
KINDS = ("seal", "cross-validated", "winner", "ensemble")
EVALUATED = 50_000  # rows for the truth of one model, and 40 times the rows of the cell
FITS, BLENDED = 40, 10  # training sets for the average of a recipe, of a blend
FEW, MORE = (
    300,
    5,
)  # up to so many rows: so many times the training sets, each on its part of the truth


@dataclass(frozen=True)
class Cell:
    """One population, structure, kind and number of rows; all metrics at once."""

    population: Population
    structure: str
    kind: str
    n: int

    @property
    def key(self) -> str:
        """Names the cell in the store."""
        return f"{self.population.name}|{self.structure}|{self.kind}|{self.n}"

    @property
    def draws(self) -> int:
        """1,000 to 3,000 rows, 300 beyond; the program's own blend costs a second a draw."""
        if self.kind == "ensemble":
            return 200
        return 1_000 if self.n <= 3_000 else 300

    @property
    def metrics(self) -> tuple[str, ...]:
        """Of the population; a blend for two only."""
        both = {"log_loss", "mae"}
        every = self.population.metrics
        return tuple(m for m in every if self.kind != "ensemble" or m in both)


def cells() -> Iterator[Cell]:
    """Small ones first, so that a run that is cut short has measured something of each."""
    everyone = populations()
    made = sorted(everyone, key=lambda p: p.rows is not None)
    for n in SIZES:
        for one in made:
            if one.rows is not None and n > one.rows / 4:
                continue
            for kind in KINDS[:3]:
                yield Cell(one, "row", kind, n)
            if one.name in ("classes, 30% positive", "values, normal errors"):
                for structure in ("group", "time"):
                    for kind in KINDS[:3]:
                        yield Cell(one, structure, kind, n)
                for structure in ("row", "group", "time")[: 3 if n == 1_000 else 1]:
                    if n >= 300:
                        yield Cell(one, structure, "ensemble", n)


@dataclass
class Tally:
    """Counts of one metric in one cell."""

    given: int = 0
    held: int = 0
    above: int = 0  # the truth lies above the interval
    warned: int = 0
    widths: list[float] | None = None
    shift: float = 0.0
    truth_error: float = 0.0  # of the truth itself

    def add(
        self, low: float | None, high: float | None, value: float, truth: float, warning: str
    ) -> None:
        """One draw."""
        self.warned += bool(warning)
        self.shift += value - truth
        if low is None or high is None:
            return
        self.given += 1
        self.held += low <= truth <= high
        self.above += truth > high
        self.widths = [*(self.widths or []), (high - low) / 2]


def measure(cell: Cell, draws: int, part: int = 0) -> list[dict]:
    """One row a metric; each part has seeds of its own."""
    rng = np.random.default_rng(zlib.crc32(cell.key.encode() + (f"|{part}" * bool(part)).encode()))
    one = cell.population
    recipes = variants(one.draw(rng, 2, "row").x.shape[1])
    if cell.kind in ("seal", "cross-validated"):
        recipes = recipes[:1]
    far = _far(one, cell, rng)
    tallies = {m: Tally() for m in cell.metrics}
    if cell.kind == "seal":
        _seal(cell, draws, far, recipes, tallies, rng)
    else:
        _validated(cell, draws, far, recipes, tallies, rng)
    return [{**_row(cell, m, tally, draws), "part": part} for m, tally in tallies.items()]


def _far(one: Population, cell: Cell, rng: np.random.Generator) -> Drawn:
    """The population, or so many rows of it that their own luck is small beside the interval's."""
    if one.rows is not None:
        return one.draw(rng, one.rows, "whole")
    rows = max(EVALUATED, min(40 * cell.n, 400_000))
    return one.draw(rng, rows, "row" if cell.structure == "row" else "marginal")


def _seal(cell, draws, far, recipes, tallies, rng) -> None:
    one, truths, model = cell.population, {}, None
    for number in range(draws):
        if number % 100 == 0:  # a new model now and then
            trained = one.draw(rng, min(4 * cell.n, 4_000), cell.structure)
            model = Moments.of(trained.x, trained.y, bool(one.binary)).fit(
                recipes, bool(one.binary)
            )
            predicted = model.predict(far.x)
            truths = {m: float(_values(one, cell.structure, m, far, predicted)[0]) for m in tallies}
        drawn = one.draw(rng, cell.n, cell.structure)
        predicted = model.predict(drawn.x)[0]
        for metric, tally in tallies.items():
            s = score(
                metric,
                one.task(metric),
                drawn.y,
                predicted,
                groups=_units(cell, drawn.units),
            )
            tally.add(s.low, s.high, s.value, truths[metric], s.warning)


def _units(cell: Cell, units: np.ndarray | None) -> np.ndarray | None:
    """The units of the interval, as the program counts them."""
    return stretches(units) if cell.structure == "time" and units is not None else units


def _validated(cell, draws, far, recipes, tallies, rng) -> None:
    one, binary = cell.population, bool(cell.population.binary)
    truths = _averages(cell, far, recipes, tallies, rng)
    for metric, tally in tallies.items():
        tally.truth_error = truths["error"][metric]
    folds = 5 if cell.n >= 5_000 else 10
    for number in range(draws):
        drawn = one.draw(rng, cell.n, cell.structure)
        if binary and len(np.unique(drawn.y)) < 2:
            continue
        parts = fold_of(drawn, cell.structure, rng, folds)
        found, medians = out_of_fold(drawn, parts, recipes, binary)
        rows = np.flatnonzero(~np.isnan(found[0, :, 0]))
        units = None if drawn.units is None else _units(cell, drawn.units[rows])
        counted = len(rows) if cell.structure != "group" else len(np.unique(units))
        y, means, medians = drawn.y[rows], found[:, rows], medians[:, rows]
        for metric, tally in tallies.items():
            task, factor = one.task(metric), factor_of(counted)
            stack = medians if metric == "mae" else means
            if cell.kind == "cross-validated":
                s = score(metric, task, y, stack[0], groups=units, factor=factor, validated=True)
                tally.add(s.low, s.high, s.value, truths[metric][0], s.warning)
                continue
            every, seed = np.arange(len(y)), Seed(number)
            if cell.kind == "winner":
                best = int(np.argmax(Judge(task, metric, y).values(stack)))
                choice = Choice(((best, 1.0),), 1, "", best)
            else:
                choice = choose(list(stack), y, every, task, groups=units, seed=seed)
            got = correct(
                list(stack),
                y,
                task,
                rows=every,
                choice=choice,
                groups=units,
                seed=seed,
                factor=factor,
            )
            truth = sum(w * truths[metric][i] for i, w in choice.members)
            if choice.is_ensemble:
                truth = _blended(cell, metric, far, truths["models"], choice)
            tally.add(got.score.low, got.score.high, got.score.value, truth, got.score.warning)


def _averages(cell, far, recipes, tallies, rng) -> dict:
    """Metric to the average score (variants,) of each recipe at this many rows (by time: at the
    sizes of the steps forward, as they count), and its own error under the key "error"; beside it the
    predictions of some fits, for blends."""
    one, binary = cell.population, bool(cell.population.binary)
    fits = FITS if cell.n <= 1_000 and cell.structure != "time" else FITS // 4
    parts = [far]
    if cell.n <= FEW and cell.kind != "ensemble":
        fits *= MORE
        order = np.array_split(rng.permutation(len(far.y)), MORE)
        parts = [Drawn(far.x[rows], far.y[rows], None) for rows in order]
    found: dict = {m: [] for m in tallies}
    models: list = []
    for fit in range(fits):
        near = parts[fit % len(parts)]
        drawn = one.draw(rng, cell.n, cell.structure)
        steps = [(np.ones(cell.n, bool), np.ones(cell.n, bool))]
        if cell.structure == "time":
            steps = fold_of(drawn, "time", rng, 5)
        values: dict = dict.fromkeys(tallies, 0.0)
        weight = sum(int(later.sum()) for _, later in steps)
        for earlier, later in steps:
            x, y = drawn.x[earlier], drawn.y[earlier]
            model = Moments.of(x, y, binary).fit(recipes, binary)
            predicted = model.predict(near.x)
            for metric in tallies:
                moved = predicted + (shifted(model, x, y) if metric == "mae" else 0.0)
                share = later.sum() / weight
                values[metric] += share * _values(one, cell.structure, metric, near, moved)
                if cell.kind == "ensemble" and fit < BLENDED:
                    models.append((share / BLENDED, moved[:, :20_000].astype(np.float32)))
        for metric in tallies:
            found[metric].append(values[metric])
    error = {m: float(np.std(v, axis=0).mean() / math.sqrt(fits)) for m, v in found.items()}
    return {m: np.mean(v, axis=0) for m, v in found.items()} | {"models": models, "error": error}


def _blended(cell, metric, far, models, choice) -> float:
    """The average score of this blend."""
    one = cell.population
    near = Drawn(far.x[:20_000], far.y[:20_000], None)
    members = [i for i, _ in choice.members]
    weights = np.array([w for _, w in choice.members])
    blends = np.stack([np.tensordot(weights, m[members], axes=1) for _, m in models])
    values = _values(one, cell.structure, metric, near, blends.astype(float))
    return float(np.average(values, weights=[share for share, _ in models]))


def _values(
    one: Population, structure: str, metric: str, far: Drawn, predicted: np.ndarray
) -> np.ndarray:
    """(variants,) scores on the population."""
    if metric == "rmse" and one.noise is not None:
        # the noise is known: only the distance of the prediction from its mean is simulated
        noise = one.noise + (0.0 if structure == "row" else SHARED**2)
        m = _mean_of(far)
        return np.sqrt(noise + np.mean((predicted[:, :, 0] - m) ** 2, axis=1))
    task = one.task(metric)
    values = Judge(task, metric, far.y).values(predicted)
    if metric in ("accuracy", "f1"):
        card = metric_for(metric, task)
        return np.array([card.estimate(make_truth(task, far.y, p)).value for p in predicted])
    return values if task.greater_is_better else -values


@functools.lru_cache(maxsize=MORE)
def _mean_of(far: Drawn) -> np.ndarray:
    """The mean of the target given the inputs, which is linear: fitted on so many rows that it is
    nearly exact."""
    x = np.column_stack([np.ones(len(far.y)), far.x])
    return np.asarray(x @ np.linalg.lstsq(x, far.y, rcond=None)[0])


def _row(cell: Cell, metric: str, tally: Tally, draws: int) -> dict:
    given = tally.given
    holds = tally.held / given if given else None
    return {
        "population": cell.population.name,
        "structure": cell.structure,
        "kind": cell.kind,
        "n": cell.n,
        "metric": metric,
        "draws": draws,
        "holds": holds,
        "error": math.sqrt(max(holds * (1 - holds), 0.0475 / 4) / given) if given else None,
        "truth_above": tally.above / given if given else None,
        "withheld": 1 - given / draws,
        "warned": tally.warned / draws,
        "half_width": float(np.median(tally.widths)) if tally.widths else None,
        "bias": tally.shift / draws,
        "truth_error": tally.truth_error,
    }


def missing(
    options: argparse.Namespace, done: dict[str, tuple[int, int]]
) -> list[tuple[Cell, int, int]]:
    """(cell, draws, part) to measure, those with the fewest draws first."""
    found: list[tuple[int, tuple[Cell, int, int]]] = []
    for cell in cells():
        wanted = cell.draws // 10 if options.quick else cell.draws
        have, part = done.get(cell.key, (0, 0))
        if options.only not in cell.key or cell.n not in options.rows:
            continue
        if cell.kind not in options.kinds:
            continue
        if options.quick and cell.n > 1_000:
            continue
        step = options.draws or wanted
        while have < wanted:
            found.append((have, (cell, min(step, wanted - have), part)))
            have, part = have + step, part + 1
    return [job for _, job in sorted(found, key=lambda f: f[0])]


def _one(cell: Cell, draws: int, part: int, store: Path | None) -> None:
    """Measure, print and keep."""
    before = time.process_time()
    rows = measure(cell, draws, part)
    cpu = time.process_time() - before
    for row in rows:
        row["cpu"] = round(cpu / len(rows), 2)
        holds = "refused" if row["holds"] is None else f"{row['holds']:.3f}"
        print(
            f"{cell.key:52} {row['metric']:9} {holds:>8}  withheld {row['withheld']:.2f}  "
            f"half-width {row['half_width'] or 0:.3g}  bias {row['bias']:+.2g}  {cpu:.1f} s",
            flush=True,
        )
    if store is not None:
        with store.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)


def main() -> None:
    """Measure what is missing."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--minutes", type=float, default=math.inf)
    parser.add_argument("--only", default="", help="cells whose key holds this text")
    parser.add_argument("--kinds", nargs="*", default=list(KINDS))
    parser.add_argument("--rows", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--draws", type=int)
    parser.add_argument("--store", type=Path, default=STORE)
    parser.add_argument("--page", action="store_true")
    options = parser.parse_args()
    if options.page:
        write(options.store, HERE.parent / "docs" / "trust-coverage.md")
        return
    start = time.monotonic()
    done = {} if options.quick else measured(options.store)
    for cell, draws, part in missing(options, done):
        if time.monotonic() - start > 60 * options.minutes:
            print("more is left: the same command goes on")
            break
        _one(cell, draws, part, None if options.quick else options.store)
    print(f"{time.process_time():.0f} CPU seconds", file=sys.stderr)


if __name__ == "__main__":
    main()
