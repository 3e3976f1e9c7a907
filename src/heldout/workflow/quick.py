"""The quick learner that audits are handed: a small boosted model of trees."""

from __future__ import annotations

from typing import Any

from heldout.audits.finding import QuickLearner
from heldout.core.arrays import Doubles
from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.models import per_target
from heldout.models.card import MODELS, FitInput
from heldout.models.learners.lightgbm import answers
from heldout.primitives.block import Block
from heldout.tasks.task import Task

ROUNDS, RATE, LEAVES = 60, 0.1, 7
FEW = 3  # classes from which a round is as many trees: half the rounds, at twice the rate


def quick_learner(task: Task) -> QuickLearner:
    """60 rounds of 7 leaves (30 of several classes), no early stopping."""
    many = task.is_classification and not task.parts and task.outputs >= FEW
    rounds, rate = (ROUNDS // 2, 2 * RATE) if many else (ROUNDS, RATE)
    settings: dict[str, Any] = {"leaves": LEAVES, "learning_rate": rate}

    def learn(block: Block, y: Doubles, test: Block, seed: Seed) -> Doubles:
        never = Deadline.never()
        given = FitInput(task, settings, block, y, None, None, None, rounds, seed, never)
        if task.parts:
            return per_target.fit(MODELS.get("lightgbm"), given).predict(test)
        return answers(given, test)

    return learn
