"""The table of contract 1 is a total function, and its splits keep their promises."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heldout.core.errors import HeldoutError
from heldout.core.seed import Seed
from heldout.splits.plan import Plan, Samples
from heldout.splits.protocol import plan
from heldout.splits.sizes import PROTOCOLS, choose
from heldout.splits.units import join
from splits.made import BINARY, REGRESSION, classes, multiclass, samples, straddles


def check(made: Plan, of: Samples) -> None:
    """What holds for every plan: disjoint, complete, units on one side."""
    n = len(of)
    assert not np.intersect1d(made.sealed, made.open).size
    if made.unit != "time":
        assert len(made.sealed) + len(made.open) == n
    unit = of.copy_of if of.group is None else join(of.group, of.copy_of)
    if not made.numbers["copies_together"]:
        unit = np.arange(n) if of.group is None else of.group
    if made.unit != "time":
        assert not straddles(unit, made.sealed, made.open)
    for fold in (*made.folds, *made.more):
        parts = np.concatenate([fold.train, fold.inner, fold.valid])
        assert len(parts) == len(set(parts.tolist()))
        assert np.isin(parts, made.open).all()
        assert len(fold.train)
        assert len(fold.valid)
        if made.unit != "time":
            assert len(parts) == len(made.open)
            assert not straddles(unit, fold.train, fold.valid)
            assert not straddles(unit, fold.inner, fold.valid)
            assert not straddles(unit, fold.inner, fold.train)
    if made.unit != "time" and len(made.folds) > 1:
        repeats = 1 + len(made.more) // len(made.folds)
        every = np.concatenate([f.valid for f in (*made.folds, *made.more)])
        assert np.bincount(every, minlength=n)[made.open].tolist() == [repeats] * len(made.open)


@pytest.mark.requirement("EVAL-03", "EVAL-04", "EVAL-10")
@settings(max_examples=120, deadline=None)
@given(
    n=st.integers(20, 400),
    copies=st.sampled_from([0.0, 0.1, 0.9]),
    groups=st.sampled_from([None, 3, 40]),
    times=st.sampled_from([None, 1, 2, 50]),
    target=st.sampled_from(["number", "even", "rare", "many"]),
    protocol=st.sampled_from([None, *PROTOCOLS]),
    seed=st.integers(0, 3),
)
def test_any_table_can_be_planned(n, copies, groups, times, target, protocol, seed) -> None:  # type: ignore[no-untyped-def]
    """Disjoint, complete, groups and copies on one side: whatever the sizes."""
    of = samples(n, copies=copies, groups=groups, times=times, seed=seed)
    task = {"number": REGRESSION, "many": multiclass(12)}.get(target, BINARY)
    shares = {"even": [0.5, 0.5], "rare": [0.97, 0.03], "many": [0.34] + [0.06] * 11}
    y = np.sin(np.arange(n) * 1.7) if target == "number" else classes(n, shares[target], seed)
    check(plan(of, y, task, Seed(seed), protocol=protocol), of)


@pytest.mark.requirement("EVAL-04")
@pytest.mark.parametrize(
    "n", [20, 299, 300, 999, 1000, 4999, 5000, 99_999, 199_999, 200_000, 10**7]
)
def test_the_table_is_total_over_n_and_the_rarest_class(n: int) -> None:
    """Every n and n+ has one protocol; at most 20 % (or 50,000) is sealed."""
    for rarest in {0, 1, 9, 149, 150, 499, 500, 100_000, n // 2, n}:
        if rarest > n:
            continue
        size = choose(n, rarest)
        assert (size.sealed > 0) == (n >= 5_000 and rarest >= 500)
        assert size.sealed <= max(0.2 * n, 1) + 1
        assert size.sealed <= 50_000
        for seal in (True, False):
            try:
                forced = choose(n, rarest, seal=seal)
            except HeldoutError as error:
                assert error.code == "H264"
                assert seal
                assert n < 1_000 or rarest < 150
            else:
                assert (forced.sealed > 0) == seal


@pytest.mark.parametrize(
    ("n", "rarest", "protocol", "sealed", "folds", "repeats"),
    [
        (690, 300, "repeated", 0, 10, 5),
        (250, 100, "repeated", 0, 10, 10),
        (4_000, 1_000, "kfold", 0, 10, 1),
        (7_043, 1_869, "kfold", 1_409, 5, 1),
        (7_043, 400, "kfold", 0, 5, 1),
        (150_000, 600, "kfold", 20_000, 5, 1),
        (250_000, 900, "holdout", 25_000, 1, 1),
        (900_000, 900, "holdout", 50_000, 1, 1),
        (900_000, 400, "kfold", 0, 5, 1),
    ],
)
def test_rows_of_the_table(n, rarest, protocol, sealed, folds, repeats) -> None:  # type: ignore[no-untyped-def]
    """The rows of contract 1, one by one."""
    size = choose(n, rarest)
    assert (size.protocol, size.sealed, size.folds, size.repeats) == (
        protocol,
        sealed,
        folds,
        repeats,
    )


@pytest.mark.requirement("X-003", "EVAL-05")
def test_parts_are_equal_to_one_and_every_row_validates_once() -> None:
    """n = 10, K = 3 gives 4, 3, 3: no row is left over, as n // K would."""
    from heldout.splits.folds import three

    folds = three(10, None, None, Seed(0))
    assert sorted(len(valid) for _, valid in folds) == [3, 3, 4]
    assert sorted(np.concatenate([valid for _, valid in folds]).tolist()) == list(range(10))
    for train, valid in folds:  # joined, not added: 8 numbers of rows, not their sums
        assert sorted([*train, *valid]) == list(range(10))
    made = plan(samples(1_003), np.sin(np.arange(1_003.0)), REGRESSION, Seed(0), protocol="kfold")
    assert {len(f.valid) for f in made.folds} <= {100, 101}


