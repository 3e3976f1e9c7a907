"""Rolling origins: no model sees anything at or after its own origin."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from forecast.cases import ground, months, seasonal, walk
from heldout.core.clock import Deadline
from heldout.core.errors import HeldoutError
from heldout.core.seed import Seed
from heldout.models.onestep import candidates
from heldout.splits.origins import plan_origins
from heldout.splits.samples import make_samples
from heldout.tables.read import read
from heldout.tasks.options import Said
from heldout.tasks.state import encode, state, with_roles
from heldout.workflow.backtest import backtest, band, best, gain, nulls, spread
from heldout.workflow.series import make_series, windows


def planned(steps: int, horizon: int, least: int = 30):
    table = read({"t": months(steps), "y": seasonal(steps)})
    task = state(table, "y", Said(task="forecast", time=("t",), horizon=horizon))
    table = with_roles(table, task)
    samples, y = make_samples(table, task), encode(task, table)
    return plan_origins(samples, y, task, Seed(0), horizon=horizon, least=least), samples


@pytest.mark.requirement("EVAL-10")
def test_the_last_horizon_is_sealed_and_origins_do_not_overlap() -> None:
    plan, samples = planned(144, 12)
    assert samples.time[plan.sealed].tolist() == list(range(132, 144))
    assert len(plan.folds) == 8
    seen: set[int] = set()
    for fold in plan.folds:
        valid = samples.time[fold.valid]
        assert len(valid) == 12
        assert samples.time[fold.train].max() < valid.min()
        assert len(fold.train) >= 30
        assert not seen & set(fold.valid.tolist())
        seen |= set(fold.valid.tolist())
    assert not seen & set(plan.sealed.tolist())
    assert len(planned(600, 12)[0].folds) == 10
    assert plan.fingerprint == planned(144, 12)[0].fingerprint


def test_a_short_series_is_told_which_horizon_fits() -> None:
    with pytest.raises(HeldoutError) as caught:
        planned(70, 12)
    assert caught.value.code == "H265"
    assert caught.value.do == ("--horizon 10",)
    planned(70, 10)


@pytest.mark.requirement("SERIES-01", "SERIES-03")
def test_no_window_holds_a_future_value() -> None:
    """Every window ends right before its target; with the future poisoned, nothing changes."""
    columns = {"t": months(132), "y": [float(i) for i in range(132)]}
    made = ground(columns, "y", "t", 12, 12)
    window, following = windows(made.series, 60, 14)
    assert len(following) == 60 - 14
    assert (window[:, -1] == following - 1).all()
    assert following.max() == 59
    clean = ground({"t": months(132), "y": seasonal()}, "y", "t", 12, 12)
    found = backtest(candidates(12, True), clean, Seed(0), Deadline.never())
    for o, start in enumerate(clean.starts):
        poisoned = dataclasses.replace(
            clean.series[0], values=np.where(np.arange(132) < start, clean.series[0].values, 1e9)
        )
        again = dataclasses.replace(clean, series=[poisoned], starts=(start,))
        for a, b in zip(
            found, backtest(candidates(12, True), again, Seed(0), Deadline.never()), strict=True
        ):
            assert np.array_equal(a.predicted[o], b.predicted[0]), a.name


@pytest.mark.requirement("SERIES-02", "EVAL-01")
def test_null_models_are_the_last_value_and_the_last_season() -> None:
    made = ground({"t": months(132), "y": seasonal()}, "y", "t", 12, 12)
    last, season = nulls(made)
    values = made.series[0].values
    for o, start in enumerate(made.starts):
        assert (last.predicted[o] == values[start - 1]).all()
        assert (season.predicted[o, 0] == values[start - 12 : start]).all()
    assert [last.name, season.name] == ["last_value", "seasonal"]
    assert best([last, season], made.task) == 1


@pytest.mark.requirement("SERIES-03")
def test_models_beat_the_season_where_there_is_a_trend() -> None:
    made = ground({"t": months(132), "y": seasonal()}, "y", "t", 12, 12)
    found = backtest(candidates(12, True), made, Seed(0), Deadline.never())
    nothing = nulls(made)[1]
    assert found[0].name == "blend"
    assert found[0].value < 0.5 * nothing.value
    assert gain(made.task, found[0].values, nothing.values).low > 0
    width = band(found[0], made, relative=True)
    assert list(width.widths) == sorted(width.widths)
    inside = np.abs(made.truth - found[0].predicted) <= np.abs(found[0].predicted) * width.widths
    assert 0.85 <= inside.mean() <= 0.97


@pytest.mark.requirement("EVAL-22")
def test_random_walks_give_no_signal() -> None:
    """At 2.5 % a side, twelve walks show one false signal at most."""
    false = 0
    for seed in range(12):
        made = ground({"y": walk(seed=seed)}, "y", "row", 10, 1)
        found = backtest(candidates(1, False)[:1], made, Seed(0), Deadline.never())
        low = gain(made.task, found[0].values, nulls(made)[0].values).low
        false += low is not None and low > 0
    assert false <= 1


def test_several_series_share_a_model_and_keep_their_own_time() -> None:
    """A shorter series is parted at the same moment as the longer one."""
    long, short = seasonal(120), seasonal(80, seed=1)
    columns = {
        "t": months(120) + months(120)[40:],
        "s": ["a"] * 120 + ["b"] * 80,
        "y": long + short,
    }
    made = ground(columns, "y", "t", 6, 12, group=("s",))
    assert [len(s) for s in made.series] == [120, 80]
    assert [s.name for s in made.series] == ["a", "b"]
    for one in made.series:
        assert (one.times[one.rank >= made.cut] >= made.series[0].times[made.cut]).all()
    found = backtest(candidates(12, True)[:2], made, Seed(0), Deadline.never())
    assert found[0].predicted.shape == (len(made.starts), 2, 6)


def test_gaps_take_the_value_before_and_are_not_scored() -> None:
    y: list = seasonal(100)
    y[70] = None
    table = read({"t": months(100), "y": y})
    task = state(table, "y", Said(task="forecast", time=("t",), horizon=6))
    table = with_roles(table, task)
    series = make_series(table, encode(task, table), task, make_samples(table, task))[0]
    assert series.values[70] == series.values[69]
    assert not series.known[70]
    _, following = windows([series], 100, 5)
    assert len(following) == 100 - 5 - 1


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"t": ["1990-01"] * 2 + months(60)[2:], "y": seasonal(60)}, "stands twice"),
        ({"t": [None, *months(60)[1:]], "y": seasonal(60)}, "without a time"),
    ],
)
def test_rows_whose_order_cannot_be_told_are_refused(columns: dict, words: str) -> None:
    table = read(columns)
    task = state(table, "y", Said(task="forecast", time=("t",), horizon=6))
    with pytest.raises(HeldoutError) as caught:
        made = with_roles(table, task)
        make_series(made, encode(task, made), task, make_samples(made, task))
    assert caught.value.code == "H266"
    assert words in caught.value.seen


def test_words_are_no_times() -> None:
    table = read({"t": ["a", "b"] * 30, "y": seasonal(60)})
    with pytest.raises(HeldoutError, match="whose cells are words") as caught:
        state(table, "y", Said(task="forecast", time=("t",), horizon=6))
    assert caught.value.code == "H102"


def test_the_interval_comes_from_the_origins_and_says_so() -> None:
    task = ground({"y": walk()}, "y", "row", 10, 1).task
    found = spread(task, 10.0, np.array([8.0, 10.0, 12.5]), 12)
    assert found.low is not None
    assert found.high is not None
    assert 0 < found.low < 10 < found.high
    assert np.isclose(found.low * found.high, 100.0)
    assert "3 earlier ones" in found.warning
    assert spread(task, 10.0, np.array([8.0]), 12).low is None
