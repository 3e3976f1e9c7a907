"""Convolutional networks made of blocks: the suite of learners, and what the blocks save."""

from __future__ import annotations

import dataclasses

import pytest

from heldout.models.card import MODELS
from heldout.models.nets import blocks
from heldout.testing.models import TASKS, check_card, check_easy, check_graph, check_model

CARD = MODELS.get("block_convnet")
QUICK = {"epochs": 6, "filters": 8, "blocks": 1, "learning_rate": 0.01}


@pytest.mark.slow
@pytest.mark.requirement("MODEL-16", "VISION-14")
def test_separable_blocks_learn_and_become_a_graph() -> None:
    """Batch statistics, a way past: the same numbers in the graph."""
    check_card(CARD)
    settings = {**QUICK, "block": "separable", "epochs": 12}
    check_easy(CARD, TASKS["binary"], settings)
    check_graph(CARD, TASKS["binary"], settings)


@pytest.mark.slow
@pytest.mark.requirement("MODEL-16")
@pytest.mark.parametrize("block", blocks.KINDS)
def test_conforms(block: str) -> None:
    check_model(
        dataclasses.replace(CARD, tasks=("binary", "multiclass")), {**QUICK, "block": block}
    )


@pytest.mark.slow
@pytest.mark.requirement("MODEL-16", "X-084")
def test_separable_convolutions_have_fewer_weights_for_the_same_shapes() -> None:
    """3 x 3 from 64 to 128 channels: 73,856 weights, or 64 * 9 + 64 * 128 + 128 = 8,896."""
    import keras

    there = keras.Input((8, 8, 64))
    whole, apart = keras.layers.Conv2D(128, 3), keras.layers.SeparableConv2D(128, 3)
    assert whole(there).shape == apart(there).shape
    assert (whole.count_params(), apart.count_params()) == (73_856, 8_896)
    nets = {k: blocks.build((32, 32, 3), k, 16, 3, 0.2, 10) for k in blocks.KINDS}
    counts = {k: n.count_params() for k, n in nets.items()}
    assert counts["separable"] < counts["plain"] / 3 < counts["residual"]
    assert sum(layer.__class__.__name__ == "Add" for layer in nets["residual"].layers) == 3
    assert not any(layer.__class__.__name__ == "Add" for layer in nets["plain"].layers)
