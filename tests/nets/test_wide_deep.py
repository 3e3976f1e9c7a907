"""Wide and deep: the suite of learners, crossed pairs, the graph."""

from __future__ import annotations

import numpy as np
import pytest

from heldout.models.card import MODELS, Size
from heldout.models.nets.wide_deep import Wide
from heldout.testing.models import (
    TASKS,
    check_model,
    graph_prediction,
)
from small_blocks import check_briefly, final_fit, with_codes

CARD = MODELS.get("wide_deep")
QUICK = {"epochs": 16, "units": 32, "learning_rate": 0.01}


@pytest.mark.slow
@pytest.mark.requirement("MODEL-17", "MODEL-26")
def test_learns_and_agrees_in_the_graph() -> None:
    check_briefly(CARD, QUICK)


@pytest.mark.slow
@pytest.mark.requirement("MODEL-17", "MODEL-26")
def test_conforms() -> None:
    check_model(CARD, QUICK)


@pytest.mark.requirement("MODEL-17")
def test_the_wide_part_remembers_pairs() -> None:
    """Each of 20 x 20 combinations has a value of its own: the crossed pair learns them, a
    narrow deep part alone cannot."""
    block = with_codes((20, 20), rows=2_000)
    codes = block.parts["codes"].values
    y = np.random.default_rng(7).normal(size=400)[codes[:, 0] * 20 + codes[:, 1]]
    settings = {"units": 32, "layers": 1, "learning_rate": 0.02, "dropout": 0.0}
    error = {}
    for pairs in (0, 1):
        with_pairs = {**settings, "pairs": pairs}
        fitted = final_fit(CARD, TASKS["regression"], block, y, with_pairs, 20)
        error[pairs] = np.mean((fitted.predict(block)[:, 0] - y) ** 2) / y.var()
        graph = graph_prediction(CARD, fitted.state, TASKS["regression"], settings, block)
        assert np.max(np.abs(graph - fitted.predict(block))) <= 1e-5 * max(1, y.std())
    assert error[1] < 0.2
    assert error[0] > 0.5


def test_pairs_are_counted_in_buckets() -> None:
    wide = Wide.of((20, 30, 4), 2, 64)
    assert wide.pairs == ((0, 2), (1, 2)) and wide.buckets == (64, 64)
    codes = wide.codes(with_codes((20, 30, 4)))
    starts, ends = wide.starts, [*wide.starts[1:], wide.rows]
    assert codes.dtype == np.int32 and codes.shape == (50, 5)
    assert ((codes >= starts) & (codes < ends)).all()
    assert Wide.from_arrays(wide.arrays()) == wide
    assert Wide.from_arrays(Wide.of((3,), 5, 64).arrays()).pairs == ()


def test_told_and_priced() -> None:
    assert (
        CARD.cost(Size(5_000, 20, 2), {"pairs": 100}).seconds
        > CARD.cost(Size(5_000, 20, 2), {"pairs": 0}).seconds
    )
