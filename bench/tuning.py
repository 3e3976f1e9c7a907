"""Who proposes better settings: our draws near the best, chance, or Optuna's TPE?

python bench/tuning.py [--trials 16] [--seeds 3] [--rows 1500] TABLE.csv TARGET MODEL ...

Each proposer starts from the defaults and is told every score; folds, seeds and numbers of fits are
the same for all. Printed: the best validation score after each number of trials, and what the same
settings score on rows that no trial saw. The gain is over the defaults, greater is better.
"""

from __future__ import annotations

import argparse
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from heldout.core.clock import now
from heldout.core.seed import Seed
from heldout.core.space import Space, defaults
from heldout.metrics.scoring import score
from heldout.models.card import MODELS
from heldout.models.portfolio import Candidate
from heldout.primitives.views import make_spec
from heldout.search.data import TrainingData
from heldout.search.draws import drawn
from heldout.search.fitter import Fitter
from heldout.search.study import _asked
from heldout.splits.protocol import plan as make_plan
from heldout.splits.samples import make_samples
from heldout.tables.read import read
from heldout.tasks.state import encode, state, with_roles

Propose = Callable[[int, list[tuple[dict[str, Any], float]], Space, Seed], dict[str, Any]]


def near(i: int, seen: list[tuple[dict[str, Any], float]], space: Space, seed: Seed) -> Any:
    """As the search draws: every second one near the best, the others anywhere."""
    best = max(seen, key=lambda s: s[1])[0]
    return drawn(space, seed.child("draw", i).rng(), best if i % 2 else None)


def chance(i: int, seen: list[tuple[dict[str, Any], float]], space: Space, seed: Seed) -> Any:
    """Anywhere."""
    return drawn(space, seed.child("chance", i).rng())


def tpe(i: int, seen: list[tuple[dict[str, Any], float]], space: Space, seed: Seed) -> Any:
    """Optuna's tree-structured Parzen estimator, told all that was seen."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sampler = optuna.samplers.TPESampler(
            seed=seed.child("tpe", i).integer(), n_startup_trials=5, multivariate=True
        )
        study = optuna.create_study(direction="maximize", sampler=sampler)
        kinds = {name: _distribution(part) for name, part in space.items()}
        for settings, value in seen:
            study.add_trial(
                optuna.trial.create_trial(params=settings, distributions=kinds, value=value)
            )
        trial = study.ask()
        return {name: _asked(trial, name, part) for name, part in space.items()}


def _distribution(part: Any) -> Any:
    from optuna import distributions as of

    from heldout.core.space import Choice, Whole

    if isinstance(part, Choice):
        return of.CategoricalDistribution(part.values)
    kind = of.IntDistribution if isinstance(part, Whole) else of.FloatDistribution
    return kind(part.low, part.high, log=part.log)


def compare(path: str, target: str, model: str, rows: int, trials: int, seeds: int) -> None:
    table = read(path)
    table = table.take(np.random.default_rng(0).permutation(table.rows)[: rows * 2])
    task = state(table, target)
    table = with_roles(table, task)
    y = encode(task, table)
    table, y = table.take(np.flatnonzero(~np.isnan(y))), y[~np.isnan(y)]
    plan = make_plan(make_samples(table, task), y, task, Seed(0), seal=False, protocol="kfold")
    card = MODELS.get(model)
    half = np.arange(len(y)) < len(y) // 2  # trials see the first half only
    from dataclasses import replace

    def cut(part: Any) -> Any:
        return part[half[part]]

    folds = [replace(f, train=cut(f.train), inner=cut(f.inner), valid=cut(f.valid))
             for f in plan.folds[:3]]  # fmt: skip
    test = replace(folds[0], train=np.flatnonzero(half)[::1], inner=folds[0].inner,
                   valid=np.flatnonzero(~half))  # fmt: skip
    test = replace(test, train=np.setdiff1d(test.train, test.inner))
    own = replace(plan, folds=(*folds, test), more=())
    fixed = {"patience": 20} if "patience" in card.space else {}
    space = {k: v for k, v in card.space.items() if k not in (*fixed, "objective")}
    with tempfile.TemporaryDirectory() as folder:

        def write(place: Path) -> TrainingData:
            return TrainingData.write(
                place, table.arrays(), table.schema, task, y, own,
                {card.view: make_spec(card.view, table.schema, task)}, seed=Seed(0),
            )  # fmt: skip

        fitter = Fitter.open(Path(folder), write, "bench", Seed(0))
        sign = 1.0 if task.greater_is_better else -1.0

        def value(settings: dict[str, Any], at: list[int]) -> float:
            found = []
            for fold in at:
                fit = fitter.fit(Candidate("", model, {**settings, **fixed}), fold)
                found.append(
                    score(task.metric, task, y[own.folds[fold].valid], fit.prediction).value
                )
            return sign * float(np.mean(found))

        start = defaults(space)
        base, base_test = value(start, [0, 1, 2]), value(start, [3])
        print(
            f"{Path(path).stem} {model} {task.metric}: defaults {base:.4f}, new rows {base_test:.4f}"
        )
        for name, propose in (("draws", near), ("chance", chance), ("tpe", tpe)):
            begun, gains, kept = now(), [], []
            for number in range(seeds):
                seen = [(start, base)]
                for i in range(1, trials):
                    settings = propose(i, seen, space, Seed(number))
                    seen.append((settings, value(settings, [0, 1, 2])))
                so_far = np.maximum.accumulate([v for _, v in seen]) - base
                gains.append(so_far[[trials // 4, trials // 2, -1]])
                kept.append(value(max(seen, key=lambda s: s[1])[0], [3]) - base_test)
            mean = " ".join(f"{g:+.4f}" for g in np.mean(gains, axis=0))
            print(
                f"  {name:<7} after {trials // 4 + 1}, {trials // 2 + 1}, {trials}: {mean}   new rows "
                f"{np.mean(kept):+.4f} (sd {np.std(kept):.4f})   {now() - begun:.0f} s", flush=True,
            )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=16)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=1500)
    parser.add_argument("what", nargs="+", help="TABLE.csv TARGET MODEL, as often as wanted")
    said = parser.parse_args()
    for i in range(0, len(said.what), 3):
        path, target, model = said.what[i : i + 3]
        compare(path, target, model, said.rows, said.trials, said.seeds)


if __name__ == "__main__":
    main()
