"""The quick learner that audits are handed: a small boosted model of trees."""

from __future__ import annotations

from heldout.audits.finding import QuickLearner
from heldout.core.arrays import Doubles
from heldout.core.clock import Deadline
from heldout.core.seed import Seed
from heldout.models import per_target
from heldout.models.card import MODELS, FitInput
from heldout.primitives.block import Block
from heldout.tasks.task import Task

SETTINGS = {"rounds": 60, "leaves": 7, "learning_rate": 0.1}


def quick_learner(task: Task) -> QuickLearner:
    """60 rounds of 7 leaves, no early stopping."""
    card = MODELS.get("lightgbm")

    def learn(block: Block, y: Doubles, test: Block, seed: Seed) -> Doubles:
        settings = {k: v for k, v in SETTINGS.items() if k != "rounds"}
        fitted = per_target.fit(
            card,
            FitInput(
                task,
                settings,
                block,
                y,
                None,
                None,
                None,
                int(SETTINGS["rounds"]),
                seed,
                Deadline.never(),
            ),
        )
        return fitted.predict(test)

    return learn
