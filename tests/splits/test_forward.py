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
