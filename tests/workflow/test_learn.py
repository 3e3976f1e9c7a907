"""What ``heldout learn`` says: numbers that can be computed are, dates and rules stand in one place."""

from __future__ import annotations

import numpy as np
import pytest

from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.metrics.domains import DOMAINS
from heldout.metrics.score import METRICS
from heldout.models.card import MODELS, FitInput
from heldout.primitives.block import Block, Part
from heldout.stats.logits import sigmoid
from heldout.tasks.task import TASKS, Task
from heldout.workflow.glossary import example_cards, explain_word, words

BINARY = Task("binary", "t", "roc_auc", True, ("no", "yes"), "yes")


def said(word: str) -> str:
    """On one line."""
    return " ".join(explain_word(word).split())


@pytest.mark.requirement("TASK-13")
def test_metrics_by_domain_exist_and_fit_their_task() -> None:
    text = explain_word("metrics")
    for domain in DOMAINS:
        assert domain.name in text
        assert domain.task in TASKS.names()
        for name in domain.metrics:
            assert domain.task in METRICS.get(name).forms


@pytest.mark.requirement("TASK-16")
def test_cards_of_usual_questions_say_what_is_carried_out() -> None:
    cards = example_cards()
    assert set(cards) == {
        *("advertising", "card_fraud", "disease", "cough", "pass_or_fail", "house_prices"),
        *("films", "zip_digits", "translation"),
    }
    for card in cards.values():
        assert set(card) == {"inputs", "target", "question", "task"}
        assert card["task"] in TASKS.names() or card["task"].startswith("not yet")
    assert "card fraud" in explain_word("examples")


@pytest.mark.requirement("X-107")
def test_a_kernel_is_an_inner_product() -> None:
    x, y = np.array([1.0, 2.0]), np.array([3.0, 4.0])

    def kernel(a: np.ndarray, b: np.ndarray) -> float:
        return float(a @ b) ** 2

    def lifted(a: np.ndarray) -> np.ndarray:
        return np.array([a[0] ** 2, np.sqrt(2) * a[0] * a[1], a[1] ** 2])

    assert kernel(x, y) == pytest.approx(lifted(x) @ lifted(y)) == pytest.approx(121)
    apart = kernel(x, x) - 2 * kernel(x, y) + kernel(y, y)
    assert apart == pytest.approx(((lifted(x) - lifted(y)) ** 2).sum()) == pytest.approx(408)
    assert "121" in said("kernel") and "408" in said("kernel")


@pytest.mark.requirement("X-059")
def test_a_flat_place_need_not_be_a_minimum() -> None:
    step = 1e-3
    assert (-step) ** 3 < 0 < step**3
    assert 0 - step**2 < 0 < step**2 - 0
    assert "saddle" in said("minimum")


@pytest.mark.requirement("X-057")
def test_larger_batches_make_fewer_steps() -> None:
    steps = {batch: -(-1_000 // batch) for batch in (64, 256)}
    assert steps == {64: 16, 256: 4} and 1_000 - 15 * 64 == 40
    assert "16 steps, the last with 40 rows" in said("batch")
    assert "faster, with fewer updates" in said("batch")


@pytest.mark.requirement("X-062")
def test_what_batch_normalization_makes_of_two_numbers() -> None:
    import heldout.training  # noqa: F401, I001 - settles the backend
    import keras

    layer = keras.layers.BatchNormalization()
    made = np.asarray(layer(np.array([[1.0], [3.0]], np.float32), training=True))
    assert made[:, 0] == pytest.approx([-0.9995, 0.9995], abs=1e-6)
    assert "0.9995" in said("batch_normalization") and "smooths" in said("batch_normalization")


@pytest.mark.requirement("ENSEMBLE-03")
def test_bagging_is_parallel_and_boosting_corrects() -> None:
    """Said so; and shown: more trees of a forest change little, more of boosting fit ever closer."""
    assert "side by side" in said("bagging") and "one after the other" in said("boosting")
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 3)).astype(np.float32)
    y = (x[:, 0] * x[:, 1] + rng.normal(size=400) > 0).astype(float)
    names = ("a", "b", "c")
    block = Block({"x": Part("numbers", x, names, names)}, np.arange(400))

    def loss(name: str, rounds: int | None, **settings: object) -> float:
        given = FitInput(
            BINARY, settings, block, y, None, None, None, rounds, Seed(0), Deadline.never()
        )
        p = MODELS.get(name).fit_one(given).predict(block)
        return float(-np.log(p[np.arange(400), y.astype(int)]).mean())

    boosted = [loss("lightgbm", rounds) for rounds in (5, 20, 80)]
    assert boosted[0] > 1.2 * boosted[1] > 1.4 * boosted[2]
    bagged = [loss("random_forest", None, trees=trees) for trees in (50, 100)]
    assert bagged[1] == pytest.approx(bagged[0], rel=0.1)


@pytest.mark.requirement("X-061")
def test_ten_sigmoids_leave_less_than_a_millionth() -> None:
    half = float(sigmoid(np.array([0.0]))[0])
    assert (half * (1 - half)) ** 10 < 1e-6
    assert "less than a millionth" in said("activation")


@pytest.mark.requirement("X-054", "X-067", "X-077", "X-111", "X-121", "X-130", "REG-13", "X-129")
@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("backpropagation", ("computes gradients and changes nothing", "optimizer")),
        ("capacity", ("not the only cause", "noise, leaks and capacity", "generalize again")),
        ("penalty", ("small models", "large networks dropout and decoupled")),
        ("universal_approximation", ("compact set", "no polynomial", "not that training finds")),
        ("rule_of_thumb", ("half a second", "Vision Transformers exist", "measure")),
        ("wide_model", ("wide (not white)", "stability of L2", "ReLU", "loss (not last)")),
        ("regularize", ("model (dropout", "loss (L1, L2)", "data (more rows, augmentation")),
    ],
)
def test_what_is_often_said_wrong_is_said_right(word: str, parts: tuple[str, ...]) -> None:
    for part in parts:
        assert part in said(word)


@pytest.mark.requirement("X-125", "X-126", "X-127", "X-128")
def test_dates() -> None:
    for part in (
        *("curve 1838, logit 1944, logistic regression 1958", "ImageNet published 2009"),
        *("from 2006 on", "15.3 % (16.4 % without extra data)", "initialization 2010-11"),
        *("RMSprop, and the winning entry", "2014 Adam", "CART 1984", "Transformer 2017"),
    ):
        assert part in said("timeline")
    assert "RMSprop (2012) and Adam (2014)" in said("optimizer")
    assert "ReLU (2010-11)" in said("activation")


def test_every_word_is_explained_in_a_few_sentences() -> None:
    for text in words().values():
        assert 40 < len(text) < 700


@pytest.mark.requirement("X-116", "X-117", "X-118", "X-119", "X-120")
def test_platforms_are_told_as_they_are_now() -> None:
    for part in (
        *("TensorFlow, JAX or PyTorch", "tf.estimator left TensorFlow with 2.16", "now LiteRT"),
        *("AI Platform, then Vertex AI", "Toolkit needs Keras 2"),
    ):
        assert part in said("platforms")
