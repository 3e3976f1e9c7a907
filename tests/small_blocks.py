"""Blocks for tests of networks: three numbers and columns of codes of given sizes."""

from __future__ import annotations

import numpy as np

from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.models.card import FitInput, Fitted, ModelCard
from heldout.primitives.block import Block, Part
from heldout.tasks.task import Task
from heldout.testing.models import TASKS, check_card, check_easy, check_graph, check_repeats


def with_codes(sizes: tuple[int, ...], rows: int = 50) -> Block:
    """Numbers from N(0, 1), codes at random."""
    rng = Seed(4).rng()
    x = rng.normal(size=(rows, 3)).astype(np.float32)
    codes = np.stack([rng.integers(0, k, size=rows) for k in sizes], axis=1).astype(np.int32)
    names = tuple(f"c{j}" for j in range(len(sizes)))
    parts = {
        "x": Part("numbers", x, ("a", "b", "c"), ("a", "b", "c"), (False,) * 3, (0,) * 3),
        "codes": Part("codes", codes, names, names, (True,) * len(sizes), sizes),
    }
    return Block(parts, np.arange(rows))


def final_fit(
    card: ModelCard,
    task: Task,
    block: Block,
    y: np.ndarray,
    settings: dict,
    rounds: int,
) -> Fitted:
    """Exactly ``rounds`` epochs on all rows."""
    given = FitInput(task, settings, block, y, None, None, None, rounds, Seed(5), Deadline.never())
    return card.fit_one(given)


def check_briefly(card: ModelCard, settings: dict) -> None:
    """The suite's chief checks; all of it is slow for a network, since each size of rows is compiled."""
    check_card(card)
    check_easy(card, TASKS["binary"], settings)
    check_graph(card, TASKS["binary"], settings)
    check_repeats(card, settings)
