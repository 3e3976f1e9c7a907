"""Copies of training rows with gaps: on their row's side, never scored, and worth having."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.models.card import MODELS, FitInput
from heldout.models.logits import log_loss
from heldout.primitives.views import make_spec
from heldout.search.data import TrainingData
from heldout.search.gaps import SHARE, drawn, with_copies
from heldout.search.prepare import Kitchen
from heldout.search.tasks import _given
from heldout.splits.plan import Fold
from heldout.tables.schema import NULL
from small_searches import Problem


@pytest.mark.requirement("PREP-08")
def test_copies_stay_on_their_rows_side_and_nothing_is_scored_on_them(
    problem: Problem, tmp_path: Path
) -> None:
    specs = {"trees": make_spec("trees", problem.schema, problem.task)}
    data = TrainingData.write(
        tmp_path, problem.table.arrays(), problem.schema, problem.task, problem.y, problem.plan,
        specs, seed=Seed(0), may_miss=("city",),
    )  # fmt: skip
    assert TrainingData.read(tmp_path).may_miss == ("city",)
    prepared = Kitchen(data, tmp_path / "recipes").get("trees", 0)
    fold: Fold = data.folds[0]
    own, samples = len(fold.training), prepared.training.samples
    assert np.array_equal(samples[:own], fold.training)
    assert len(samples) - own == round(SHARE * own)
    assert prepared.valid is not None
    assert np.array_equal(prepared.valid.samples, fold.valid)
    assert not set(samples.tolist()) & set(fold.valid.tolist())
    message = {"fold": 0, "settings": {}, "seed": [0, []]}
    given = _given(data, MODELS.get("lightgbm"), prepared, message)
    assert given.inner is not None
    assert set(given.inner.samples.tolist()) == set(fold.inner.tolist())
    assert not set(given.train.samples.tolist()) & set(fold.inner.tolist())
    assert len(given.train) > len(fold.train)
    assert np.array_equal(given.y, problem.y[given.train.samples])
    again = Kitchen(data, tmp_path / "recipes").get("trees", 0)
    assert np.array_equal(again.training.samples, samples)


@pytest.mark.requirement("PREP-08")
@pytest.mark.parametrize("name", ["logistic", "lightgbm"])
def test_under_gaps_that_training_lacks_the_score_is_better(problem: Problem, name: str) -> None:
    """A fifth of the new rows come without a city."""
    rng = np.random.default_rng(0)
    n = 3_000
    city = rng.choice(np.array(["Bern", "Chur", "Wil"], dtype=object), n)
    columns = {"age": rng.normal(size=n), "income": rng.normal(size=n), "city": city}
    score = columns["age"] + 5 * (city == "Chur") - 1.5
    y = (score + rng.normal(size=n) > 0).astype(float)
    old, new = (({k: v[part] for k, v in columns.items()}, y[part]) for part in (slice(0, 1000), slice(1000, n)))  # fmt: skip
    masked = {k: v.copy() for k, v in new[0].items()}
    masked["city"][rng.random(n - 1000) < 0.2] = NULL
    card = MODELS.get(name)
    losses = []
    for copies in (False, True):
        train, target = old
        if copies:
            copied, gaps = drawn(len(target), 1, Seed(0))
            train = with_copies(train, ["city"], copied, gaps)
            target = np.concatenate([target, target[copied]])
        spec = make_spec(card.view, problem.schema, problem.task)
        recipe, block = spec.fit(train, target, None, (), Seed(1))
        given = FitInput(
            problem.task, {}, block, target, None, None, None, 60, Seed(2), Deadline.never()
        )
        p = card.fit_one(given).predict(recipe.transform(masked))
        losses.append(log_loss(p, new[1]).mean())
    assert losses[1] < 0.95 * losses[0]
