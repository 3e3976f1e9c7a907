"""``heldout experiment DATA --target Y --model NAME --vary learning_rate=0.001,0.01,0.1``.

One or two settings take each of their values, several seeds each; everything else stays. Each seed
draws its own start and validates on another part of the open rows, the same for all settings, so
that any two are compared pair by pair (TUNE-07, TUNE-08, TUNE-09).
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from heldout.core import files
from heldout.core.arrays import Doubles
from heldout.core.clock import Deadline
from heldout.core.errors import HeldoutError
from heldout.core.names import plural
from heldout.core.space import typed
from heldout.metrics.score import METRICS
from heldout.models.card import ModelCard
from heldout.models.portfolio import Candidate
from heldout.report.experiment import Cell, Experiment, Pair, page, screen
from heldout.report.figures import seconds as told_seconds
from heldout.report.progress import line
from heldout.search.spaces import resolve as resolve_space
from heldout.stats.tests import corrected_interval, corrected_t, holm
from heldout.workflow.ground import Ground, admit_all, model_card, named, prepared
from heldout.workflow.own_fields import parted
from heldout.workflow.spec import resolve
from heldout.workflow.spec_values import names
from heldout.workflow.told import Told

OWN = ("model", "vary", "seeds", "folds", "space", "settings")
MOST_CELLS = 100
SEEDS = 3
ENOUGH = 1_000  # validation rows for each setting, where the table has them: below, noise rules
EVERY = 10.0  # seconds between two lines where there is no terminal


@dataclass(frozen=True)
class Varied:
    """The variables with their values, and what holds besides."""

    card: ModelCard
    variables: Mapping[str, tuple[Any, ...]]
    fixed: Mapping[str, Any]
    seeds: int
    folds: int | None = None  # validated by each seed

    def places(self, sizes: Sequence[int]) -> list[list[int]]:
        """Folds that each seed validates on: one after the other, as many as it takes to see
        enough rows; ``sizes`` are the folds' validation rows."""
        wanted = self.folds or math.ceil(ENOUGH / (self.seeds * max(1, min(sizes))))
        each = max(1, min(len(sizes), wanted))
        return [[(s * each + j) % len(sizes) for j in range(each)] for s in range(self.seeds)]

    @property
    def cells(self) -> list[dict[str, Any]]:
        """Settings of each cell, the last variable fastest."""
        return [
            dict(zip(self.variables, values, strict=True))
            for values in itertools.product(*self.variables.values())
        ]

    def candidate(self, cell: Mapping[str, Any]) -> Candidate:
        """What is fitted for a cell."""
        name = ", ".join(f"{k}={v}" for k, v in cell.items())
        return Candidate(name, self.card.name, {**self.fixed, **cell})


def experiment_told(
    said: Mapping[str, Any], config: Path | None, *, started: float, quiet: bool,
    allow_code: Sequence[str] = (),
) -> Told:  # fmt: skip
    """The command: values for --json, the screen else."""
    found = experiment(None, said, config, started=started, quiet=quiet, allow_code=allow_code)
    return Told(screen(found), found.as_dict())


def experiment(
    source: Any, said: Mapping[str, Any], config: Path | None, *, started: float, quiet: bool,
    allow_code: Sequence[str] = (),
) -> Experiment:  # fmt: skip
    """Vary, fit, test and write ``experiment.html`` and ``experiment.json`` into the folder."""
    admit_all(allow_code)
    if isinstance(source, (str, Path)):
        said, source = {**said, "data": str(source)}, None
    own, rest = parted(said, config, OWN)
    spec = resolve(rest)
    varied = asked(own)
    identity = {**named(varied.card), "fixed": dict(varied.fixed), "seeds": varied.seeds,
                "folds": varied.folds, "vary": {k: list(v) for k, v in varied.variables.items()}}  # fmt: skip
    with prepared(
        source, spec, varied.card, "experiment", identity, started=started, quiet=quiet,
        many_folds=True,
    ) as ground:  # fmt: skip
        found = _run(varied, ground)
        files.write(ground.folder / "experiment.html", page(found))
        values = Told("", found.as_dict()).as_json()
        files.write(ground.folder / "experiment.json", values + "\n")
        _record(found, ground)
    return found


