"""Several starts: what they share, what they spread, which one is kept."""

from __future__ import annotations

import numpy as np
import pytest

from heldout.training.restarts import restarts
from training.small_models import dense, difference, rows


@pytest.mark.requirement("EVAL-23")
def test_starts_differ_in_their_weights_only_and_the_spread_is_told() -> None:
    x, y = rows(200)
    held = np.arange(140, 200)
    made = restarts(lambda: dense(4), (x, y), held, count=4, epochs=4, batch=50)
    assert len(made.values) == len(set(made.values)) == 4
    assert made.spread == pytest.approx(np.std(made.values)) and made.spread > 0
    assert made.values[made.best] == min(made.values) < made.mean
    assert "over 4 starts" in made.text() and f"start {made.best} did best" in made.text()
    run = made.runs[made.best]
    model = dense(4)
    model.set_weights(run.weights)
    assert model.evaluate(x[held], y[held], verbose=0) == pytest.approx(min(made.values), abs=1e-5)
    again = restarts(lambda: dense(4), (x, y), held, count=4, epochs=4, batch=50)
    assert difference(again.runs[0].weights, made.runs[0].weights) == 0.0
