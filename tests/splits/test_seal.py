"""The seal belongs to the data: nothing that a person or a run does moves it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from heldout.core.seed import Seed
from heldout.splits.plan import Samples
from heldout.splits.protocol import plan
from heldout.splits.samples import first_equal
from splits.made import BINARY, REGRESSION, classes, samples

N = 6_000


def reorder(of: Samples, order: np.ndarray) -> Samples:
    """The same samples in other rows."""
    content = of.content[order]
    return Samples(
        np.arange(len(order)),
        None if of.group is None else of.group[order],
        None if of.time is None else of.time[order],
        first_equal(content),
        content,
        None if of.entity is None else of.entity[order],
    )


@pytest.mark.requirement("EVAL-03")
@pytest.mark.parametrize("task", [BINARY, REGRESSION])
def test_seed_and_order_do_not_move_it(task) -> None:  # type: ignore[no-untyped-def]
    """Another seed, or the rows shuffled: the same rows are sealed, under the same name."""
    of = samples(N, copies=0.05)
    y = classes(N, [0.7, 0.3]) if task is BINARY else np.sin(np.arange(N) * 1.7)
    first = plan(of, y, task, Seed(0))
    assert first.is_sealed
    other = plan(of, y, task, Seed(9))
    assert np.array_equal(first.sealed, other.sealed)
    assert first.fingerprint == other.fingerprint
    assert not np.array_equal(first.folds[0].valid, other.folds[0].valid)
    order = np.random.default_rng(1).permutation(N)
    moved = plan(reorder(of, order), y[order], task, Seed(0))
    assert sorted(order[moved.sealed].tolist()) == first.sealed.tolist()
    assert moved.fingerprint == first.fingerprint


@pytest.mark.requirement("EVAL-03")
@pytest.mark.parametrize("task", [BINARY, REGRESSION])
def test_appended_rows_hardly_move_it(task) -> None:  # type: ignore[no-untyped-def]
    """A tenth more rows: what was sealed stays sealed, but for a few at the edge of the rank."""
    of = samples(N)
    y = classes(N, [0.7, 0.3]) if task is BINARY else np.sin(np.arange(N) * 1.7)
    before = plan(reorder(of, np.arange(5_400)), y[:5_400], task, Seed(0))
    after = plan(of, y, task, Seed(0))
    still = np.isin(before.sealed, after.sealed)
    assert still.mean() > 0.95


@pytest.mark.requirement("EVAL-08")
def test_it_is_stratified_and_holds_a_hundred_of_the_rarest() -> None:
    """20 % of every class."""
    y = classes(N, [0.9, 0.1])
    made = plan(samples(N), y, BINARY, Seed(0))
    assert len(made.sealed) == 1_200
    for code in (0, 1):
        share = (y[made.sealed] == code).sum() / (y == code).sum()
        assert share == pytest.approx(0.2, abs=0.002)
    large = 100_000
    rare = np.zeros(large)
    rare[:510] = 1
    made = plan(samples(large), rare, BINARY, Seed(0))
    assert (rare[made.sealed] == 1).sum() >= 100


def test_whole_groups_are_sealed_by_their_name() -> None:
    """More rows of a group do not move it: the group's name decides."""
    of = samples(30_000, groups=7_000)
    y = np.sin(np.arange(30_000) * 1.7)
    made = plan(of, y, REGRESSION, Seed(0))
    assert made.unit == "group"
    assert of.group is not None
    sealed = set(of.group[made.sealed].tolist())
    assert not sealed & set(of.group[made.open].tolist())
    assert len(sealed) == pytest.approx(0.2 * made.units, abs=3)


@pytest.mark.requirement("EVAL-03")
def test_the_target_of_one_row_moves_no_other_row() -> None:
    """Poison: with one row's label flipped the other rows stay where they were, but for one."""
    of, y = samples(N), classes(N, [0.7, 0.3])
    first = plan(of, y, BINARY, Seed(0))
    flipped = y.copy()
    flipped[int(first.open[0])] = 1 - flipped[int(first.open[0])]
    after = plan(of, flipped, BINARY, Seed(0))
    assert len(np.setxor1d(first.sealed, after.sealed)) <= 3


def test_the_name_depends_on_the_target() -> None:
    """Another target under the same rows is another question."""
    of, y = samples(N), classes(N, [0.5, 0.5])
    one = plan(of, y, BINARY, Seed(0))
    renamed = dataclasses.replace(BINARY, classes=("nej", "ja"), positive="ja")
    assert plan(of, y, renamed, Seed(0)).fingerprint != one.fingerprint


def test_asked_for_it_is_had_from_a_thousand() -> None:
    """--seal on 1,200 rows: 240, and what that costs in precision."""
    made = plan(samples(1_200), classes(1_200, [0.6, 0.4]), BINARY, Seed(0), seal=True)
    assert len(made.sealed) == 240
    assert made.numbers["wider_than_cross_validated"] == pytest.approx(2.24, abs=0.01)