@pytest.mark.requirement("X-004", "EVAL-05")
def test_mean_of_folds_is_not_the_pooled_score() -> None:
    """Hits 4 of 4, 0 of 3, 3 of 3: mean .666667, pooled .7; sizes are kept, so both can be told."""
    made = plan(samples(21), np.arange(21.0), REGRESSION, Seed(0), protocol="kfold")
    assert sum(len(f.valid) for f in made.folds) == 21
    hits = [np.ones(4), np.zeros(3), np.ones(3)]
    assert np.mean([h.mean() for h in hits]) == pytest.approx(0.666667, abs=1e-6)
    assert np.concatenate(hits).mean() == pytest.approx(0.7)


@pytest.mark.requirement("X-005", "EVAL-03")
def test_what_is_cut_off_is_cut_off() -> None:
    """A hold-out that misspells its variable trains on its own test rows; here no row is in two."""
    made = plan(samples(1_000), classes(1_000, [0.5, 0.5]), BINARY, Seed(0), protocol="80/10/10")
    (fold,) = made.folds
    assert not set(fold.training.tolist()) & {*fold.valid.tolist(), *made.sealed.tolist()}


@pytest.mark.requirement("X-006", "EVAL-07")
@pytest.mark.parametrize(("n", "parts"), [(1_000, (800, 100, 100)), (1_003, (803, 100, 100))])
def test_presets(n: int, parts: tuple[int, int, int]) -> None:
    """80/10/10 is a hold-out, by largest remainder; 90/10 with rotation is K = 10."""
    y = classes(n, [0.5, 0.5])
    made = plan(samples(n), y, BINARY, Seed(0), protocol="80/10/10")
    (fold,) = made.folds
    assert (len(fold.training), len(fold.valid), len(made.sealed)) == parts
    turned = plan(samples(n), y, BINARY, Seed(0), protocol="90/10")
    assert len(turned.folds) == 10
    assert not turned.is_sealed


@pytest.mark.requirement("X-007", "EVAL-08")
def test_sorted_digits_are_shuffled_and_stratified() -> None:
    """Ten of each digit, sorted: the first 80 % hold 0 to 7 only; here 8 and 2 of each."""
    y = np.repeat(np.arange(10.0), 10)
    assert set(y[:80]) == set(range(8))
    made = plan(samples(100), y, multiclass(10), Seed(0), protocol="holdout")
    (fold,) = made.folds
    assert np.bincount(y[fold.training].astype(int)).tolist() == [8] * 10
    assert np.bincount(y[fold.valid].astype(int)).tolist() == [2] * 10


@pytest.mark.requirement("EVAL-06")
def test_iterated_k_fold_reshuffles_and_says_its_cost() -> None:
    """P x K fits are told beforehand, and every repeat is another split."""
    made = plan(samples(600), classes(600, [0.6, 0.4]), BINARY, Seed(0))
    assert (len(made.folds), len(made.more)) == (10, 40)
    assert made.numbers["fits_of_the_chosen"] == 50
    assert "10 x 5 = 50 fits" in made.reason
    splits = {tuple(f.valid.tolist()) for f in (*made.folds, *made.more)}
    assert len(splits) == 50


def test_classes_with_fewer_rows_than_folds_are_named_and_not_scored() -> None:
    """They are spread over the folds, and n+ is that of the others."""
    y = np.r_[np.zeros(500), np.ones(90), np.full(7, 2.0)]
    made = plan(samples(597), y, multiclass(3), Seed(0))
    assert made.rarest == 90
    assert made.numbers["rare_classes"] == ["c2"]
    assert y[made.unscored].tolist() == [2.0] * 7
    assert max(int((y[f.valid] == 2).sum()) for f in made.folds) == 1


def test_few_groups_give_no_interval() -> None:
    """Below ten groups in the scored part no interval is claimed."""
    few = plan(samples(600, groups=6), classes(600, [0.6, 0.4]), BINARY, Seed(0))
    assert few.unit == "group"
    assert len(few.folds) == 6
    assert not few.numbers["interval"]
    enough = plan(samples(600, groups=30), classes(600, [0.6, 0.4]), BINARY, Seed(0))
    assert enough.numbers["interval"]


def test_one_group_is_an_error_that_can_be_mended() -> None:
    """All rows in one group leave no other side."""
    with pytest.raises(HeldoutError) as caught:
        plan(samples(100, groups=1), np.arange(100.0), REGRESSION, Seed(0))
    assert caught.value.code == "H263"


def test_an_unknown_protocol_names_the_nearest() -> None:
    """--protocol kfolds."""
    with pytest.raises(HeldoutError) as caught:
        plan(samples(100), np.arange(100.0), REGRESSION, Seed(0), protocol="kfolds")
    assert caught.value.code == "H103"
    assert "kfold" in caught.value.do[0]
