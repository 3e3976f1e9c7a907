"""A target with a heavy tail, cut off at an end, or mostly zero."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np

from heldout.audits import applies, examples
from heldout.audits.cells import Numbers, share_of
from heldout.audits.checks.capped import piles
from heldout.audits.checks.sentinels import coded
from heldout.audits.finding import CheckCard, Finding, Look
from heldout.stats.tails import hill, kurtosis
from heldout.tables.schema import Column

INDEX, KURTOSIS, FEWEST, ZEROS = 3.0, 30.0, 200, 0.25


def run(look: Look) -> Iterator[Finding]:
    """Tail index below 3 or kurtosis above 30; a pile at an end; a code; a quarter of zeros."""
    assert look.y is not None
    assert look.task is not None
    y = np.sort(look.y)
    distinct, counts = np.unique(y, return_counts=True)
    made = Numbers(Column(look.task.target, "number"), look.y, y, distinct, counts)
    base = Finding("A522", "target_shape", "note", "", (look.task.target,))
    name = f"`{look.task.target}`"
    index, peak = hill(y - np.median(y)), kurtosis(y)
    bound = index * (1 + 2.33 / np.sqrt(0.05 * max(1, len(y))))
    if len(y) >= FEWEST and (bound < INDEX or peak > KURTOSIS):
        yield dataclasses.replace(
            base,
            severity="warn",
            what=f"{name}: a heavy tail (kurtosis {peak:.0f}, tail index {index:.1f})",
            evidence={"kurtosis": peak, "tail_index": index},
            why="a few rows decide every squared error, and no interval of it can be trusted",
            did="the mean absolute error is the default metric",
            advice="predict its logarithm, if ratios are what matters",
        )
    for value, times in coded(made):
        yield dataclasses.replace(
            base,
            severity="warn",
            what=f"{name}: {value:g} in {share_of(times, len(y))} rows, far from all others",
            evidence={"value": value, "rows": times},
            why="a code for missing that is learned as a number spoils every answer",
            did="kept",
            advice="empty these cells in the file",
            question=f"Does {value:g} in {name} mean that it is missing?",
        )
    for value, times in piles(made):
        yield dataclasses.replace(
            base,
            what=f"{name}: {share_of(times, len(y))} rows hold exactly {value:g}, where it ends",
            evidence={"value": value, "rows": times},
            why="what lies beyond the end is unknown: errors there are not real errors",
            did="kept",
            advice="leave these rows out, or ask only whether the end is reached",
        )
    zeros = int((y == 0).sum())
    if zeros >= ZEROS * len(y) and len(distinct) > 20:
        yield dataclasses.replace(
            base,
            what=f"{name}: 0 in {share_of(zeros, len(y))} rows",
            evidence={"zeros": zeros},
            why="whether there is anything and how much are two questions",
            did="predicted as one number",
            advice="two models, one for each question, may do better",
        )


def example() -> Look:
    """House values that end at 50."""
    columns = examples.noise(500)
    return examples.look(columns, np.minimum(np.round(38 + 9 * columns["x0"], 1), 50.0))


CARD = CheckCard(
    code="A522",
    question="Has the target a heavy tail, an end, a code or many zeros?",
    reads="target",
    run=run,
    example=example,
    severity="warn",
    rule="upper 99 % bound of the tail index below 3, or kurtosis above 30; a pile, a code or zeros as in the columns",
    false_alarms=0.005,
    does="the mean absolute error is the default",
    applies=applies.values,
    source="Hill 1975",
)
