"""One trial of a search of settings: its folds in turn, given up where it is beyond doubt behind.

Every trial has a folder of its own, ``trials/0007``: ``settings.yaml`` (what was set),
``result.json`` (what came of it, and how much was learned) and ``prediction.npy`` (out of fold).
Numbers come from the storage, so no two processes write into one folder (TUNE-03).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from heldout.core import files
from heldout.core.arrays import Doubles, Ints
from heldout.core.clock import Deadline
from heldout.metrics.score import Score
from heldout.metrics.scoring import compare, score
from heldout.models.portfolio import Candidate
from heldout.search.fits import Finished
from heldout.search.study import FAILED, PRUNED, WHOLE, Study, Trial
from heldout.workflow.ground import Ground

BEHIND = 2.0  # paired standard errors on the rows so far: it is given up
FEWEST = 20  # rows to say so on


class OutOfTime(Exception):  # noqa: N818 - no error: the clock ends a trial
    """The deadline came before the trial was whole."""


@dataclass
class Trials:
    """Runs trials on the folds of ``ground``; knows the best whole one of this folder."""

    ground: Ground
    study: Study
    metric: str = ""
    best: tuple[float, Doubles] | None = None
    scored: Ints = field(init=False)

    def __post_init__(self) -> None:
        plan = self.ground.plan.plan
        self.metric = self.metric or self.ground.defined.task.metric
        self.scored = np.setdiff1d(plan.open, plan.unscored)

    @property
    def sign(self) -> float:
        """1 where greater is better."""
        return 1.0 if self.study.greater else -1.0

    def folder(self, number: int) -> Path:
        """Of one trial."""
        return self.ground.folder / "trials" / f"{number:04}"

    def run(self, trial: Trial, deadline: Deadline) -> str:
        """Fit, score, tell; returns the state. KeyboardInterrupt and the deadline leave the trial
        failed, and its finished folds for the next one with these settings."""
        place = self.folder(trial.number)
        place.mkdir(parents=True, exist_ok=False)
        settings = {self.ground.card.name: dict(trial.settings)}
        files.write(place / "settings.yaml", yaml_text(settings))
        state, value, note = FAILED, None, ""
        fits: list[Finished] = []
        y = self.ground.defined.y
        prediction: Doubles = np.full((len(y), self.ground.defined.task.outputs), np.nan)
        try:
            state, value, note = self._folds(trial, deadline, prediction, fits)
        except (ArithmeticError, ValueError, RuntimeError) as error:
            note = f"{type(error).__name__}: {error}"
        except OutOfTime:
            note = "the clock ended it"
        except KeyboardInterrupt:
            note = "interrupted"
            raise
        finally:
            self._keep(place, trial, state, value, note, fits, prediction)
            self.study.tell(trial.number, state, value, note)
        if state == WHOLE and value is not None:
            self._remember(value, prediction)
        return state

    def _folds(
        self, trial: Trial, deadline: Deadline, prediction: Doubles, fits: list[Finished]
    ) -> tuple[str, float | None, str]:
        """Fold after fold; ``prediction`` and ``fits`` are filled in."""
        folds = self.ground.plan.plan.folds
        candidate = self.candidate(trial)
        value = None
        for number, fold in enumerate(folds):
            fit = self.ground.fitter.fit(candidate, number, deadline=deadline)
            if fit.stopped or (deadline.passed and number + 1 < len(folds)):
                raise OutOfTime
            prediction[fold.valid] = fit.prediction
            fits.append(fit)
            value = self.score(prediction).value
            if not np.isfinite(value):
                continue
            self.study.report(trial.number, number, value)
            behind = self.behind(prediction)
            if number + 1 < len(folds) and behind > BEHIND:
                words = f"behind by {behind:.1f} standard errors after {number + 1} of {len(folds)}"
                return PRUNED, None, words
        if value is None or not np.isfinite(value):
            return FAILED, None, "the metric is not defined"
        return WHOLE, float(value), ""

    def candidate(self, trial: Trial) -> Candidate:
        """What is fitted."""
        return Candidate(f"trial {trial.number}", self.ground.card.name, dict(trial.settings))

    def rows(self, *predictions: Doubles) -> Ints:
        """Scored samples that all of these predicted."""
        keep = np.ones(len(self.scored), dtype=bool)
        for p in predictions:
            keep &= ~np.isnan(p[self.scored, 0])
        return self.scored[keep]

    def score(self, prediction: Doubles) -> Score:
        """Over the rows predicted so far."""
        rows, task = self.rows(prediction), self.ground.defined.task
        return score(
            self.metric, task, self.ground.defined.y[rows], prediction[rows],
            groups=self.ground.plan.units_of(rows), weights=self._weights(rows),
        )  # fmt: skip

    def gain(self, one: Doubles, other: Doubles, factor: float = 1.0) -> Score:
        """The paired gain of one over the other where both predicted; positive: one is better."""
        rows, task = self.rows(one, other), self.ground.defined.task
        return compare(
            self.metric, task, self.ground.defined.y[rows], one[rows], other[rows],
            groups=self.ground.plan.units_of(rows), weights=self._weights(rows), factor=factor,
        )  # fmt: skip

    def behind(self, prediction: Doubles) -> float:
        """By how many paired standard errors the best whole one is better on the same rows."""
        if self.best is None or len(self.rows(prediction, self.best[1])) < FEWEST:
            return 0.0
        gain = self.gain(self.best[1], prediction)
        return gain.value / gain.standard_error if gain.standard_error else 0.0

    def prediction(self, trial: Trial) -> Doubles:
        """Out of fold, (samples, outputs): from its folder, else fitted here again."""
        kept = self.folder(trial.number) / "prediction.npy"
        if kept.exists():
            made: Doubles = np.load(kept, allow_pickle=False)
            return made
        y = self.ground.defined.y
        made = np.full((len(y), self.ground.defined.task.outputs), np.nan)
        for number, fold in enumerate(self.ground.plan.plan.folds):
            made[fold.valid] = self.ground.fitter.fit(self.candidate(trial), number).prediction
        return made

    def look_back(self) -> None:
        """Know the best whole trial whose answers lie in this folder."""
        for trial in self.study.trials:
            if trial.state == WHOLE and (self.folder(trial.number) / "prediction.npy").exists():
                assert trial.value is not None
                self._remember(trial.value, self.prediction(trial))

    def _remember(self, value: float, prediction: Doubles) -> None:
        if self.best is None or self.sign * value > self.sign * self.best[0]:
            self.best = value, prediction

    def _weights(self, rows: Ints) -> Doubles | None:
        kept = self.ground.weights
        return None if kept is None else np.asarray(kept[rows])

    def _keep(
        self, place: Path, trial: Trial, state: str, value: float | None, note: str,
        fits: list[Finished], prediction: Doubles,
    ) -> None:  # fmt: skip
        """Settings are set, what is learned is counted: trees, parameters, rounds (TUNE-05)."""
        if state == WHOLE:
            with files.aside(place / "prediction.npy") as temporary, temporary.open("wb") as file:
                np.save(file, prediction, allow_pickle=False)
        made: dict[str, Any] = {
            "trial": trial.number,
            "state": state,
            "metric": self.metric,
            "value": value,
            "settings": dict(trial.settings),
            "learned": [dict(f.meta["numbers"]) for f in fits],
            "rounds": [f.rounds for f in fits],
            "fits": [f.key for f in fits],
            "seconds": sum(float(f.meta["wall_seconds"]) for f in fits),
            "note": note,
        }
        files.write(place / "result.json", json.dumps(made, ensure_ascii=False, default=str) + "\n")


def yaml_text(value: Any) -> str:
    """As a file holds it."""
    import yaml

    return str(yaml.safe_dump(value, sort_keys=False, allow_unicode=True))
