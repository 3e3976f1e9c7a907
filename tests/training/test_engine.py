"""Populations, knobs, budgets, rules, checkpoints."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from heldout.core.seed import Seed
from heldout.training import Data, EarlyStopping, Member, Plateau, Population, Regime, train
from heldout.training.schedules import cosine
from training.small_models import dense, difference, rows

X, Y = rows(300)
DATA = Data.of(X, Y)


def build(width: int = 8) -> Any:
    return dense(width, dropout=0.2, l2=1e-3)


def run(members: list[Member], **regime: Any) -> list[Any]:
    return Population(build, DATA, members, Regime(**{"epochs": 3, **regime})).run()


def member(name: str, seed: int = 0, end: int = 250, **settings: Any) -> Member:
    return Member(name, np.arange(end), np.arange(260, 300), Seed(seed), settings)


@pytest.mark.requirement("TRAIN-16", "REG-03")
@pytest.mark.parametrize("padded", [False, True])
def test_a_member_is_bit_for_bit_what_it_is_alone(padded: bool) -> None:
    """Folds of other sizes, other seeds and other settings beside it change nothing."""
    many = [
        member("a", 0, 250, dropout=0.2, l2=1e-3, learning_rate=0.01),
        member("b", 1, 247, dropout=0.5, l2=1e-2, learning_rate=cosine(0.01, warm_up=3)),
    ]
    together = run(many, padded=padded)
    alone = run(many[1:], padded=padded)[0]
    assert difference(together[1].weights, alone.weights) == 0.0
    assert together[0].curve("val_loss") != together[1].curve("val_loss")


@pytest.mark.requirement("LOSS-10", "X-056")
def test_a_filled_up_last_batch_gives_the_same_means() -> None:
    """Rows of weight 0 change no mean, neither in training nor in validation."""
    plain = member("a", learning_rate=0.01, dropout=0.0)
    a, b = run([plain])[0], run([plain], padded=True)[0]
    assert np.allclose(a.curve("loss"), b.curve("loss"), rtol=1e-5)
    assert np.allclose(a.curve("val_loss"), b.curve("val_loss"), rtol=1e-5)


def test_other_settings_do_what_they_do_in_keras() -> None:
    """Clipping, decay and smoothing as knobs against the same numbers written into the model."""
    made = {"clipnorm": 0.1, "weight_decay": 0.01}
    loss = keras.losses.BinaryCrossentropy(label_smoothing=0.2)
    fixed = dense(optimizer=keras.optimizers.Adam(1e-2, **made))
    fixed.compile(fixed.optimizer, loss)
    knobs = dense()
    knobs.set_weights(fixed.get_weights())
    a = train(fixed, (X, Y), epochs=2, shuffle=False)
    b = train(knobs, (X, Y), settings={**made, "label_smoothing": 0.2}, epochs=2, shuffle=False)
    assert difference(a.weights, b.weights) < 1e-6


@pytest.mark.requirement("TUNE-04")
def test_what_is_no_input_is_another_program_and_that_is_said() -> None:
    """The width is an argument of build."""
    population = Population(
        build, DATA, [member("a", width=4), member("b", width=8)], Regime(epochs=1)
    )
    made = population.run()
    assert [m.weights[0].shape for m in made] == [(6, 4), (6, 8)]
    assert population.notes[0] == "2 programs are compiled: width differ"
    with pytest.raises(ValueError, match="no setting 'momentum'"):
        run([member("a", momentum=0.5)])


@pytest.mark.requirement("TRAIN-08", "X-055", "PLATFORM-09")
@pytest.mark.parametrize("budget", [{"epochs": 2}, {"steps": 9}, {"samples": 500}])
def test_a_killed_training_goes_on_to_the_same_bits(tmp_path: Path, budget: Any) -> None:
    """Cut at an epoch or in the middle of one; dropout, Adam, early stopping, plateau and all."""
    how = {
        "stopping": EarlyStopping(patience=4),
        "plateau": Plateau(patience=1),
        "batch": 64,
        "average": 0.5,
    }
    whole = run([member("a")], epochs=5, **how)[0]
    cut = {"epochs": 5, **budget}
    first = run([member("a")], folder=tmp_path, **how, **cut)[0]
    assert first.steps < whole.steps
    rest = run([member("a")], epochs=5, folder=tmp_path, **how)[0]
    if budget == {"epochs": 2}:
        assert rest.history == whole.history
        assert rest.curve("learning_rate") == whole.curve("learning_rate")
    else:
        assert rest.history[-1]["loss"] == whole.history[-1]["loss"]
    assert rest.steps == whole.steps == 20


@pytest.mark.requirement("TRAIN-09", "X-058", "REG-08")
def test_early_stopping_gives_back_the_best_state() -> None:
    """With a rate that is too high the last state is not the best."""
    made = run([member("a", learning_rate=0.3)], epochs=30, stopping=EarlyStopping(patience=3))[0]
    curve = made.curve("val_loss")
    assert made.stopped == "patience"
    assert made.best == int(np.argmin(curve)) + 1 == made.epochs - 3
    model = build()
    model.set_weights(made.weights)
    again = model.evaluate(X[260:], Y[260:], verbose=0)
    assert np.isclose(again, min(curve), rtol=1e-5)


@pytest.mark.requirement("DIAG-07", "X-063")
def test_nan_stops_a_member_with_its_last_good_state() -> None:
    """And says in which layer it began; the others go on."""
    bad, good = run([member("a", learning_rate=1e30), member("b", learning_rate=0.01)])
    assert bad.stopped == "not finite"
    assert bad.blame in ("first", "last")
    assert all(np.isfinite(w).all() for w in bad.weights)
    assert "NaN or infinity began at step 2" in bad.notes[0]
    assert good.stopped == "epochs"


def test_data_that_does_not_fit_is_read_in_blocks(tmp_path: Path) -> None:
    """From a memory map, with the same bits."""
    np.save(tmp_path / "x.npy", X)
    mapped = Data.of(np.load(tmp_path / "x.npy", mmap_mode="r"), Y)
    blocks = Regime(epochs=2, memory=4_000, validation_batch=40)
    whole = Regime(epochs=2, validation_batch=40)
    a = Population(build, mapped, [member("a")], blocks).run()[0]
    b = Population(build, DATA, [member("a")], whole).run()[0]
    assert isinstance(mapped.x, np.memmap)
    assert difference(a.weights, b.weights) == 0.0
    assert np.allclose(a.curve("val_loss"), b.curve("val_loss"), rtol=1e-6)


@pytest.mark.requirement("TRAIN-10", "TRAIN-12")
def test_callbacks_and_files(tmp_path: Path) -> None:
    """A Keras callback changes the rate and stops; CSV and event file are written."""

    class Halve(keras.callbacks.Callback):  # type: ignore[misc,unused-ignore]
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            assert np.isfinite(self.model.get_weights()[0]).all()
            self.model.optimizer.learning_rate.assign(self.model.optimizer.learning_rate / 2)
            self.model.stop_training = epoch == 2

    file = tmp_path / "curves.csv"
    made = run(
        [member("a")], epochs=9, callback_list=[Halve()], csv=file, tensorboard=tmp_path / "board"
    )[0]
    assert made.stopped == "callback"
    assert made.curve("learning_rate") == pytest.approx([0.01, 0.005, 0.0025])
    assert file.read_text().splitlines()[0].startswith("member,epoch,steps,samples,learning_rate")
    (events,) = (tmp_path / "board" / "a").iterdir()
    data, found = events.read_bytes(), 0
    while data:
        (length,) = struct.unpack("<Q", data[:8])
        data, found = data[12 + length + 4 :], found + 1
    assert found == 1 + 1 + 3 * (1 + 4)  # version, graph, three epochs


@pytest.mark.requirement("TRAIN-08")
def test_budgets_in_steps_samples_and_seconds() -> None:
    """Whatever is spent first ends it, in the middle of an epoch too."""
    assert run([member("a")], steps=6)[0].steps == 6
    assert run([member("a")], samples=200)[0].samples in (250, 256)
    done = run([member("a")], epochs=100_000, seconds=1.5)[0]
    assert done.stopped == "seconds"


@pytest.mark.requirement("TRAIN-10")
def test_callbacks_before_epochs_and_around_batches() -> None:
    """A rate set before an epoch counts in it; every batch is told, with the means so far."""
    seen: list[Any] = []

    class Look(keras.callbacks.Callback):  # type: ignore[misc,unused-ignore]
        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            seen.append((batch, float(self.model.optimizer.learning_rate)))

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            assert logs["loss"] > 0
            self.model.stop_training = len(seen) == 6

    halve = keras.callbacks.LearningRateScheduler(lambda epoch, rate: 0.01 / 2**epoch)
    made = run([member("a")], epochs=3, callback_list=[halve])[0]
    assert made.curve("learning_rate") == pytest.approx([0.01, 0.005, 0.0025])
    cut = run([member("a")], epochs=3, callback_list=[halve, Look()])[0]
    assert [batch for batch, _ in seen] == [0, 1, 2, 3, 0, 1]
    assert [rate for _, rate in seen] == pytest.approx([0.01] * 4 + [0.005] * 2)
    assert (cut.stopped, cut.steps) == ("callback", 6)
    assert cut.curve("loss")[0] == made.curve("loss")[0]