def asked(own: Mapping[str, Any]) -> Varied:
    """What --model, --vary, --set, --space and --seeds say; H101 to H103 where it cannot be done."""
    card = model_card(own.get("model"))
    space = resolve_space(card, _path(own.get("space")), own.get("settings") or {})
    variables = {name: _values(card, name, said) for name, said in varying(own.get("vary"))}
    if not 1 <= len(variables) <= 2:
        raise HeldoutError(
            "H101",
            "one or two settings are varied",
            seen=", ".join(variables) or "--vary is missing",
            why="with more, no picture shows what each of them does",
            do=[f"--vary {name}=VALUE,VALUE" for name in list(card.space)[:1]]
            + [f"heldout models {card.name}"],
        )
    cells = math.prod(len(v) for v in variables.values())
    if cells > MOST_CELLS:
        raise _wrong("--vary", f"{cells} cells, at most {MOST_CELLS} are fitted")
    seeds = int(own.get("seeds") or SEEDS)
    if not 1 <= seeds <= 100:
        raise _wrong("--seeds", f"{seeds}: from 1 to 100")
    folds = own.get("folds")
    if folds is not None and int(folds) < 1:
        raise _wrong("--folds", f"{folds}: at least 1")
    fixed = {k: v for k, v in space.fixed.items() if k not in variables}
    return Varied(card, variables, fixed, seeds, None if folds is None else int(folds))


def varying(said: Any) -> list[tuple[str, list[Any]]]:
    """``NAME=VALUE,VALUE``, one or several, or a mapping of lists.

    >>> varying(["leaves=4,8", "l2=0.1,1"])
    [('leaves', ['4', '8']), ('l2', ['0.1', '1'])]
    """
    if isinstance(said, Mapping):
        return [(str(k), list(v) if isinstance(v, (list, tuple)) else [v]) for k, v in said.items()]
    found = []
    for part in said or ():
        name, equals, values = str(part).partition("=")
        if not equals:
            raise _wrong("--vary", f"{part!r} is not NAME=VALUE,VALUE")
        found.append((name.strip(), list(names(values))))
    return found


def _values(card: ModelCard, name: str, said: Sequence[Any]) -> tuple[Any, ...]:
    resolve_space(card, None, {f"{card.name}.{name}": said[0]} if said else {})
    try:
        values = tuple(dict.fromkeys(typed(card.space[name], v) for v in said))
    except (TypeError, ValueError) as error:
        raise _wrong(f"--vary {name}", str(error)) from error
    if len(values) < 2:
        raise _wrong(f"--vary {name}", "two different values at least are compared")
    return values


def _wrong(option: str, seen: str) -> HeldoutError:
    return HeldoutError(
        "H102", f"{option} has a value that makes no sense", seen=seen,
        why="the experiment would not be the one that was meant",
        do=["--vary learning_rate=0.001,0.01,0.1"],
    )  # fmt: skip


def _path(said: Any) -> Path | None:
    return None if said is None else Path(said)


