"""Where time rules nothing is shuffled."""

from __future__ import annotations

import numpy as np
import pytest

from heldout.core.seed import Seed
from heldout.splits.protocol import plan
from splits.made import BINARY, REGRESSION, classes, samples


@pytest.mark.requirement("EVAL-09")
@pytest.mark.parametrize("times", [2, 7, 300, 10_000])
def test_training_comes_before_validation_before_the_seal(times: int) -> None:
    """Strictly before: rows of one moment are never parted."""
    of = samples(6_000, times=times)
    assert of.time is not None
    made = plan(of, classes(6_000, [0.6, 0.4]), BINARY, Seed(0))
    assert made.unit == "time"
    assert made.is_sealed == (times > 2)  # two moments: one to train on, one to validate
    if made.is_sealed:
        assert of.time[made.open].max() < of.time[made.sealed].min()
    assert made.folds
    for fold in made.folds:
        assert of.time[fold.training].max() < of.time[fold.valid].min()
        if len(fold.inner):
            assert of.time[fold.train].max() < of.time[fold.inner].min()


@pytest.mark.requirement("EVAL-09", "EVAL-10")
def test_groups_that_end_are_kept_apart_and_those_that_run_on_are_not() -> None:
    """Patients of one season stay on one side; shops that are always open are parted by time."""
    from dataclasses import replace

    base = samples(6_000)
    time = np.arange(6_000)
    y = np.sin(np.arange(6_000) * 1.7)
    patients = time // 7
    short = replace(base, time=time, group=patients, entity=patients.astype(np.uint64))
    made = plan(short, y, REGRESSION, Seed(0))
    assert not set(patients[made.open].tolist()) & set(patients[made.sealed].tolist())
    shops = time % 5
    long = replace(base, time=time, group=shops, entity=shops.astype(np.uint64))
    made = plan(long, y, REGRESSION, Seed(0))
    assert len(made.open) + len(made.sealed) == 6_000


def test_one_moment_for_all_rows_orders_nothing() -> None:
    """A time column that never changes: rows are shuffled, as without it."""
    made = plan(samples(400, times=1), np.sin(np.arange(400.0)), REGRESSION, Seed(0))
    assert made.unit == "row"


@pytest.mark.requirement("EVAL-09", "SERIES-01")
@pytest.mark.parametrize("groups", [None, 400])
def test_a_gap_keeps_what_was_not_known_yet_out_of_training(groups: int | None) -> None:
    """Between the last trained and the first validated (or sealed) moment lie 30 moments."""
    of = samples(6_000, times=600, groups=groups)
    assert of.time is not None
    made = plan(of, classes(6_000, [0.6, 0.4]), BINARY, Seed(0), gap=30)
    assert made.is_sealed or groups
    for fold in made.folds:
        assert of.time[fold.valid].min() - of.time[fold.training].max() > 30
    if made.is_sealed:
        assert of.time[made.sealed].min() - of.time[made.open].max() > 30
    assert made.numbers["gap"] == 30
    plain = plan(of, classes(6_000, [0.6, 0.4]), BINARY, Seed(0))
    assert np.array_equal(made.sealed, plain.sealed)  # the gap moves no seal


@pytest.mark.requirement("EVAL-09", "EVAL-10")
def test_purged_stretches_are_validated_from_both_sides_with_gap_and_embargo() -> None:
    of = samples(3_000, times=300)
    assert of.time is not None
    made = plan(
        of, np.sin(np.arange(3_000.0)), REGRESSION, Seed(0), protocol="purged", gap=5, embargo=8
    )
    validated = np.concatenate([f.valid for f in made.folds])
    assert np.array_equal(np.sort(validated), made.open)
    both = 0
    for fold in made.folds:
        first, last = of.time[fold.valid].min(), of.time[fold.valid].max()
        around = of.time[fold.training]
        assert not ((around >= first - 5) & (around <= last + 8)).any()
        both += bool((around < first).any() and (around > last).any())
    assert both >= len(made.folds) - 2


def test_a_gap_needs_time_and_leaves_something_to_train_on() -> None:
    from heldout.core.errors import HeldoutError

    with pytest.raises(HeldoutError) as caught:
        plan(samples(400), np.sin(np.arange(400.0)), REGRESSION, Seed(0), gap=3)
    assert caught.value.code == "H267"
    with pytest.raises(HeldoutError) as caught:
        plan(samples(400, times=50), np.sin(np.arange(400.0)), REGRESSION, Seed(0), gap=100)
    assert caught.value.code == "H263"
