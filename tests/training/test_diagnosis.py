"""Each fault is found when it is planted; healthy training is left in peace."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import heldout
from heldout.core.seed import Seed
from heldout.training.data import Data
from heldout.training.diagnosis import facts, memorize, random_labels, range_test
from heldout.training.diagnosis.finding import SYMPTOMS
from heldout.training.diagnosis.watch import Watch
from heldout.training.engine import train_members
from heldout.training.member import Member, Regime
from heldout.training.population import Structure
from training.small_models import dense, difference, rows

ROOT = Path(__file__).resolve().parents[2]


def _bench() -> Any:
    """bench/diagnosis.py, whose cases these are."""
    spec = importlib.util.spec_from_file_location("bench_diagnosis", ROOT / "bench/diagnosis.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


BENCH = _bench()
IDS = {
    "rate far too high": ("DIAG-01", "DIAG-07", "TRAIN-14", "X-053"),
    "rate far too low": ("DIAG-01", "TRAIN-14"),
    "overflow": ("DIAG-07", "X-063"),
    "vanishing": ("DIAG-06", "X-061"),
    "exploding": ("DIAG-07",),
    "dead units": ("DIAG-08", "X-064"),
    "saturated": ("DIAG-09", "X-061"),
    "unscaled inputs": (),
    "too large": ("DIAG-05", "DIAG-10", "X-067"),
    "shuffled labels": ("DIAG-02", "LEARN-05"),
    "underfit": ("DIAG-03", "DIAG-05"),
    "rare class never predicted": (),
    "dropout too high": (),
    "shared rows": (),
    "ended early": ("DIAG-11", "TRAIN-14"),
    "batch of one": ("DIAG-12",),
    "one batch an epoch": ("X-057",),
    "conflicting labels": ("X-065",),
}
QUICK = ("rate far too low", "vanishing", "dead units", "underfit", "ended early", "shared rows")
PLANTED = [
    pytest.param(
        case,
        id=case.name,
        marks=[
            pytest.mark.requirement(*IDS[case.name]),
            *([] if case.name in QUICK else [pytest.mark.slow]),
        ],
    )
    for case in BENCH.PLANTED
    if case.name in IDS
]


@pytest.mark.parametrize("case", PLANTED)
def test_a_planted_fault_is_found(case: Any) -> None:
    (found,) = BENCH.diagnoses(case, 1, 7)
    assert {f.code for f in found.findings} & set(case.codes), found.text()


@pytest.mark.parametrize("case", BENCH.HEALTHY[:1] + BENCH.HEALTHY[5:6], ids=lambda c: str(c.name))
def test_healthy_training_is_left_in_peace(case: Any) -> None:
    (found,) = BENCH.diagnoses(case, 1, 7)
    assert found.healthy, found.text()
    assert found.verdict == "at the border"


@pytest.mark.requirement("DIAG-14")
def test_every_symptom_says_what_why_and_what_to_do() -> None:
    cards = SYMPTOMS.all()
    assert len({card.code for card in cards}) == len(cards)
    page = (ROOT / "docs" / "diagnosis.md").read_text(encoding="utf-8").lower()
    for card in cards:
        assert card.question.endswith("?") and card.rule and card.cause and card.remedies
        assert f"### {card.code.lower()}" in page, card.code


@pytest.mark.requirement("DIAG-01", "DIAG-04", "DIAG-14")
def test_diagnose_ones_own_model() -> None:
    x, y = rows()
    model = dense(optimizer=keras.optimizers.SGD(1e-7))
    before = model.get_weights()
    found = heldout.diagnose(model, (x, y), epochs=4)
    assert difference(before, model.get_weights()) == 0.0
    assert found.verdict == "not trained"
    low = next(f for f in found.findings if f.check == "rate_too_low")
    assert low.why and low.remedies[0].settings["learning_rate"] > 1e-5
    assert found.settings["learning_rate"] > 1e-5
    assert found.evidence.memory is not None and found.evidence.rates is not None
    json.dumps([f.as_dict() for f in found.findings])
    assert "N103" in str(found) and "<svg" in found._repr_html_()


def test_diagnose_refuses_to_train_what_does_not_fit() -> None:
    x, y = rows(40)
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(1)])
    model.compile("adam", "binary_crossentropy")
    found = heldout.diagnose(model, (x, y))
    assert [f.code for f in found.findings] == ["N124"]
    assert found.findings[0].severity == "block" and "from_logits" in found.findings[0].advice


def test_watching_changes_nothing() -> None:
    x, y = rows()
    made = []
    for watch in (None, Watch()):
        regime = Regime(epochs=2, batch=32, watch=watch)
        structure = Structure.of(lambda: dense(dropout=0.2), regime, Data.of(x, y))
        made.append(train_members(structure, [Member("a", seed=Seed(3))], Data.of(x, y))[0])
    assert difference(made[0].weights, made[1].weights) == 0.0
    assert watch is not None and len(watch.records["a"]) == 3
    look = watch.records["a"][-1]
    assert [heard.layer for heard in look.heard] == ["first", "last"]
    assert len(look.gradients) == 2 and look.moved > 0


@pytest.mark.requirement("DIAG-04", "X-065")
def test_equal_inputs_with_different_labels_set_the_ceiling() -> None:
    x = np.repeat(np.random.default_rng(0).normal(size=(8, 6)), 2, axis=0)
    y = np.tile([0.0, 1.0], 8)
    data = Data.of(x, y)
    assert facts.ceiling_of(facts.same_inputs(data), data.y, "binary") == (0.5, 16)
    memory = memorize(dense(16), data, epochs=3)
    assert memory.ceiling == 0.5 and memory.reached <= 0.5


@pytest.mark.requirement("DIAG-04", "LEARN-05", "X-065")
def test_a_large_net_learns_random_labels() -> None:
    """256 rows x 20, two layers of 256, Adam .001, batch 32."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(256, 20)), rng.integers(0, 2, 256)
    parts = [keras.layers.Dense(256, activation="relu") for _ in range(2)]
    model = keras.Sequential(
        [keras.Input((20,)), *parts, keras.layers.Dense(1, activation="sigmoid")]
    )
    model.compile(keras.optimizers.Adam(0.001), "binary_crossentropy")
    memory = random_labels(model, (x, y))
    assert memory.reached == 1.0 and memory.epochs <= 60


