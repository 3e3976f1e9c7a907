"""Members in turn, on threads, together: the same trainings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from heldout.core.seed import Seed
from heldout.training import Data, EarlyStopping, Member, Population, Regime
from heldout.training.schedules import cosine
from training.small_models import dense, difference, rows

X, Y = rows(240)
DATA = Data.of(X, Y)


def build() -> Any:
    return dense(8, dropout=0.2, l2=1e-3)


def members(count: int = 4, sizes: tuple[int, ...] = (200,)) -> list[Member]:
    settings = [
        {"dropout": 0.1, "l2": 1e-3, "learning_rate": 0.01},
        {"dropout": 0.5, "l2": 1e-2, "learning_rate": cosine(0.02, warm_up=3)},
    ]
    return [
        Member(str(i), np.arange(sizes[i % len(sizes)]), np.arange(200, 240), Seed(i), settings[i % 2])
        for i in range(count)
    ]  # fmt: skip


def run(side: str, own: list[Member], **regime: Any) -> tuple[list[Any], list[str]]:
    population = Population(build, DATA, own, Regime(**{"epochs": 3, "side": side, **regime}))
    return population.run(), population.notes


@pytest.mark.requirement("TRAIN-17")
def test_threads_give_the_bits_of_one_after_the_other() -> None:
    """Folds of other sizes, other seeds, other settings; the choice is said."""
    own = members(5, (200, 197))
    a, _ = run("in turn", own, padded=True)
    b, notes = run("threads", own, padded=True)
    for x, y in zip(a, b, strict=True):
        assert difference(x.weights, y.weights) == 0.0
        assert x.history == y.history
    assert any("cores, as alone" in note for note in notes)
    assert any("float32" in note for note in notes)


@pytest.mark.slow
@pytest.mark.requirement("TRAIN-17")
@pytest.mark.parametrize("padded", [False, True])
def test_one_program_for_all_members_gives_the_same_trainings(padded: bool) -> None:
    """Within what float32 allows: each has its own order, masks, rates, penalties."""
    own = members(4, (200, 130) if padded else (200,))
    a, _ = run("in turn", own, padded=padded)
    b, notes = run("together", own, padded=padded)
    assert any("as one program" in note for note in notes)
    for x, y in zip(a, b, strict=True):
        assert x.curve("loss") == pytest.approx(y.curve("loss"), rel=1e-4)
        assert x.curve("val_loss") == pytest.approx(y.curve("val_loss"), rel=1e-4)
        assert x.curve("learning_rate") == y.curve("learning_rate")
        assert (x.steps, x.samples, x.stopped) == (y.steps, y.samples, y.stopped)
        assert difference(x.weights, y.weights) < 1e-4
    same = [Member(str(i), None, None, Seed(7)) for i in range(3)]
    twins, _ = run("together", same)
    assert difference(twins[0].weights, twins[1].weights) == 0.0


@pytest.mark.slow
def test_who_stops_early_leaves_with_the_best_state_and_who_breaks_with_the_last_good_one() -> None:
    """The others go on, in fewer places."""
    own = [
        Member(str(i), np.arange(200), np.arange(200, 240), Seed(i), {"learning_rate": rate})
        for i, rate in enumerate((1e30, 0.5, 0.001))
    ]
    how: dict[str, Any] = {"epochs": 15, "stopping": EarlyStopping(patience=2)}
    a, _ = run("in turn", own, **how)
    b, _ = run("together", own, **how)
    assert (b[0].stopped, b[0].blame) == (a[0].stopped, a[0].blame)
    assert b[0].stopped == "not finite"
    assert all(np.isfinite(w).all() for m in b for w in m.weights)
    assert b[2].stopped == a[2].stopped
    assert b[2].curve("val_loss") == pytest.approx(a[2].curve("val_loss"), rel=1e-3)
    model = build()
    member = b[1]  # its steps are so large that the last bits matter
    assert member.stopped == "patience"
    assert member.best == member.epochs - 2
    model.set_weights(member.weights)
    again = model.evaluate(X[200:], Y[200:], verbose=0)
    assert again == pytest.approx(min(member.curve("val_loss")), rel=1e-4)


def test_members_that_are_trained_together_go_on_from_their_checkpoints(tmp_path: Path) -> None:
    """To the same numbers as without a break."""
    own = [Member(str(i), np.arange(200), np.arange(200, 240), Seed(i)) for i in range(3)]
    whole, _ = run("together", own, epochs=4)
    run("together", own, epochs=2, folder=tmp_path)
    rest, _ = run("together", own, epochs=4, folder=tmp_path)
    for x, y in zip(whole, rest, strict=True):
        assert difference(x.weights, y.weights) < 1e-6
        assert y.epochs == 4


def test_what_cannot_be_side_by_side_says_so() -> None:
    """And is trained in turn, or on threads."""
    _, notes = run("together", members(2, (200, 150)))
    assert any("other numbers of rows" in note for note in notes)
    quiet = keras.callbacks.Callback()
    _, notes = run("together", members(2), callback_list=[quiet])
    assert "members in turn: callbacks see one model at a time" in notes
    with pytest.raises(ValueError, match="none of auto"):
        run("sideways", members(2))


def test_the_number_of_cores_is_the_persons_to_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker of a search has one, and trains in turn."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    _, notes = run("auto", members(2))
    assert "members in turn: there is one core for this" in notes
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    _, notes = run("auto", members(2))
    assert any("a member on each of 2 cores" in note for note in notes)
