"""The capacity ladder: up to the border, then back to the smallest that is as good."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from heldout.core.clock import Deadline
from heldout.models.card import MODELS
from heldout.primitives.views import make_spec
from heldout.search.climb import Climber
from heldout.search.fits import Store
from heldout.search.ladder import Ladder, climb
from heldout.search.pool import Pool
from heldout.search.run import search
from heldout.search.rungs import (
    DROPOUT,
    SMALL_NET,
    Rung,
    boosting,
    network,
    pictures,
    remedies,
    together,
)
from small_searches import QUICK, Problem


@pytest.fixture(scope="module")
def climber(problem: Problem, pool: Pool, tmp_path_factory: pytest.TempPathFactory) -> Climber:
    """On the data that one finished candidate has left behind."""
    folder = tmp_path_factory.mktemp("ladder")
    specs = {v: make_spec(v, problem.schema, problem.task) for v in ("trees", "net")}
    found = search(problem.given(folder, pool, candidates=QUICK[2:], work=10, specs=specs))
    return Climber(pool, found.data, found.orders, Store(folder / "fits"), Deadline.never())


@pytest.fixture(scope="module")
def ladder(climber: Climber) -> Ladder:
    made = climb(boosting(), climber)
    assert made is not None
    return made


@pytest.mark.requirement("REG-01", "MODEL-22", "X-067")
def test_the_ladder_climbs_until_training_leaves_validation_behind(ladder: Ladder) -> None:
    training = [s.training for s in ladder.steps]
    capacity = [s.capacity for s in ladder.steps]
    assert training == sorted(training, reverse=True) and capacity == sorted(capacity)
    assert ladder.ended == "border" and ladder.border is not None and ladder.held is not None
    border = ladder.steps[ladder.border]
    assert border.validation.value == min(
        s.validation.value for s in ladder.steps[: ladder.border + 2]
    )
    assert ladder.held.validation.value > border.validation.value
    assert ladder.held.training < border.training
    assert ladder.null == "prior" and ladder.null_score.value > border.validation.value


@pytest.mark.requirement("MODEL-22", "EVAL-01")
def test_the_smallest_rung_that_beats_the_baseline_is_named(
    ladder: Ladder, climber: Climber
) -> None:
    assert ladder.smallest is not None
    nothing = climber.null[1]
    beaten = [climber.clearly(s.prediction, nothing) for s in ladder.steps]
    assert beaten.index(True) == ladder.smallest


@pytest.mark.requirement("REG-06", "REG-07", "REG-08", "REG-10", "REG-13")
def test_every_remedy_is_tried_alone_with_time_training_and_validation(ladder: Ladder) -> None:
    held = ladder.held
    assert held is not None
    assert {j.step.rung.acts_on for j in ladder.tried} == {"model", "loss", "data"}
    by_name = {j.step.rung.remedy: j for j in ladder.tried}
    assert by_name["early stopping"].helps  # counts as regularization
    for one in ladder.tried:
        assert one.step.seconds > 0 and one.step.training > 0
        assert one.helps == (one.gain.low is not None and one.gain.low > 0)
        assert one.gain.value == pytest.approx(
            held.validation.value - one.step.validation.value, abs=1e-9
        )
        assert one.gain.level == pytest.approx(1 - 0.05 / len(ladder.tried))
    assert ladder.both is not None and ladder.both.helps


@pytest.mark.requirement("REG-05")
def test_l1_makes_leaves_zero_and_l2_only_small(ladder: Ladder) -> None:
    zeros = {j.step.rung.words: j.step.zeros for j in ladder.tried}
    assert zeros["L1 10"] > 0.1 > zeros["L2 10"]


@pytest.mark.requirement("REG-12")
def test_of_those_within_noise_of_the_best_the_smallest_is_kept(
    ladder: Ladder, climber: Climber
) -> None:
    assert ladder.kept is not None and ladder.best is not None
    every = [*ladder.steps, *(j.step for j in ladder.tried)]
    assert not climber.clearly(ladder.best.prediction, ladder.kept.prediction)
    for step in every:
        if step.capacity < ladder.kept.capacity:
            assert climber.clearly(ladder.best.prediction, step.prediction)
    candidate = ladder.candidate
    assert candidate is not None and candidate.card == "lightgbm"
    assert set(candidate.settings) <= set(MODELS.get("lightgbm").space)


def test_a_second_ladder_takes_every_fit_from_the_store(ladder: Ladder, climber: Climber) -> None:
    again = dataclasses.replace(climber, fits=0)
    made = climb(boosting(), again)
    assert made is not None and again.fits == 0
    assert [s.validation.value for s in made.steps] == [s.validation.value for s in ladder.steps]


@pytest.mark.requirement("REG-07")
def test_fewer_columns_are_those_that_were_split_on_most(ladder: Ladder) -> None:
    assert ladder.held is not None
    used = [c for c, _ in ladder.held.splits]
    (chosen,) = [j.step.rung.columns for j in ladder.tried if j.step.rung.columns]
    assert list(chosen or ()) == used[: len(chosen or ())] and len(chosen or ()) < len(used)


def test_where_the_time_ended_while_size_still_helped_nothing_joins(ladder: Ladder) -> None:
    short = dataclasses.replace(ladder, ended="time", border=None, faded=None)
    assert short.kept is not None and short.candidate is None
    assert dataclasses.replace(short, smallest=None, ended="top").candidate is None


def test_without_time_there_is_no_ladder_or_a_short_one(climber: Climber, tmp_path: Path) -> None:
    late = dataclasses.replace(climber, deadline=Deadline.after(0.0), store=Store(tmp_path))
    assert climb(boosting(), late) is None


@pytest.mark.requirement("REG-03", "REG-04", "X-077")
def test_penalties_come_first_for_small_networks_and_dropout_for_large() -> None:
    rung = network(5_000)[2]
    small = [r.remedy for r in remedies(rung, SMALL_NET - 1, ())]
    large = [r.remedy for r in remedies(rung, SMALL_NET, ())]
    assert large.index("dropout") < min(
        (large.index(n) for n in large if n.endswith("penalty")), default=99
    )
    if "L2 penalty" in small:
        assert small.index("L2 penalty") < small.index("dropout")
    assert all(0.2 <= rate <= 0.5 for rate in DROPOUT)


@pytest.mark.requirement("MODEL-22")
def test_little_data_gets_two_layers_at_most() -> None:
    assert max(r.settings["layers"] for r in network(1_000)) == 2
    assert max(r.settings["layers"] for r in network(50_000)) == 3
    assert [r.settings["units"] for r in network(1_000)] == [4, 16, 32, 64, 128, 256]


def test_remedies_together_hold_one_strength_of_each() -> None:
    big = boosting()[3]
    l2 = next(r for r in remedies(big, 1, ()) if r.words == "L2 100")
    stop = remedies(big, 1, ())[0]
    both = together(big, [stop, l2])
    assert both.rounds is None and both.settings["l2"] == 100.0
    assert both.words == "stops at the best round + L2 100"


def test_a_hidden_column_teaches_nothing(climber: Climber) -> None:
    rung = boosting()[2]
    settings = {**rung.settings}
    seen = Rung("lightgbm", settings, 40, "age only", columns=("age",))
    one, every = climber.fit([seen, rung])
    assert one is not None and every is not None
    assert {c for c, n in one.splits if n} == {"age"}
    assert one.validation.value > every.validation.value
    assert np.isfinite(one.prediction).all()


@pytest.mark.requirement("REG-10", "REG-03", "X-075")
def test_penalties_cost_training_loss_and_save_validation_loss(ladder: Ladder) -> None:
    """More bias, less variance: never the other way round."""
    held = ladder.held
    assert held is not None
    for one in ladder.tried:
        if one.step.rung.acts_on == "loss":
            assert one.step.training > held.training
            assert one.step.validation.value < held.validation.value


@pytest.mark.requirement("X-075")
def test_a_squared_penalty_raises_bias_and_lowers_variance() -> None:
    """Ridge by hand on 400 draws of 20 rows: truth 2, strength 10."""
    rng = np.random.default_rng(0)
    found: dict[float, list[float]] = {0.0: [], 10.0: []}
    for _ in range(400):
        x = rng.normal(size=20)
        y = 2 * x + rng.normal(size=20)
        for strength, weights in found.items():
            weights.append(float(x @ y / (x @ x + strength)))
    bias = {s: abs(np.mean(w) - 2) for s, w in found.items()}
    assert bias[10.0] > 0.5 and bias[0.0] < 0.05
    assert np.var(found[10.0]) < np.var(found[0.0])


@pytest.mark.requirement("MODEL-22", "REG-03")
def test_a_network_is_a_rung_too_and_takes_a_penalty(climber: Climber) -> None:
    pytest.importorskip("keras")
    rung = network(1_000)[0]
    l2 = next(r for r in remedies(rung, 41, ()) if r.words == "L2 0.001")
    one = dataclasses.replace(climber, most_folds=1)
    plain, held = one.fit([rung, l2])
    assert plain is not None and held is not None
    assert plain.rounds == held.rounds == 8
    assert plain.capacity == held.capacity > 20  # weights and biases
    assert held.training != plain.training


@pytest.mark.requirement("REG-07", "VISION-08", "VISION-09", "MODEL-22")
def test_pictures_are_climbed_by_grain_filters_and_layers_and_augmented_first() -> None:
    rungs = pictures()
    weights = [r.settings["filters"] * 2 ** r.settings["layers"] for r in rungs]
    assert weights == sorted(weights) and rungs[0].settings["shrink"] == 4
    listed = remedies(rungs[-1], 1e5, ())
    assert [r.remedy for r in listed[:3]] == ["early stopping", "augmentation", "dropout"]
    assert listed[1].settings["augment"] == "shift" and listed[1].acts_on == "data"


@pytest.mark.requirement("REG-04")
def test_a_large_network_is_given_decoupled_decay() -> None:
    names = [r.remedy for r in remedies(network(5_000)[-1], SMALL_NET, ())]
    assert "weight decay" in names and names.index("weight decay") < names.index("L2 penalty")
