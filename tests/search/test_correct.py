"""The correction for choosing, by simulation: the naive winner flatters itself."""

from __future__ import annotations

import numpy as np
import pytest

from heldout.core.clock import Deadline
from heldout.search.choose import choose
from heldout.search.correct import correct, factor_of
from heldout.tasks.task import Task

BINARY = Task("binary", "t", "accuracy", True, ("no", "yes"), "yes")
VALUE = Task("regression", "t", "mae", False)
CANDIDATES, TRUE = 12, 0.65


def equal_candidates(seed: int, n: int) -> tuple[np.ndarray, list[np.ndarray]]:
    """Twelve candidates that are all right in 65 % of the cases, whoever is chosen."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n).astype(float)
    p = [np.where(rng.random(n) < TRUE, y, 1 - y) for _ in range(CANDIDATES)]
    return y, [np.stack([1 - q, q], axis=1) for q in p]


@pytest.mark.requirement("EVAL-12", "TUNE-06")
@pytest.mark.parametrize("n", [150, 3_000])  # the greedy way and the way by influence values
def test_the_naive_winner_is_optimistic_and_the_corrected_one_is_not(n: int) -> None:
    naive, corrected, covered, draws = [], [], 0, 40
    for seed in range(draws):
        y, predictions = equal_candidates(seed, n)
        best = int(np.argmax([(p.argmax(axis=1) == y).mean() for p in predictions]))
        choice = choose([predictions[best]], y, np.ones(n, bool), BINARY)
        alone = type(choice)(((best, 1.0),), 1, "the best one", best)
        found = correct(predictions, y, BINARY, rows=np.ones(n, bool), choice=alone, resamples=60)
        naive.append(found.naive)
        corrected.append(found.score.value)
        assert found.correction <= 0
        covered += found.score.low <= TRUE <= found.score.high
    noise = np.sqrt(TRUE * (1 - TRUE) / n)
    assert np.mean(naive) - TRUE > 1.2 * noise  # the best of twelve equals
    assert abs(np.mean(corrected) - TRUE) < 0.6 * noise
    assert covered >= 0.9 * draws


def test_a_single_candidate_was_not_chosen_and_is_not_corrected() -> None:
    y, predictions = equal_candidates(0, 200)
    choice = choose(predictions[:1], y, np.ones(200, bool), BINARY)
    found = correct(predictions[:1], y, BINARY, rows=np.ones(200, bool), choice=choice)
    assert (found.correction, found.resamples) == (0.0, 0)
    assert found.score.value == found.naive


def test_losses_are_corrected_upwards_and_groups_are_drawn_whole() -> None:
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(40), 5)
    y = rng.normal(size=200)
    shared = rng.normal(size=(8, 40))[:, groups]
    predictions = [(y + s)[:, None] for s in shared]
    rows = np.ones(200, bool)
    choice = choose(predictions, y, rows, VALUE)
    by_row = correct(predictions, y, VALUE, rows=rows, choice=choice, resamples=60)
    by_group = correct(predictions, y, VALUE, rows=rows, choice=choice, groups=groups, resamples=60)
    assert by_group.correction >= 0
    assert by_group.correction > by_row.correction
    assert by_group.score.standard_error > 1.3 * by_row.score.standard_error


def test_repeats_move_the_value_and_not_the_standard_error() -> None:
    y, predictions = equal_candidates(1, 400)
    rows = np.ones(400, bool)
    choice = choose(predictions[:1], y, rows, BINARY)
    one = correct(predictions[:1], y, BINARY, rows=rows, choice=choice)
    both = correct(predictions[:1], y, BINARY, rows=rows, choice=choice, repeats=predictions[:2])
    assert both.repeats == 2
    expected = np.mean([(p.argmax(axis=1) == y).mean() for p in predictions[:2]])
    assert both.score.value == pytest.approx(expected)
    assert both.score.standard_error == pytest.approx(one.score.standard_error, rel=0.02)


def test_the_factor_widens_the_standard_error_of_small_samples() -> None:
    assert [factor_of(n) for n in (499, 500, 2_000)] == [1.2, 1.15, 1.15]


def test_equal_calls_give_equal_numbers_and_the_deadline_ends_the_resampling() -> None:
    y, predictions = equal_candidates(2, 300)
    rows = np.ones(300, bool)
    choice = choose(predictions, y, rows, BINARY)
    first = correct(predictions, y, BINARY, rows=rows, choice=choice, resamples=30)
    again = correct(predictions, y, BINARY, rows=rows, choice=choice, resamples=30)
    assert first.as_dict() == again.as_dict()
    short = correct(predictions, y, BINARY, rows=rows, choice=choice, deadline=Deadline.after(0.0))
    assert short.resamples == 20
