"""From finished fits to scored candidates, and from those to the result of the search."""

from __future__ import annotations

import numpy as np

from heldout.core.arrays import Doubles, Ints
from heldout.metrics.score import Score
from heldout.metrics.scoring import compare, score
from heldout.search.choose import Choice, choose
from heldout.search.race import Runner
from heldout.search.result import CandidateResult, SearchInput, open_scored

BEYOND_DOUBT = 4.0  # paired standard errors
FEWEST = 100  # samples to say so on
SIMPLEST = ("linear", "bayes", "tree", "neighbours", "forest", "boosting", "net")


def tallied(given: SearchInput, runner: Runner) -> CandidateResult:
    """What a candidate predicted out of fold, and how well."""
    fits = tuple(runner.fits.get(f) for f in range(runner.folds))
    prediction: Doubles = np.full((len(given.y), given.task.outputs), np.nan)
    each: list[float | None] = []
    for fold, fit in zip(given.plan.folds, fits, strict=True):
        if fit is not None:
            prediction[fold.valid] = fit.prediction
        found = None if fit is None else scored(given, prediction, fold.valid)
        each.append(None if found is None else found.value)
    return CandidateResult(
        runner.candidate.name,
        runner.candidate.card,
        runner.candidate.settings,
        prediction,
        fits,
        runner.complete,
        scored(given, prediction),
        tuple(each),
        runner.cpu_seconds,
        runner.out,
    )


def scored(given: SearchInput, prediction: Doubles, within: Ints | None = None) -> Score | None:
    """The metric over the open samples that were predicted; None where there are none."""
    rows = predicted(given, prediction)
    if within is not None:
        rows = np.intersect1d(rows, within)
    if not len(rows):
        return None
    return score(
        given.task.metric,
        given.task,
        given.y[rows],
        prediction[rows],
        groups=None if given.groups is None or within is not None else given.groups[rows],
        weights=None if given.weights is None else given.weights[rows],
    )


def predicted(given: SearchInput, *predictions: Doubles) -> Ints:
    """Open samples that count and that all of these predicted."""
    keep = open_scored(given.plan, given.y)
    for prediction in predictions:
        keep &= ~np.isnan(prediction[:, 0])
    return np.flatnonzero(keep)


def usable(given: SearchInput, results: list[CandidateResult]) -> tuple[CandidateResult, ...]:
    """The complete ones. An incomplete one stands alone in their place where there are none, or
    where it is better beyond any doubt on the samples that it predicted: the clock may have
    taken its last folds."""
    complete = tuple(r for r in results if r.complete and r.score is not None)
    others = [r for r in results if not r.complete and r.score is not None]
    sign = 1.0 if given.task.greater_is_better else -1.0

    def rank(r: CandidateResult) -> tuple[int, float]:
        value = sign * r.score.value if r.score is not None else -np.inf
        return len(predicted(given, r.prediction)), value

    if not complete:
        return (max(others, key=rank),) if others else ()
    best = max(complete, key=lambda r: rank(r)[1])
    ahead = [(z, r) for r in others if (z := lead(given, r, best)) > BEYOND_DOUBT]
    return (max(ahead, key=lambda a: a[0])[1],) if ahead else complete


def lead(given: SearchInput, one: CandidateResult, other: CandidateResult) -> float:
    """By how many paired standard errors ``one`` is better where both predicted."""
    rows = predicted(given, one.prediction, other.prediction)
    if len(rows) < FEWEST:
        return 0.0
    gain = compare(
        given.task.metric,
        given.task,
        given.y[rows],
        one.prediction[rows],
        other.prediction[rows],
        groups=None if given.groups is None else given.groups[rows],
        weights=None if given.weights is None else given.weights[rows],
    )
    return gain.value / gain.standard_error if gain.standard_error else 0.0


def chosen(given: SearchInput, among: tuple[CandidateResult, ...], rows: Ints) -> Choice | None:
    """The ensemble, or the best single one."""
    if not among or not len(rows):
        return None
    if len(among) == 1:
        words = "the only one that finished"
        if not among[0].complete:
            words = "better beyond doubt than all that is complete; the clock took its last folds"
        return Choice(((0, 1.0),), 1, words, 0)
    ranks = [SIMPLEST.index(r.model.family) if r.model.family in SIMPLEST else 9 for r in among]
    return choose(
        [r.prediction for r in among],
        given.y,
        rows,
        given.task,
        simplicity=ranks,
        groups=given.groups,
        weights=given.weights,
        seed=given.seed.child("ensemble"),
    )