@dataclass
class _Bench:
    """``scores``, ``losses``, ``seconds``, ``rounds``: (cells, seeds, folds of a seed)."""

    varied: Varied
    ground: Ground
    cells: list[Candidate]
    places: list[list[int]]
    failures: dict[int, str]
    kept: dict[str, Doubles]
    said: float = -EVERY

    @classmethod
    def make(cls, varied: Varied, ground: Ground) -> _Bench:
        places = varied.places([len(f.valid) for f in ground.plan.plan.folds])
        cells = [varied.candidate(c) for c in varied.cells]
        shape = (len(cells), varied.seeds, len(places[0]))
        kept = {name: np.full(shape, np.nan) for name in ("scores", "losses", "seconds", "rounds")}
        return cls(varied, ground, cells, places, {}, kept)

    @property
    def price(self) -> float:
        """Seconds for one fit of every cell that still stands."""
        return self.ground.fitter.price(
            [c for i, c in enumerate(self.cells) if i not in self.failures]
        )

    def seed(self, seed: int, deadline: Deadline) -> None:
        """All cells with one seed; TimeoutError where the clock ends it."""
        for j, fold in enumerate(self.places[seed]):
            for i in range(len(self.cells)):
                if deadline.passed:
                    raise TimeoutError
                if i not in self.failures:
                    self._fit(i, seed, j, fold, deadline)
            self._progress(seed, j)

    def _fit(self, i: int, seed: int, j: int, fold: int, deadline: Deadline) -> None:
        fitter = self.ground.fitter
        try:
            fit = fitter.fit(self.cells[i], fold, seed, deadline)
        except (ArithmeticError, ValueError, RuntimeError) as error:
            self.failures[i] = f"{self.cells[i].name}: {error}"
            return
        if fit.stopped:
            raise TimeoutError
        where = i, seed, j
        self.kept["scores"][where] = fitter.score(fit, fold).value
        self.kept["losses"][where] = fitter.score(fit, fold, loss_of(self.ground)).value
        self.kept["seconds"][where] = float(fit.meta["wall_seconds"])
        self.kept["rounds"][where] = fit.rounds

    def _progress(self, seed: int, j: int) -> None:
        context = self.ground.context
        elapsed = context.clock.elapsed()
        if elapsed - self.said < (0.5 if context.redraws else EVERY):
            return
        self.said = elapsed
        left = sum(len(p) for p in self.places) - (seed * len(self.places[0]) + j + 1)
        words = (
            f"seed {seed + 1} of {self.varied.seeds}, about {told_seconds(left * self.price)} left"
        )
        context.progress(line(elapsed, None, words))


def _run(varied: Varied, ground: Ground) -> Experiment:
    """Seed by seed through all cells, so that an end by the clock leaves whole seeds."""
    context = ground.context
    bench = _Bench.make(varied, ground)
    fits = sum(len(p) for p in bench.places)
    estimate = fits * bench.price
    deadline = Deadline.never() if context.spec.budget is None else context.clock.deadline(1.0)
    context.tell(_forewarned(varied, len(bench.cells), fits, estimate))
    if estimate > deadline.left():
        context.tell("More than the budget: it ends after the last seed that fits in.")
    ended, done = "finished", 0
    try:
        for seed in range(varied.seeds):
            bench.seed(seed, deadline)
            done = seed + 1
    except TimeoutError:
        ended = f"the budget was spent after {plural(done, 'seed')} of {varied.seeds}"
    except KeyboardInterrupt:
        ended = f"interrupted after {plural(done, 'seed')} of {varied.seeds}"
    if not done or len(bench.failures) == len(bench.cells):
        raise _nothing(ended, bench.failures)
    return _told(bench, done, estimate, ended)


