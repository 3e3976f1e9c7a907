"""What several checks need is fitted once, and a fit that can decide nothing more is not made."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from heldout.audits import examples
from heldout.audits.dependence import fitted_if_alike
from heldout.audits.finding import Look
from heldout.audits.review import review
from heldout.core.arrays import Doubles
from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.models.card import MODELS, FitInput
from heldout.primitives.block import Block
from heldout.primitives.views import make_spec
from heldout.workflow.quick import LEAVES, RATE, ROUNDS, quick_learner


def counted(look: Look) -> tuple[Look, list[int]]:
    """The look with a learner that notes how many rows each of its fits had."""
    sizes: list[int] = []

    def learn(block: Block, y: Doubles, test: Block, seed: Seed) -> Doubles:
        sizes.append(len(y))
        return examples.nearest(block, y, test, seed)

    return dataclasses.replace(look, learner=learn, memo={}), sizes


def test_the_curve_takes_the_fits_on_all_rows_from_the_shuffled_target() -> None:
    columns = examples.noise(1_200)
    y = (columns["x0"] + columns["x1"] > 0) * 1.0
    look, sizes = counted(examples.look(columns, y))
    found = review(look, "target", ["shuffled_target", "learning_curve"])
    assert {f.code for f in found} >= {"A531", "A532"}
    assert len(sizes) == 3 + 3 + 9  # all rows once, three shufflings, three parts of the rows
    told = {f.code: f.evidence for f in found}
    assert told["A531"]["skill"] == told["A532"]["skill"][-1]


def test_rows_that_are_not_alike_cost_one_fold() -> None:
    columns = examples.noise(900)
    y = columns["x0"] + np.random.default_rng(1).normal(size=900)
    look, sizes = counted(examples.look(columns, y))
    assert fitted_if_alike(look, np.arange(900) // 6, "groups", 0.1) is None
    assert len(sizes) == 1


def test_rows_that_are_alike_are_fitted_in_all_folds() -> None:
    columns = examples.noise(900)
    own = np.repeat(np.random.default_rng(1).normal(size=150), 6)
    look, sizes = counted(examples.look(columns, 3 * own + columns["x0"]))
    made = fitted_if_alike(look, np.arange(900) // 6, "groups", 0.1)
    assert made is not None
    assert len(sizes) == 3
    assert np.isfinite(made.left).all()


@pytest.mark.parametrize("classes", [2, 4])
def test_the_quick_learner_says_what_the_model_on_the_shelf_says(classes: int) -> None:
    columns = examples.noise(300)
    y = np.floor(np.random.default_rng(0).random(300) * classes)
    look = examples.look(columns, y)
    task = look.task
    assert task is not None
    if classes > 2:
        names = tuple("abcd")
        task = dataclasses.replace(task, kind="multiclass", metric="log_loss", classes=names)
    _, block = make_spec("trees", look.table.schema, task).fit(look.table.arrays(), y)
    few = classes > 2
    settings = {"leaves": LEAVES, "learning_rate": 2 * RATE if few else RATE}
    rounds = ROUNDS // 2 if few else ROUNDS
    never = Deadline.never()
    given = FitInput(task, settings, block, y, None, None, None, rounds, Seed(0), never)
    whole = MODELS.get("lightgbm").fit_one(given).predict(block)
    assert np.array_equal(quick_learner(task)(block, y, block, Seed(0)), whole)
