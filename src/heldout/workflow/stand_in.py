"""Is the loss that was minimized a fair stand-in for the measure that is asked for? (LOSS-13)"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from heldout.metrics.score import METRICS
from heldout.metrics.scoring import score
from heldout.search.result import SearchResult
from heldout.tasks.task import Task
from heldout.workflow.context import Context
from heldout.workflow.define import Defined

FAIR = 0.7  # of the pairs of candidates in the same order


def record_stand_in(found: SearchResult, defined: Defined, context: Context) -> None:
    """Enter both for every candidate, out of fold on the same rows, and how often they agree on
    which of two is better. Nothing is chosen by the loss: the measure decides."""
    task, rows = defined.task, found.scored
    loss = loss_of(task)
    if loss == task.metric or len(found.usable) < 2:
        return
    told, losses, measures = [], [], []
    for result in found.usable:
        p = result.prediction[rows]
        both = [score(m, task, defined.y[rows], p).value for m in (loss, task.metric)]
        told.append({"candidate": result.name, "loss": both[0], "measure": both[1]})
        losses.append(both[0])
        measures.append(both[1])
    greater = METRICS.get(task.metric).greater_is_better
    share = agreement(losses, measures, greater=greater)
    fair = "a fair stand-in" if share >= FAIR else "no good stand-in"
    context.write(
        "stand_in",
        f"{loss} is {fair} for {task.metric}: {share:.0%} of the pairs of candidates in one order",
        f"training makes {loss} small; candidates are chosen by {task.metric}",
        numbers={"loss": loss, "measure": task.metric, "agreement": share, "rows": told},
        overrule="--metric",
    )


def loss_of(task: Task) -> str:
    """The loss that most learners make small, as a metric.

    >>> loss_of(Task("regression", "y", "mae", False))
    'mse'
    """
    return "log_loss" if task.is_likely else "mse"


def agreement(loss: list[float], measure: list[float], *, greater: bool) -> float:
    """Share of pairs in which the smaller loss has the better measure; ties count half.

    >>> agreement([0.1, 0.2, 0.3], [0.9, 0.7, 0.8], greater=True)
    0.6666666666666666
    """
    votes = []
    for i, j in combinations(range(len(loss)), 2):
        better = np.sign(measure[i] - measure[j]) * (1 if greater else -1)
        votes.append(0.5 * (1 + np.sign(loss[j] - loss[i]) * better))
    return float(np.mean(votes))