def test_a_range_test_finds_where_the_loss_falls() -> None:
    x, y = rows()
    made = range_test(dense(), (x, y), steps=60)
    assert 1e-4 < made.advised < 1.0
    assert made.advised < made.breaks


@pytest.mark.requirement("X-061")
def test_the_slope_of_a_sigmoid() -> None:
    s = 1 / (1 + np.exp(-10.0))
    assert s * (1 - s) == pytest.approx(4.54e-5, rel=1e-3)
    assert pytest.approx(9.54e-7, rel=1e-3) == 0.25**10


@pytest.mark.requirement("X-064", "DIAG-08")
def test_a_dead_unit_has_no_output_and_no_gradient() -> None:
    x = np.random.default_rng(0).random((50, 1)).astype(np.float32)
    unit = keras.layers.Dense(1, activation="relu", kernel_initializer="ones",
                              bias_initializer=keras.initializers.Constant(-10.0))  # fmt: skip
    model = keras.Sequential([keras.Input((1,)), unit])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    watch = Watch()
    structure = Structure.of(lambda: model, Regime(epochs=1, watch=watch), Data.of(x, x))
    train_members(structure, [Member("a")], Data.of(x, x), present=True)
    look = watch.records["a"][0]
    assert look.heard[0].dead == 1.0 and list(look.gradients.values()) == [0.0]


@pytest.mark.requirement("X-063")
def test_clipping_by_norm_keeps_the_direction() -> None:
    g = np.array([3.0, 4.0])
    model = dense(optimizer=keras.optimizers.SGD(1.0, clipnorm=1.0))
    clipped = np.asarray(model.optimizer._clip_gradients([keras.ops.array(g)])[0])
    np.testing.assert_allclose(clipped, [0.6, 0.8], rtol=1e-6)
    both = keras.optimizers.SGD(1.0, global_clipnorm=6.5)._clip_gradients(
        [keras.ops.array([3.0, 4.0]), keras.ops.array([12.0])]
    )
    np.testing.assert_allclose(np.concatenate([np.asarray(b) for b in both]), [1.5, 2.0, 6.0])


@pytest.mark.requirement("DIAG-13")
def test_the_traits_of_under_and_overfitting_are_listed() -> None:
    """Noise, subtle effects, estimates, need of data; harm on other rows alone."""
    page = (Path(__file__).parents[2] / "docs" / "diagnosis.md").read_text(encoding="utf-8")
    table = page.split("## Under- and overfitting")[1].split("\n## ")[0]
    rows = {line.split("|")[1].strip(): line for line in table.splitlines() if line.startswith("|")}
    assert {"noise in the training rows", "subtle effects", "more rows", "harm"} <= set(rows)
    assert "only on other rows" in rows["harm"] and "variance" in table and "bias" in table