def _forewarned(varied: Varied, cells: int, each: int, estimate: float) -> str:
    parts = plural(each // varied.seeds, "part")
    return (
        f"{cells} settings x {plural(varied.seeds, 'seed')} x {parts} = "
        f"{plural(cells * each, 'fit')}, about "
        f"{told_seconds(estimate)}. What {varied.card.title} shows may not carry over to other "
        "architectures."
    )


def _nothing(ended: str, failures: Mapping[int, str]) -> HeldoutError:
    return HeldoutError(
        "H801",
        "no setting was fitted with one whole seed",
        seen="; ".join([ended, *list(failures.values())[:2]]),
        why="without one fit of each setting there is nothing to compare",
        do=["give more time with --budget, or fewer values"],
    )


def loss_of(ground: Ground) -> str:
    """The loss that stands beside the metric."""
    return "log_loss" if ground.defined.task.is_likely else "mse"


def _told(bench: _Bench, done: int, estimate: float, ended: str) -> Experiment:
    """From the kept numbers of ``done`` whole seeds."""
    varied, ground = bench.varied, bench.ground
    task, folds = ground.defined.task, ground.plan.plan.folds
    kept = {name: values[:, :done] for name, values in bench.kept.items()}
    used = sorted({f for places in bench.places[:done] for f in places})
    share = float(
        np.mean(
            [len(folds[f].valid) / (len(folds[f].training) + len(folds[f].valid)) for f in used]
        )
    )
    own = share if len(used) > 1 else 0.0
    values = _by_split(kept["scores"], bench.places[:done])
    card = METRICS.get(task.metric)
    each = {name: v.mean(axis=2) for name, v in kept.items()}
    cells = []
    for i, settings in enumerate(varied.cells):
        ends = _within(corrected_interval(values[i], own), task.metric)
        cells.append(
            Cell(
                settings,
                tuple(each["scores"][i].tolist()),
                *ends,
                tuple(each["losses"][i].tolist()),
                float(np.mean(kept["rounds"][i])),
                float(np.median(kept["seconds"][i])),
            )
        )
    return Experiment(
        model=varied.card.name,
        title=varied.card.title,
        source=Path(ground.table.source).name,
        target=task.target,
        metric=task.metric,
        loss=loss_of(ground),
        greater_is_better=card.greater_is_better,
        variables=varied.variables,
        seeds=done,
        cells=tuple(cells),
        pairs=_pairs(values if card.greater_is_better else -values, own),
        splits=len(used),
        test_share=share,
        validation_rows=sum(len(folds[f].valid) for f in used),
        estimate=estimate,
        seconds=ground.fitter.seconds,
        fits=ground.fitter.fitted,
        found=ground.fitter.found,
        ended=ended,
        failures=tuple(bench.failures.values()),
        folder=str(ground.folder),
        page=str(ground.folder / "experiment.html"),
    )


def _within(
    found: tuple[float, float, float], metric: str
) -> tuple[float, float | None, float | None]:
    """Mean and ends, no further than the metric goes; no ends where nothing bounds them."""
    mean, low, high = found
    if not (math.isfinite(low) and math.isfinite(high)):
        return mean, None, None
    if METRICS.get(metric).perfect == 0:
        return mean, max(low, 0.0), high
    floor = {"mcc": -1.0, "r2": -math.inf}.get(metric, 0.0)
    return mean, max(low, floor), min(high, 1.0)


def _by_split(scores: Doubles, places: Sequence[Sequence[int]]) -> Doubles:
    """(cells, splits): what seeds that share a validation part scored is averaged first, for it is
    not independent; with one part in all, seeds are all there is."""
    at = np.array(places).reshape(-1)
    flat = scores.reshape(len(scores), -1)
    if len(np.unique(at)) == 1:
        return flat
    made: Doubles = np.stack([flat[:, at == f].mean(axis=1) for f in np.unique(at)], axis=1)
    return made


def _pairs(values: Doubles, share: float) -> tuple[Pair, ...]:
    """Any two cells that have all their values; (cells, splits), greater is better."""
    if values.shape[1] < 2:
        return ()
    whole = [i for i in range(len(values)) if np.isfinite(values[i]).all()]
    both = list(itertools.combinations(whole, 2))
    p = np.array([corrected_t(values[i], values[j], share)[1] for i, j in both])
    paid = holm(p) if len(p) else p
    found = []
    for (i, j), one, all_ in zip(both, p, paid, strict=True):
        mean, low, high = corrected_interval(values[i] - values[j], share)
        found.append(Pair(i, j, mean, low, high, float(one), float(all_)))
    return tuple(found)


def _record(found: Experiment, ground: Ground) -> None:
    """Enter what was found, and the looks that it took (EVAL-12)."""
    looks = sum(len(c.scores) for c in found.cells)
    ground.context.write(
        "experiment", f"best {found.best.label}", found.warning,
        numbers=json.loads(Told("", found.as_dict()).as_json()), cost=found.seconds,
    )  # fmt: skip
    ground.context.write(
        "looks", f"{plural(looks, 'look')} at {plural(found.validation_rows, 'validation row')}",
        "an experiment looks at validation rows; the best of many is a little too good",
        numbers={"looks": looks, "candidates": len(found.cells), "metric": found.metric,
                 "validation_rows": found.validation_rows},
    )  # fmt: skip
